// The view of quickdraw_gan: choose a word, and see what the model draws.
import { send } from "../api.js";
import { randomSeed, toSeed } from "../seed.js";
import { download } from "../widgets/file_input.js";
import { capitalise } from "../widgets/guesses.js";
import { UpscaledDrawings, fromLevels } from "../widgets/upscaled_drawing.js";
import { View, layout } from "./view.js";

export const id = "sketches";
export const title = "Sketches";
export const mount = (root) => new GenerateDrawingView(root);

const FAMILY = "quickdraw_gan";
const ENDPOINT = "generate_drawing";
const COUNTS = [1, 4, 9, 16, 25, 36, 64];
const COUNT = 16;
const STAGGER = 560; // ms from the first drawing that appears to the last one

const HTML = layout({
  heading: "Ask for something.",
  lead: "",
  sheet: '<div class="sheet drawings" id="sheet" role="img" aria-label="No drawings yet"></div>',
  tools: `
    <div class="tools" role="group" aria-label="Image tools">
      <button type="button" id="again" disabled>Draw again</button>
      <button type="button" id="save" disabled>Save the image</button>
    </div>`,
  empty: "Waiting for a word.",
  result: `
    <fieldset class="words" id="words" hidden><legend class="visually-hidden">What to draw</legend></fieldset>
    <p class="fields">
      <label>Seed <input type="text" id="seed" inputmode="numeric" pattern="[0-9]*" autocomplete="off" maxlength="10" disabled></label>
      <label>Sketches <select id="count" disabled>${COUNTS.map((count) => `<option>${count}</option>`).join("")}</select></label>
    </p>`,
});

class GenerateDrawingView extends View {
  #drawings = new UpscaledDrawings();
  #labels = [];
  #wanted = { label: "", seed: null, count: COUNT };
  #shown = null; // { label, seed, count } of the drawings that are shown

  constructor(root) {
    super(root, id, HTML);
    this.byId("count").value = COUNT;
    this.latest = this.requests({ onResponse: (response) => this.#onResponse(response), slow: "Drawing …" });
    this.on("words", "change", ({ target }) => this.#request({ label: target.value }));
    this.on("again", "click", () => this.#request({ seed: randomSeed() }));
    this.on("seed", "change", ({ target }) => this.#request({ seed: toSeed(target.value) ?? this.#wanted.seed }));
    this.on("count", "change", ({ target }) => this.#request({ count: Number(target.value) }));
    this.on("save", "click", () => this.#save());
    this.#loadModel();
  }

  apply({ label, seed, count }) {
    const known = COUNTS.includes(Number(count)) ? Number(count) : COUNT;
    this.#wanted = { label: label ?? "", seed: toSeed(seed) ?? randomSeed(), count: known };
    if (this.#labels.length) this.#request({});
  }

  async #loadModel() {
    const models = await this.loadModels([FAMILY]);
    if (!models) return;
    this.#labels = models[0].card.spec.labels;
    const words = this.byId("words");
    words.replaceChildren(words.firstElementChild, ...this.#labels.map(createWord));
    words.hidden = false;
    for (const name of ["seed", "count"]) this.byId(name).disabled = false;
    this.#shown && this.#labels.includes(this.#shown.label) ? this.#showWanted() : this.#request({});
  }

  #request(changes) {
    const { label, seed, count } = { ...this.#wanted, ...changes };
    const known = this.#labels.includes(label) ? label : this.#labels[Math.floor(Math.random() * this.#labels.length)];
    this.#wanted = { label: known, seed: seed ?? randomSeed(), count };
    this.#showWanted();
    this.latest.add({ path: ENDPOINT, json: { ...this.#wanted, as: "array" } });
  }

  #showWanted() {
    const { label, seed, count } = this.#wanted;
    for (const input of this.byId("words").querySelectorAll("input")) input.checked = input.value === label;
    this.byId("seed").value = seed;
    this.byId("count").value = count;
  }

  #onResponse({ images, label, seed, version }) {
    const count = images.length;
    this.#shown = { label, seed, count };
    const sheet = this.byId("sheet");
    sheet.style.setProperty("--columns", Math.ceil(Math.sqrt(count)));
    sheet.replaceChildren(...images.map(() => document.createElement("canvas")));
    sheet.setAttribute("aria-label", `${sketches(count)} of: ${label}`);
    this.#drawings.clear();
    images.forEach((levels, i) => this.#drawings.show(sheet.children[i], fromLevels(levels), (STAGGER * i) / count));
    this.showTitle({ above: `${sketches(count)} of`, title: capitalise(label), guess: label });
    this.byId("again").disabled = this.byId("save").disabled = false;
    this.setAddress(this.#shown);
    this.announce(`${sketches(count)} of ${label}, seed ${seed}`);
    if (!this.knows({ family: FAMILY, version })) this.#loadModel();
  }

  // The service draws the saved image again, because its file has the model, the label and the seed in its metadata.
  async #save() {
    const { label, seed, count } = this.#shown;
    try {
      const { blob } = await send({ path: ENDPOINT, json: this.#shown });
      download(blob, `${sketches(count)} of ${label}, seed ${seed}.png`);
    } catch (error) {
      this.notify(error.message);
    }
  }
}

const sketches = (count) => (count === 1 ? "1 sketch" : `${count} sketches`);

function createWord(label) {
  const word = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "label", value: label });
  word.append(input, Object.assign(document.createElement("span"), { textContent: label }));
  return word;
}
