// The models that a view needs: asked for until the service answers.
import { lineage } from "./lineage.js";
import { ask } from "./service.js";

const RETRY = 3000;

// The families' entries of GET /models, or null when the view was left meanwhile or a family has no champion.
// tell: called with the sentence that says why there is nothing to show, and with "" when there is.
export async function meet(families, tell, signal) {
  while (!signal.aborted) {
    try {
      const { models } = await ask("models", { signal });
      const found = families.map((family) => models.find((model) => model.family === family) ?? absent(family));
      const missing = found.find(({ ready }) => !ready);
      tell(missing?.reason ?? "");
      return missing ? null : found;
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
