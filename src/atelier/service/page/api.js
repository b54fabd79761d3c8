// Requests to the service. Whatever goes wrong becomes an ApiError with a message for the user.

const UNREACHABLE = "The service cannot be reached.";
const BUSY = "The service is busy just now."; // in place of BentoML's message, which is not for users

export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status; // 0: there was no response
  }

  // True if the same request may succeed later.
  get temporary() {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

// The JSON of the response, or an image as { blob, provenance }. The provenance comes from the headers.
export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new ApiError(UNREACHABLE);
  }
  if (response.ok && response.headers.get("Content-Type")?.startsWith("image/")) {
    return { blob: await response.blob(), provenance: provenanceOf(response.headers) };
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const message = [429, 504].includes(response.status) ? BUSY : body.error;
    throw new ApiError(message ?? `The service responded with status ${response.status}.`, response.status);
  }
  return body;
}

// "Atelier-Version: 3" becomes { version: "3" }.
function provenanceOf(headers) {
  const ours = [...headers].filter(([name]) => name.startsWith("atelier-"));
  return Object.fromEntries(ours.map(([name, value]) => [name.slice("atelier-".length), decodeURIComponent(value)]));
}

export const postJson = (path, body, signal) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

// parts: a list of values becomes several parts of one name; accept: the media type of the response, if the endpoint has several
export function postForm(path, parts, signal, accept = "*/*") {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) [value].flat().forEach((each) => form.append(name, each));
  return request(path, { method: "POST", headers: { Accept: accept }, body: form, signal });
}

// Sends one request at a time, and waits at least `pause` ms before the next. Of all requests that are added meanwhile
// only the last one is sent.
export class LatestRequest {
  #running = null;
  #next = null;
  #pause;
  #timer = 0;

  constructor({ onResponse, onError, pause = 60, retryAfter = 2500 }) {
    Object.assign(this, { onResponse, onError, retryAfter });
    this.#pause = pause;
  }

  // send: (signal) => Promise of the response
  add(send) {
    this.#next = send;
    this.#schedule(this.#pause);
  }

  cancel() {
    this.#next = null;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#running?.abort();
    this.#running = null;
  }

  // A running timer is not restarted. Otherwise there would be no guess while the pen keeps moving.
  #schedule(delay) {
    if (this.#running || this.#timer || !this.#next) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#send();
    }, delay);
  }

  async #send() {
    const send = this.#next;
    const running = (this.#running = new AbortController());
    this.#next = null;
    let delay = this.#pause;
    try {
      const response = await send(running.signal);
      if (this.#running === running) this.onResponse(response);
    } catch (error) {
      if (this.#running !== running) return;
      this.onError(error);
      if (error.temporary) {
        this.#next ??= send;
        delay = this.retryAfter;
      }
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.#schedule(delay);
      }
    }
  }
}
