// Requests to the service. Whatever goes wrong becomes an ApiError with a message for the user.

const SLOW = 700; // ms after which the user is told that a request is running
const UNREACHABLE = "The service cannot be reached.";
const BUSY = "The service is busy just now.";
const UNREADABLE = "The response cannot be read. Is there a proxy between this page and the service?";

export class ApiError extends Error {
  constructor(message, status = 0, worded = false) {
    super(message);
    this.status = status; // 0: there was no response
    this.worded = worded; // whether the message is that of the service
  }

  // True if the same request may succeed soon. A 503 of the service itself says that a model is missing, one of a proxy that
  // the service is starting.
  get temporary() {
    return [0, 429, 502, 504].includes(this.status) || (this.status === 503 && !this.worded);
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
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    const message = [429, 504].includes(response.status) ? BUSY : body?.error;
    throw new ApiError(message ?? `The service responded with status ${response.status}.`, response.status, Boolean(body?.error));
  }
  if (body === null) throw new ApiError(UNREADABLE, response.status);
  return body;
}

// "Atelier-Version: 3" becomes { version: "3" }.
function provenanceOf(headers) {
  const ours = [...headers].filter(([name]) => name.startsWith("atelier-"));
  return Object.fromEntries(ours.map(([name, value]) => [name.slice("atelier-".length), decodeURIComponent(value)]));
}

// Sends a request that is described as data, so that it can be sent again and shown as code:
// { path, json } or { path, form, accept: the media type of the response, if the endpoint has several }.
// form: name → text, number, boolean or { blob, name }; a list of them becomes several parts of one name.
export function send({ path, json, form, accept = "*/*" }, signal) {
  if (json) {
    const headers = { "Content-Type": "application/json" };
    return request(path, { method: "POST", headers, body: JSON.stringify(json), signal });
  }
  const body = new FormData();
  for (const [name, values] of Object.entries(form)) {
    for (const value of [values].flat()) value.blob ? body.append(name, value.blob, value.name) : body.append(name, value);
  }
  return request(path, { method: "POST", headers: { Accept: accept }, body, signal });
}

// Sends one request at a time, and waits at least `pause` ms before the next. Of all requests that are added meanwhile
// only the last one is sent. One that fails is sent again where this may help.
export class LatestRequest {
  #running = null;
  #next = null;
  #pause;
  #timer = 0;
  #failures = 0;

  // onResponse gets the response and its request; onError the error, and how many requests in a row have failed; onSend is
  // called when a request is sent, onSlow when it takes long
  constructor({ onResponse, onError, onSend = () => {}, onSlow = () => {}, pause = 60, retryAfter = 2500 }) {
    Object.assign(this, { onResponse, onError, onSend, onSlow, retryAfter });
    this.#pause = pause;
  }

  // request: see `send`
  add(request) {
    this.#next = request;
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
    const request = this.#next;
    const running = (this.#running = new AbortController());
    this.#next = null;
    let delay = this.#pause;
    const slow = setTimeout(() => this.#running === running && this.onSlow(), SLOW);
    this.onSend();
    try {
      const response = await send(request, running.signal);
      this.#failures = 0;
      if (this.#running === running) this.onResponse(response, request);
    } catch (error) {
      if (this.#running !== running) return;
      this.onError(error, ++this.#failures);
      if (error.temporary) {
        this.#next ??= request;
        delay = this.retryAfter;
      }
    } finally {
      clearTimeout(slow);
      if (this.#running === running) {
        this.#running = null;
        this.#schedule(delay);
      }
    }
  }
}
