// Talking to the service. What goes wrong becomes a Refusal with a sentence for the reader.

const GONE = "The service cannot be reached.";

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

export async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refusal(GONE);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Refusal(answer.error ?? `The service answered with status ${response.status}.`, response.status);
  }
  return answer;
}

export const postJson = (path, question, signal) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal });

export function postForm(path, parts, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.append(name, value);
  return ask(path, { method: "POST", body: form, signal });
}

// Keeps one question under way. While it is, only the newest of the further ones is remembered; the others are stale.
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
    if (!this.#running) this.#later(this.#pause);
  }

  forget() {
    this.#next = null;
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = null;
  }

  #later(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#go(), delay);
  }

  async #go() {
    const send = this.#next;
    if (!send || this.#running) return;
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
        if (this.#next) this.#later(delay);
      }
    }
  }
}
