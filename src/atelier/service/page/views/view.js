// What all views have in common: the layout, the title of the result, messages, the lineage of the models, the code for the
// last request, and the part of the address that says what is shown.
import { LatestRequest } from "../api.js";
import { loadModels } from "../api_models.js";
import { writeAddress } from "../address.js";
import { showCode } from "../widgets/code.js";
import { createLineage } from "../widgets/lineage.js";

// The HTML of a view: the workspace on the left, the result on the right. `sheet` may hold several elements, `result` is what
// stands between the title and the messages.
export const layout = ({ kind = "", heading, lead, sheet, tools = "", below = "", empty = "", result }) => `
  <section class="view ${kind}" aria-labelledby="view-title">
    <div class="workspace">
      <div class="heading"><h1 id="view-title">${heading}</h1>${lead}</div>
      ${sheet}
      ${tools}
      ${below}
    </div>
    <div class="result" aria-labelledby="result-title" role="group">
      <p class="above" id="above"></p>
      <h2 id="result-title">${empty}</h2>
      <p class="below" id="below"></p>
      ${result}
      <p class="notice" id="notice" role="status" hidden></p>
      <div class="lineages" id="lineages"></div>
      <details class="fold code" id="code" hidden><summary>Use this from code</summary><div></div></details>
    </div>
  </section>`;

export class View {
  #params = {}; // of the address

  constructor(root, id, html) {
    Object.assign(this, { root, id });
    root.innerHTML = html;
  }

  byId(name) {
    return this.root.querySelector(`#${name}`);
  }

  // False while another view is shown. The elements are kept.
  get shown() {
    return this.root.isConnected;
  }

  on(name, event, listener) {
    this.byId(name).addEventListener(event, listener);
  }

  // For events of the whole document, which are those of the view that is shown.
  onDocument(event, listener) {
    document.addEventListener(event, (details) => this.shown && listener(details));
  }

  // -- the address

  // Called each time that the view is shown, with what a link asks for; without that it shows what it did before.
  open(params) {
    if (!Object.keys(params).length) return this.setAddress(this.#params);
    this.#params = params;
    this.apply(params);
  }

  // Called when another view is shown. Views that use the camera or the like override it.
  close() {}

  // Views that can be linked to override it. params: name → text, as somebody may have typed it
  apply() {}

  setAddress(params) {
    this.#params = params;
    if (this.shown && Object.keys(params).length) writeAddress(this.id, params);
  }

  // -- the models

  // The models of the families, or null if one has no champion; the notice says why.
  async loadModels(families) {
    const models = await loadModels(families, (message) => this.notify(message));
    if (models) this.showLineages(models);
    return models;
  }

  showLineages(models) {
    const names = models.map(({ family, version }) => `${family} v${version}`);
    const lineages = this.byId("lineages");
    if (lineages.dataset.models === String(names)) return; // what the user has opened stays open
    lineages.dataset.models = String(names);
    lineages.replaceChildren(...models.map(createLineage));
  }

  // Whether these are the models that the view has loaded. If not, the service was restarted with others.
  knows(...models) {
    const known = (this.byId("lineages").dataset.models ?? "").split(",");
    return models.every(({ family, version }) => known.includes(`${family} v${version}`));
  }

  // -- requests

  // slow: what is said when a request takes long; kept: what is kept and sent again when the service cannot be reached
  requests({ onResponse, onError = () => {}, slow, kept, ...options }) {
    return new LatestRequest({
      onResponse: (response, request) => {
        this.notify("");
        this.showCode(request);
        onResponse(response, request);
      },
      onError: (error, attempts) => {
        onError(error);
        this.notifyError(error, attempts, kept);
      },
      onSlow: () => (this.byId("above").textContent = slow),
      ...options,
    });
  }

  showCode(request) {
    showCode(this.byId("code"), request);
  }

  // -- what is shown

  // guess: the label or style that the title names; without it the title only says what to do next
  showTitle({ above = "", title, guess = "", below = "" }) {
    const heading = this.byId("result-title");
    heading.textContent = title;
    guess ? heading.setAttribute("data-guess", guess) : heading.removeAttribute("data-guess");
    this.byId("above").textContent = above;
    this.byId("below").textContent = below;
  }

  // An unchanged text is not set again, because screen readers would repeat it.
  notify(message) {
    const notice = this.byId("notice");
    if (notice.textContent !== message) notice.textContent = message;
    notice.hidden = !message;
  }

  // A first "busy" is not worth a message, because the request is soon sent again.
  notifyError(error, attempts, kept) {
    if (error.status === 429 && attempts === 1) return;
    const again = kept && error.status === 0 ? ` Your ${kept} is kept and sent again.` : " Trying again …";
    this.notify(error.message + (error.temporary ? again : ""));
  }

  announce(text) {
    document.getElementById("announcer").textContent = text;
  }
}
