// The view of quickdraw_classifier: draw, and see the guesses change while drawing.
import { Guesses, capitalise, medium, say, sureness } from "../widgets/guesses.js";
import { introduce, meet } from "../api_models.js";
import { Paper } from "../widgets/drawing_pad.js";
import { limited, preview, welcomePictures } from "../widgets/file_input.js";
import { Asker, postForm, postJson } from "../api.js";

export const id = "drawing";
export const title = "Drawing";

const FAMILY = "quickdraw_classifier";
const ENDPOINT = "classify_drawing";
const QUIET = 1100; // the screen reader hears a guess once the pen has rested this long

const HTML = `
  <section class="studio" aria-labelledby="studio-title">
    <div class="easel">
      <div class="brief">
        <h1 id="studio-title">Draw something.</h1>
        <p id="idea" hidden>How about <button type="button" id="another" title="Another idea"></button>?</p>
      </div>
      <div class="sheet" id="sheet">
        <canvas id="paper" tabindex="0" role="application" aria-roledescription="drawing paper" aria-label="Paper"
          aria-describedby="keys"></canvas>
        <p class="invitation" aria-hidden="true">draw here</p>
        <p class="drop" aria-hidden="true">let go to look at it</p>
      </div>
      <div class="tools" role="group" aria-label="Drawing tools">
        <button type="button" id="undo" disabled aria-keyshortcuts="Control+Z">Undo</button>
        <button type="button" id="clear" disabled aria-keyshortcuts="Delete">Clear</button>
        <button type="button" id="open" title="Or drop one on the paper, or paste it">Open a picture</button>
        <input type="file" id="file" accept="image/*" hidden aria-label="A picture of a drawing">
      </div>
      <p class="keys" id="keys">With the keyboard: <kbd>arrows</kbd> move the pen, <kbd>shift</kbd> makes small steps,
        <kbd>space</kbd> puts it down and lifts it, <kbd>ctrl z</kbd> undoes, <kbd>delete</kbd> clears.</p>
    </div>
    <div class="label" aria-labelledby="label-title" role="group">
      <p class="sure" id="sure"></p>
      <h2 id="label-title">The model is watching.</h2>
      <p class="medium" id="medium"></p>
      <ol class="guesses" id="guesses" aria-label="Likeliest labels"></ol>
      <p class="notice" id="notice" role="status" hidden></p>
      <details class="lineage" id="lineage" hidden>
        <summary></summary>
        <dl></dl>
      </details>
    </div>
  </section>`;

export function mount(root) {
  const view = new DrawingView(root);
  return () => view.close();
}

class DrawingView {
  #gone = new AbortController(); // aborted when the view is left: takes every listener and request with it
  #heard = ""; // what the screen reader was told last
  #timers = {};
  #file = null;

  constructor(root) {
    root.innerHTML = HTML;
    this.at = (name) => root.querySelector(`#${name}`);
    this.paper = new Paper(this.at("paper"));
    this.guesses = new Guesses(this.at("guesses"));
    this.asker = new Asker({ onAnswer: (answer) => this.#answered(answer), onRefusal: (error) => this.#refused(error) });
    this.#listen();
    this.#meetModel();
  }

  close() {
    this.#gone.abort();
    this.asker.forget();
    this.paper.close();
    Object.values(this.#timers).forEach(clearTimeout);
  }

  // -- the model

  async #meetModel() {
    const found = await meet([FAMILY], (sentence) => this.#tell(sentence), this.#gone.signal);
    if (!found) return;
    introduce(this.at("lineage"), found[0]);
    this.labels = found[0].card.spec.labels;
    this.at("idea").hidden = false;
    this.#suggest();
  }

  #suggest() {
    const button = this.at("another");
    const others = this.labels.filter((label) => label !== button.textContent);
    button.textContent = others[Math.floor(Math.random() * others.length)] ?? this.labels[0];
  }

  // -- asking and answering

  #changed() {
    const { blank, strokes, picture } = this.paper;
    this.at("undo").disabled = this.at("clear").disabled = blank;
    this.at("sheet").toggleAttribute("data-used", !blank);
    if (blank) return this.#rest();
    if (picture) return;
    this.#file = null;
    this.asker.ask((signal) => postJson(ENDPOINT, { strokes }, signal));
  }

  #rest() {
    this.#file = null;
    this.asker.forget();
    clearTimeout(this.#timers.announce);
    this.guesses.show([]);
    this.at("sure").textContent = this.at("medium").textContent = "";
    this.at("label-title").textContent = "The model is watching.";
    this.at("label-title").removeAttribute("data-guess");
    this.#tell("");
  }

  #answered({ guesses, version }) {
    const [best] = guesses;
    this.#tell("");
    this.guesses.show(guesses);
    this.at("sure").textContent = sureness(best.probability);
    this.at("label-title").textContent = capitalise(best.label);
    this.at("label-title").setAttribute("data-guess", best.label);
    this.at("medium").textContent = this.#file ? "From a picture" : medium(this.paper.strokes.length);
    const summary = this.at("lineage").querySelector("summary");
    if (summary.textContent !== `${FAMILY} v${version}`) this.#meetModel(); // the service was restarted with another one
    this.#announceSoon(`${best.label}, ${say(best.probability)}`);
  }

  #refused(error) {
    const kept = error.status === 0 ? " Your drawing is kept and sent again." : "";
    if (error.status !== 429) this.#tell(error.message + kept);
  }

  #tell(sentence) {
    const notice = this.at("notice");
    if (notice.textContent !== sentence) notice.textContent = sentence;
    notice.hidden = !sentence;
  }

  #announceSoon(text) {
    clearTimeout(this.#timers.announce);
    this.#timers.announce = setTimeout(() => this.#announce(text), QUIET);
  }

  #announce(text) {
    if (text === this.#heard) return;
    this.#heard = text;
    document.getElementById("announcer").textContent = text;
  }

  async #look(file) {
    const picture = await preview(file);
    this.asker.forget();
    this.paper.show(picture);
    this.guesses.show([]);
    this.#file = file;
    this.asker.ask((signal) => postForm(ENDPOINT, { image: file }, signal));
  }

  // -- events

  #listen() {
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.#gone.signal });
    on(this.paper, "change", () => this.#changed());
    on(this.paper, "pendown", () => this.#announce("Pen down"));
    on(this.paper, "penup", () => this.#announce("Pen lifted"));
    on(this.at("undo"), "click", () => this.paper.undo());
    on(this.at("clear"), "click", () => this.paper.clear());
    on(this.at("another"), "click", () => this.#suggest());
    on(document, "keydown", (event) => this.#shortcut(event));
    const look = limited((file) => this.#look(file), (sentence) => this.#tell(sentence));
    const place = { button: this.at("open"), input: this.at("file"), zone: this.at("sheet"), look };
    welcomePictures([place], this.#gone.signal);
  }

  #shortcut(event) {
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.paper.undo();
    else if (event.key === "Delete") this.paper.clear();
    else return;
    event.preventDefault();
  }
}
