// The view of quickdraw_gan: pick a word, and see what the model draws.
import { capitalise } from "../widgets/guesses.js";
import { introduce, meet } from "../api_models.js";
import { save } from "../widgets/file_input.js";
import { Asker, postJson } from "../api.js";
import { Prints, fromLevels } from "../widgets/upscaled_drawing.js";

export const id = "sketches";
export const title = "Sketches";

const FAMILY = "quickdraw_gan";
const ENDPOINT = "generate_drawing";
const COUNT = 16;

const HTML = `
  <section class="studio" aria-labelledby="sketches-title">
    <div class="easel">
      <div class="brief">
        <h1 id="sketches-title">Ask for something.</h1>
        <p id="seed"></p>
      </div>
      <div class="sheet prints" id="sheet" role="img" aria-label="Empty paper"></div>
      <div class="tools" role="group" aria-label="Sheet tools">
        <button type="button" id="again" disabled>Draw again</button>
        <button type="button" id="save" disabled>Save the sheet</button>
      </div>
    </div>
    <div class="label" aria-labelledby="label-title" role="group">
      <p class="sure" id="sure"></p>
      <h2 id="label-title">The model waits for a word.</h2>
      <fieldset class="words" id="words" hidden><legend class="unseen">What to draw</legend></fieldset>
      <p class="notice" id="notice" role="status" hidden></p>
      <details class="lineage" id="lineage" hidden>
        <summary></summary>
        <dl></dl>
      </details>
    </div>
  </section>`;

export function mount(root) {
  const view = new SketchesView(root);
  return () => view.close();
}

class SketchesView {
  #gone = new AbortController();
  #prints = new Prints();
  #shown = null; // the answer on the sheet
  #label = "";

  constructor(root) {
    root.innerHTML = HTML;
    this.at = (name) => root.querySelector(`#${name}`);
    this.asker = new Asker({ onAnswer: (answer) => this.#answered(answer), onRefusal: (error) => this.#tell(error.message) });
    const on = (name, event, act) => this.at(name).addEventListener(event, act, { signal: this.#gone.signal });
    on("words", "change", ({ target }) => this.#ask(target.value));
    on("again", "click", () => this.#ask(this.#label));
    on("save", "click", () => this.#save());
    this.#meetModel();
  }

  close() {
    this.#gone.abort();
    this.asker.forget();
    this.#prints.close();
  }

  async #meetModel() {
    const found = await meet([FAMILY], (sentence) => this.#tell(sentence), this.#gone.signal);
    if (!found) return;
    const [model] = found;
    const { labels } = model.card.spec;
    introduce(this.at("lineage"), model);
    if (!labels.includes(this.#label)) this.#ask(labels[Math.floor(Math.random() * labels.length)]);
    this.at("words").replaceChildren(this.at("words").firstElementChild, ...labels.map((label) => this.#word(label)));
    this.at("words").hidden = false;
  }

  #word(label) {
    const word = document.createElement("label");
    const choice = Object.assign(document.createElement("input"), { type: "radio", name: "label", value: label });
    choice.checked = label === this.#label;
    word.append(choice, Object.assign(document.createElement("span"), { textContent: label }));
    return word;
  }

  #ask(label) {
    this.#label = label;
    this.asker.ask((signal) => postJson(ENDPOINT, { label, count: COUNT, as: "array" }, signal));
  }

  #answered(answer) {
    this.#tell("");
    this.#shown = answer;
    const sheet = this.at("sheet");
    sheet.replaceChildren(...answer.images.map(() => document.createElement("canvas")));
    sheet.setAttribute("aria-label", `${COUNT} drawings of: ${answer.label}`);
    this.#prints.clear();
    answer.images.forEach((levels, i) => {
      this.#prints.show(sheet.children[i], fromLevels(levels), 35 * i);
    });
    this.at("sure").textContent = `${COUNT} drawings of`;
    this.at("label-title").textContent = capitalise(answer.label);
    this.at("label-title").setAttribute("data-guess", answer.label);
    this.at("seed").textContent = `Seed ${answer.seed}`;
    this.at("again").disabled = this.at("save").disabled = false;
    document.getElementById("announcer").textContent = `${COUNT} drawings of ${answer.label}, seed ${answer.seed}`;
    const summary = this.at("lineage").querySelector("summary");
    if (summary.textContent !== `${FAMILY} v${answer.version}`) this.#meetModel(); // the service was restarted
  }

  // The sheet as the service draws it: a file that says which model, label and seed it came from.
  async #save() {
    const { label, seed } = this.#shown;
    try {
      const { blob } = await postJson(ENDPOINT, { label, seed, count: COUNT }, this.#gone.signal);
      save(blob, `${label} ${seed}.png`);
    } catch (error) {
      if (error.name !== "AbortError") this.#tell(error.message);
    }
  }

  #tell(sentence) {
    const notice = this.at("notice");
    if (notice.textContent !== sentence) notice.textContent = sentence;
    notice.hidden = !sentence;
  }
}
