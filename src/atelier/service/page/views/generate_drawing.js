// The view of quickdraw_gan: choose a word, and see what the model draws.
import { LatestRequest, postJson } from "../api.js";
import { loadModels } from "../api_models.js";
import { download } from "../widgets/file_input.js";
import { capitalise } from "../widgets/guesses.js";
import { showLineage } from "../widgets/lineage.js";
import { showNotice } from "../widgets/notice.js";
import { UpscaledDrawings, fromLevels } from "../widgets/upscaled_drawing.js";

export const id = "sketches";
export const title = "Sketches";
export const keep = true;

const FAMILY = "quickdraw_gan";
const ENDPOINT = "generate_drawing";
const COUNT = 16;

const HTML = `
  <section class="view" aria-labelledby="view-title">
    <div class="workspace">
      <div class="heading">
        <h1 id="view-title">Ask for something.</h1>
        <p id="seed"></p>
      </div>
      <div class="sheet drawings" id="sheet" role="img" aria-label="No drawings yet"></div>
      <div class="tools" role="group" aria-label="Image tools">
        <button type="button" id="again" disabled>Draw again</button>
        <button type="button" id="save" disabled>Save the image</button>
      </div>
    </div>
    <div class="result" aria-labelledby="result-title" role="group">
      <p class="above" id="above"></p>
      <h2 id="result-title">Waiting for a word.</h2>
      <fieldset class="words" id="words" hidden><legend class="visually-hidden">What to draw</legend></fieldset>
      <p class="notice" id="notice" role="status" hidden></p>
      <details class="lineage" id="lineage" hidden>
        <summary></summary>
        <dl></dl>
      </details>
    </div>
  </section>`;

export function mount(root) {
  new GenerateDrawingView(root);
  return () => {};
}

class GenerateDrawingView {
  #drawings = new UpscaledDrawings();
  #shown = null; // the response that is shown
  #label = "";

  constructor(root) {
    root.innerHTML = HTML;
    this.byId = (name) => root.querySelector(`#${name}`);
    this.requests = new LatestRequest({
      onResponse: (response) => this.#onResponse(response),
      onError: (error) => this.#notify(error.message + (error.temporary ? " Trying again …" : "")),
      onSlow: () => (this.byId("above").textContent = "Drawing …"),
    });
    const on = (name, event, listener) => this.byId(name).addEventListener(event, listener);
    on("words", "change", ({ target }) => this.#request(target.value));
    on("again", "click", () => this.#request(this.#label));
    on("save", "click", () => this.#save());
    this.#loadModel();
  }

  async #loadModel() {
    const models = await loadModels([FAMILY], (message) => this.#notify(message));
    if (!models) return;
    const [model] = models;
    const { labels } = model.card.spec;
    showLineage(this.byId("lineage"), model);
    if (!labels.includes(this.#label)) this.#request(labels[Math.floor(Math.random() * labels.length)]);
    const words = this.byId("words");
    words.replaceChildren(words.firstElementChild, ...labels.map((label) => this.#createWord(label)));
    words.hidden = false;
  }

  #createWord(label) {
    const word = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "label", value: label });
    input.checked = label === this.#label;
    word.append(input, Object.assign(document.createElement("span"), { textContent: label }));
    return word;
  }

  #request(label) {
    this.#label = label;
    this.requests.add((signal) => postJson(ENDPOINT, { label, count: COUNT, as: "array" }, signal));
  }

  #onResponse(response) {
    this.#notify("");
    this.#shown = response;
    const sheet = this.byId("sheet");
    sheet.replaceChildren(...response.images.map(() => document.createElement("canvas")));
    sheet.setAttribute("aria-label", `${COUNT} drawings of: ${response.label}`);
    this.#drawings.clear();
    response.images.forEach((levels, i) => {
      this.#drawings.show(sheet.children[i], fromLevels(levels), 35 * i);
    });
    this.byId("above").textContent = `${COUNT} drawings of`;
    this.byId("result-title").textContent = capitalise(response.label);
    this.byId("result-title").setAttribute("data-guess", response.label);
    this.byId("seed").textContent = `Seed ${response.seed}`;
    this.byId("again").disabled = this.byId("save").disabled = false;
    document.getElementById("announcer").textContent = `${COUNT} drawings of ${response.label}, seed ${response.seed}`;
    const summary = this.byId("lineage").querySelector("summary");
    if (summary.textContent !== `${FAMILY} v${response.version}`) this.#loadModel(); // the service has a new version
  }

  // The service draws the saved image again, because its file has the model, the label and the seed in its metadata.
  async #save() {
    const { label, seed } = this.#shown;
    try {
      const { blob } = await postJson(ENDPOINT, { label, seed, count: COUNT });
      download(blob, `${label} ${seed}.png`);
    } catch (error) {
      this.#notify(error.message);
    }
  }

  #notify(message) {
    showNotice(this.byId("notice"), message);
  }
}
