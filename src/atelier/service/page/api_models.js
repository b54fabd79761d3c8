// GET /models: the models that a view needs.
import { request } from "./api.js";

const RETRY = 3000;

// The entries of these families, or null if the view was closed or a family has no champion.
// notify: called with the reason if a family has no champion, and with "" if all have one
export async function loadModels(families, notify, signal) {
  const models = await retry(() => modelEntries(families, signal), notify, signal);
  if (!models) return null;
  const missing = models.find(({ ready }) => !ready);
  notify(missing?.reason ?? "");
  return missing ? null : models;
}

// The entries of these families, with a champion or with the reason why there is none.
export async function modelEntries(families, signal) {
  const { models } = await request("models", { signal });
  return families.map((family) => models.find((model) => model.family === family) ?? notServed(family));
}

// The response of `call`, which is called again until it succeeds; null if the view was closed.
export async function retry(call, notify, signal) {
  while (!signal?.aborted) {
    try {
      return await call();
    } catch (error) {
      if (error.name === "AbortError") return null;
      notify(error.message);
      await new Promise((done) => setTimeout(done, RETRY));
    }
  }
  return null;
}

// The response of `call`, which is called again as long as the service is busy or cannot be reached; null if it was canceled.
// notify: called with the error and how many there were. Other errors are thrown.
export async function retryWhileBusy(call, notify, signal) {
  for (let attempts = 1; !signal.aborted; attempts++) {
    try {
      return await call();
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!error.temporary) throw error;
      notify(error, attempts);
      await new Promise((done) => setTimeout(done, RETRY));
    }
  }
  return null;
}

const notServed = (family) => ({ family, ready: false, reason: `${family} is not served here.` });
