// Talking to the service. What goes wrong becomes a Refusal with a sentence for the reader.

const GONE = "The service cannot be reached.";
const BUSY = "The service is busy just now."; // BentoML's own words mean nothing to a reader

export class Refusal extends Error {
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status; // 0: no answer at all
  }

  // Worth asking again without changing anything.
  get passing() {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

// The answer's JSON, or a picture as { blob, origin }, origin being what its headers say about where it comes from.
export async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refusal(GONE);
  }
  if (response.ok && response.headers.get("Content-Type")?.startsWith("image/")) {
    return { blob: await response.blob(), origin: originOf(response.headers) };
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const sentence = [429, 504].includes(response.status) ? BUSY : answer.error;
    throw new Refusal(sentence ?? `The service answered with status ${response.status}.`, response.status);
  }
  return answer;
}

// "Atelier-Version: 3" becomes { version: "3" }.
function originOf(headers) {
  const ours = [...headers].filter(([name]) => name.startsWith("atelier-"));
  return Object.fromEntries(ours.map(([name, value]) => [name.slice("atelier-".length), decodeURIComponent(value)]));
}

export const postJson = (path, question, signal) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal });

// accept: the type of the answer, where the service knows several
export function postForm(path, parts, signal, accept = "*/*") {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.append(name, value);
  return ask(path, { method: "POST", headers: { Accept: accept }, body: form, signal });
}

// Keeps one question under way and sends the next at most once a pause, however often it is asked: what came in since is
// stale but for the newest, which is always sent.
export class Asker {
  #running = null;
  #next = null;
  #pause;
  #timer = 0;

  constructor({ onAnswer, onRefusal, pause = 60, retryAfter = 2500 }) {
    Object.assign(this, { onAnswer, onRefusal, retryAfter });
    this.#pause = pause;
  }

  // send: (signal) => Promise of the answer
  ask(send) {
    this.#next = send;
    this.#arm(this.#pause);
  }

  forget() {
    this.#next = null;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#running?.abort();
    this.#running = null;
  }

  // A timer that runs is left alone: putting it off at every move of the pen would keep the guess waiting for its end.
  #arm(delay) {
    if (this.#running || this.#timer || !this.#next) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#go();
    }, delay);
  }

  async #go() {
    const send = this.#next;
    const running = (this.#running = new AbortController());
    this.#next = null;
    let delay = this.#pause;
    try {
      const answer = await send(running.signal);
      if (this.#running === running) this.onAnswer(answer);
    } catch (error) {
      if (this.#running !== running) return;
      this.onRefusal(error);
      if (error.passing) {
        this.#next ??= send;
        delay = this.retryAfter;
      }
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.#arm(delay);
      }
    }
  }
}
