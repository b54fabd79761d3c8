// The models that a view needs.
import { lineage } from "./widgets/lineage.js";
import { ask } from "./api.js";

const RETRY = 3000;

// The families' entries of GET /models, or null when the view was left meanwhile or a family has no champion.
// tell: called with the sentence that says why there is nothing to show, and with "" when there is.
export async function meet(families, tell, signal) {
  const found = await persist(() => entries(families, signal), tell, signal);
  if (!found) return null;
  const missing = found.find(({ ready }) => !ready);
  tell(missing?.reason ?? "");
  return missing ? null : found;
}

// The families' entries of GET /models, with a champion or with the reason why there is none.
export async function entries(families, signal) {
  const { models } = await ask("models", { signal });
  return families.map((family) => models.find((model) => model.family === family) ?? absent(family));
}

// What `send` answers, asked again until the service does; null when the view was left meanwhile.
export async function persist(send, tell, signal) {
  while (!signal.aborted) {
    try {
      return await send();
    } catch (error) {
      if (error.name === "AbortError") return null;
      tell(error.message);
      await new Promise((done) => setTimeout(done, RETRY));
    }
  }
  return null;
}

const absent = (family) => ({ family, ready: false, reason: `${family} is not served here.` });

// Fill a <details class="lineage"> with where a model comes from.
export function introduce(details, model) {
  details.querySelector("summary").textContent = `${model.family} v${model.version}`;
  details.querySelector("dl").innerHTML = lineage(model);
  details.hidden = false;
}
