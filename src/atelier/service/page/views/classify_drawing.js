// The view of quickdraw_classifier: draw, and see the guesses change while you draw.
import { LatestRequest, postForm, postJson } from "../api.js";
import { loadModels } from "../api_models.js";
import { DrawingPad } from "../widgets/drawing_pad.js";
import { listenForFiles, preview, withSizeLimit } from "../widgets/file_input.js";
import { GuessList, capitalise, certainty, enumerate, formatProbability, strokeCount } from "../widgets/guesses.js";
import { showLineage } from "../widgets/lineage.js";
import { showNotice } from "../widgets/notice.js";

export const id = "drawing";
export const title = "Drawing";
export const keep = true;

const FAMILY = "quickdraw_classifier";
const ENDPOINT = "classify_drawing";
const REST = 1100; // ms without a new guess before a screen reader announces the last one
const EMPTY = "Waiting for a drawing.";

const HTML = `
  <section class="view" aria-labelledby="view-title">
    <div class="workspace">
      <div class="heading">
        <h1 id="view-title">Draw something.</h1>
        <p id="idea" hidden>How about <button type="button" id="another" title="Another idea"></button>?</p>
      </div>
      <div class="sheet" id="sheet">
        <canvas id="pad" tabindex="0" role="application" aria-roledescription="drawing pad" aria-label="Drawing pad"
          aria-describedby="keys"></canvas>
        <p class="hint" aria-hidden="true">draw here</p>
        <p class="drop-hint" aria-hidden="true">drop the image here</p>
      </div>
      <div class="tools" role="group" aria-label="Drawing tools">
        <button type="button" id="undo" disabled aria-keyshortcuts="Control+Z">Undo</button>
        <button type="button" id="clear" disabled aria-keyshortcuts="Delete">Clear</button>
        <button type="button" id="open" title="Or drop one on the drawing pad, or paste it">Open an image</button>
        <input type="file" id="file" accept="image/*" hidden aria-label="An image of a drawing">
      </div>
      <p class="keys" id="keys">With the keyboard: <kbd>arrows</kbd> move the pen, <kbd>shift</kbd> makes small steps,
        <kbd>space</kbd> starts and ends a stroke, <kbd>ctrl z</kbd> undoes, <kbd>delete</kbd> clears.</p>
    </div>
    <div class="result" aria-labelledby="result-title" role="group">
      <p class="above" id="above"></p>
      <h2 id="result-title">${EMPTY}</h2>
      <p class="below" id="below"></p>
      <ol class="guesses" id="guesses" aria-label="Most likely labels"></ol>
      <p class="notice" id="notice" role="status" hidden></p>
      <details class="lineage" id="lineage" hidden>
        <summary></summary>
        <dl></dl>
      </details>
    </div>
  </section>`;

export function mount(root) {
  new ClassifyDrawingView(root);
  return () => {};
}

class ClassifyDrawingView {
  #announced = ""; // the last text for the screen reader
  #timers = {};
  #file = null;

  constructor(root) {
    this.root = root;
    root.innerHTML = HTML;
    this.byId = (name) => root.querySelector(`#${name}`);
    this.pad = new DrawingPad(this.byId("pad"));
    this.guesses = new GuessList(this.byId("guesses"));
    this.requests = new LatestRequest({
      onResponse: (response) => this.#onResponse(response),
      onError: (error, attempts) => this.#onError(error, attempts),
      onSlow: () => (this.byId("above").textContent = "Looking …"),
    });
    this.#listen();
    this.#loadModel();
  }

  // -- the model

  async #loadModel() {
    const models = await loadModels([FAMILY], (message) => this.#notify(message));
    if (!models) return;
    showLineage(this.byId("lineage"), models[0]);
    this.labels = models[0].card.spec.labels;
    this.byId("idea").hidden = false;
    this.#suggest();
  }

  #suggest() {
    const button = this.byId("another");
    const others = this.labels.filter((label) => label !== button.textContent);
    button.textContent = others[Math.floor(Math.random() * others.length)] ?? this.labels[0];
  }

  // -- requests and responses

  #onChange() {
    const { blank, strokes, image } = this.pad;
    this.byId("undo").disabled = this.byId("clear").disabled = blank;
    this.byId("sheet").toggleAttribute("data-used", !blank);
    if (blank) return this.#reset();
    if (image) return;
    this.#file = null;
    this.requests.add((signal) => postJson(ENDPOINT, { strokes }, signal));
  }

  #reset() {
    this.#file = null;
    this.requests.cancel();
    clearTimeout(this.#timers.announce);
    this.guesses.show([]);
    this.byId("above").textContent = this.byId("below").textContent = "";
    this.byId("result-title").textContent = EMPTY;
    this.byId("result-title").removeAttribute("data-guess");
    this.#notify("");
  }

  #onResponse({ guesses, version, unsure }) {
    const [best] = guesses;
    this.#notify("");
    this.guesses.show(guesses);
    this.byId("above").textContent = unsure ? "I don’t know this one" : certainty(best.probability);
    this.byId("result-title").textContent = unsure ? "Something else?" : capitalise(best.label);
    this.byId("result-title").setAttribute("data-guess", unsure ? "" : best.label);
    const source = this.#file ? "From an image" : strokeCount(this.pad.strokes.length);
    this.byId("below").textContent = unsure ? `I know: ${enumerate(this.labels ?? [])}.` : source;
    const summary = this.byId("lineage").querySelector("summary");
    if (summary.textContent !== `${FAMILY} v${version}`) this.#loadModel(); // the service has a new version
    this.#announceSoon(unsure ? "I don’t know this one" : `${best.label}, ${formatProbability(best.probability)}`);
  }

  #onError(error, attempts) {
    const kept = error.status === 0 ? " Your drawing is kept and sent again." : error.status === 429 ? " Trying again …" : "";
    if (error.status !== 429 || attempts > 1) this.#notify(error.message + kept);
  }

  #notify(message) {
    showNotice(this.byId("notice"), message);
  }

  #announceSoon(text) {
    clearTimeout(this.#timers.announce);
    this.#timers.announce = setTimeout(() => this.#announce(text), REST);
  }

  #announce(text) {
    if (text === this.#announced) return;
    this.#announced = text;
    document.getElementById("announcer").textContent = text;
  }

  async #openFile(file) {
    const image = await preview(file);
    this.requests.cancel();
    this.pad.show(image);
    this.guesses.show([]);
    this.#file = file;
    this.requests.add((signal) => postForm(ENDPOINT, { image: file }, signal));
  }

  // -- events

  #listen() {
    const on = (target, name, listener) => target.addEventListener(name, listener);
    on(this.pad, "change", () => this.#onChange());
    on(this.pad, "pendown", () => this.#announce("Pen down"));
    on(this.pad, "penup", () => this.#announce("Pen lifted"));
    on(this.byId("undo"), "click", () => this.pad.undo());
    on(this.byId("clear"), "click", () => this.pad.clear());
    on(this.byId("another"), "click", () => this.#suggest());
    on(document, "keydown", (event) => this.#onKey(event));
    const onFile = withSizeLimit((file) => this.#openFile(file), (message) => this.#notify(message));
    const target = { button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFile };
    listenForFiles([target]);
  }

  #onKey(event) {
    if (!this.root.isConnected) return; // another view is shown
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.pad.undo();
    else if (event.key === "Delete") this.pad.clear();
    else return;
    event.preventDefault();
  }
}
