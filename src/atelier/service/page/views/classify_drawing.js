// The view of quickdraw_classifier: draw, and see the guesses change while you draw.
import { DrawingPad } from "../widgets/drawing_pad.js";
import { download, listenForFiles, preview, withSizeLimit } from "../widgets/file_input.js";
import { GuessList, capitalise, certainty, enumerate, formatProbability, strokeCount } from "../widgets/guesses.js";
import { View, layout } from "./view.js";

export const id = "drawing";
export const title = "Drawing";
export const mount = (root) => new ClassifyDrawingView(root);

const FAMILY = "quickdraw_classifier";
const ENDPOINT = "classify_drawing";
const REST = 1100; // ms without a new guess before a screen reader announces the last one
const EMPTY = "Waiting for a drawing.";
const UNSURE = "I don’t know this one";

const HTML = layout({
  heading: "Draw something.",
  lead: '<p id="idea" hidden>How about <button type="button" id="another" title="Another idea"></button>?</p>',
  sheet: `
    <div class="sheet" id="sheet">
      <canvas id="pad" tabindex="0" role="application" aria-roledescription="drawing pad" aria-label="Drawing pad"
        aria-describedby="keys"></canvas>
      <p class="hint" aria-hidden="true">draw here</p>
      <p class="drop-hint" aria-hidden="true">drop the image here</p>
    </div>`,
  tools: `
    <div class="tools" role="group" aria-label="Drawing tools">
      <button type="button" id="undo" disabled aria-keyshortcuts="Control+Z">Undo</button>
      <button type="button" id="clear" disabled aria-keyshortcuts="Delete">Clear</button>
      <button type="button" id="save" disabled>Save</button>
      <button type="button" id="open" title="Or drop one on the drawing pad, or paste it">Open an image</button>
      <input type="file" id="file" accept="image/*" hidden aria-label="An image of a drawing">
    </div>`,
  below: `
    <p class="keys" id="keys">With the keyboard: <kbd>arrows</kbd> move the pen, <kbd>shift</kbd> makes small steps,
      <kbd>space</kbd> starts and ends a stroke, <kbd>ctrl z</kbd> undoes, <kbd>delete</kbd> clears.</p>`,
  empty: EMPTY,
  result: '<ol class="guesses" id="guesses" aria-label="Most likely labels"></ol>',
});

class ClassifyDrawingView extends View {
  #announced = ""; // the last text for the screen reader
  #timer = 0;
  #file = null;
  #labels = [];
  #best = ""; // the label that is shown

  constructor(root) {
    super(root, id, HTML);
    this.pad = new DrawingPad(this.byId("pad"));
    this.guesses = new GuessList(this.byId("guesses"));
    this.latest = this.requests({ onResponse: (response) => this.#onResponse(response), slow: "Looking …", kept: "drawing" });
    this.#listen();
    this.#loadModel();
  }

  // -- the model

  async #loadModel() {
    const models = await this.loadModels([FAMILY]);
    if (!models) return;
    this.#labels = models[0].card.spec.labels;
    this.byId("idea").hidden = false;
    this.#suggest();
  }

  #suggest() {
    const button = this.byId("another");
    const others = this.#labels.filter((label) => label !== button.textContent);
    button.textContent = others[Math.floor(Math.random() * others.length)] ?? this.#labels[0];
  }

  // -- requests and responses

  #onChange() {
    const { blank, strokes, image } = this.pad;
    for (const name of ["undo", "clear", "save"]) this.byId(name).disabled = blank;
    this.byId("sheet").toggleAttribute("data-used", !blank);
    if (blank) return this.#reset();
    if (image) return;
    this.#file = null;
    this.latest.add({ path: ENDPOINT, json: { strokes } });
  }

  #reset() {
    this.#file = null;
    this.#best = "";
    this.latest.cancel();
    clearTimeout(this.#timer);
    this.guesses.show([]);
    this.showTitle({ title: EMPTY });
    this.notify("");
  }

  #onResponse({ guesses, version, unsure }) {
    const [best] = guesses;
    this.#best = unsure ? "" : best.label;
    this.guesses.show(guesses);
    if (unsure) this.showTitle({ title: `${UNSURE}.`, below: `I know: ${enumerate(this.#labels)}.` });
    else this.showTitle({ above: certainty(best.probability), title: capitalise(best.label), guess: best.label, below: this.#source });
    if (!this.knows({ family: FAMILY, version })) this.#loadModel();
    this.#announceSoon(unsure ? UNSURE : `${best.label}, ${formatProbability(best.probability)}`);
  }

  get #source() {
    return this.#file ? "From an image" : strokeCount(this.pad.strokes.length);
  }

  #announceSoon(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#announce(text), REST);
  }

  #announce(text) {
    if (text === this.#announced) return;
    this.#announced = text;
    this.announce(text);
  }

  async #openFile(file) {
    const image = await preview(file);
    this.latest.cancel();
    this.pad.show(image);
    this.guesses.show([]);
    this.#file = file;
    this.latest.add({ path: ENDPOINT, form: { image: { blob: file, name: file.name || "drawing.png" } } });
  }

  // -- events

  #listen() {
    const onPad = (event, listener) => this.pad.addEventListener(event, listener);
    onPad("change", () => this.#onChange());
    onPad("pendown", () => this.#announce("Pen down"));
    onPad("penup", () => this.#announce("Pen lifted"));
    this.on("undo", "click", () => this.pad.undo());
    this.on("clear", "click", () => this.pad.clear());
    this.on("save", "click", () => this.#save());
    this.on("another", "click", () => this.#suggest());
    this.onDocument("keydown", (event) => this.#onKey(event));
    const onFile = withSizeLimit((file) => this.#openFile(file), (message) => this.notify(message));
    listenForFiles([{ button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFile }]);
  }

  async #save() {
    download(await this.pad.toPng(), `${this.#best ? `drawing of ${this.#best}` : "drawing"}.png`);
  }

  #onKey(event) {
    if (event.target.matches("input, textarea")) return;
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.pad.undo();
    else if (event.key === "Delete") this.pad.clear();
    else return;
    event.preventDefault();
  }
}
