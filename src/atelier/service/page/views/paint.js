// The view of fast_style and arbitrary_style: bring a photo, choose a style, and see it painted.
import { Camera } from "../widgets/camera.js";
import { Compare } from "../widgets/before_after.js";
import { capitalise } from "../widgets/guesses.js";
import { introduce, persist } from "../api_models.js";
import { HTML } from "./paint_html.js";
import { open } from "../widgets/photo.js";
import { save, welcomePictures } from "../widgets/file_input.js";
import { Asker } from "../api.js";
import { Styles } from "../widgets/style_picker.js";
import { paint, painters } from "../api_stylize.js";

export const id = "paint";
export const title = "Paint";

const PAUSE = 150; // ms before the next painting, while a slider moves
const UNPAINTED = "Not painted.";

export function mount(root) {
  const view = new PaintView(root);
  return () => view.close();
}

class PaintView {
  #gone = new AbortController(); // aborted when the view is left: takes every listener and request with it
  #models = [];
  #why = ""; // what the reader has to know of models that are not there
  #photo = null; // as photo.js makes it
  #painting = null; // { blob, origin, style } that is seen
  #opened = {}; // what the reader brought last: of two pictures that are being opened, only that is taken

  constructor(root) {
    root.innerHTML = HTML;
    this.at = (name) => root.querySelector(`#${name}`);
    const refuse = (sentence) => this.#tell(sentence);
    const { signal } = this.#gone;
    this.compare = new Compare(this.at("compare"), signal);
    this.styles = new Styles(this.at("styles"));
    this.camera = new Camera({ at: this.at, look: (photo) => this.#bring("photo", photo), refuse, signal });
    this.asker = new Asker({ onAnswer: (answer) => this.#answered(answer), onRefusal: (error) => this.#refused(error), pause: PAUSE });
    this.#listen(signal);
    this.#head();
    this.#meetModels(signal);
  }

  close() {
    this.#gone.abort();
    this.asker.forget();
    this.camera.stop();
    this.compare.clear();
    this.styles.close();
  }

  #listen(signal) {
    const on = (name, event, act) => this.at(name).addEventListener(event, act, { signal });
    const photo = (file) => this.#bring("photo", open(file));
    const style = (file) => (this.at("own").disabled ? this.#tell(this.#why) : this.#bring("style", open(file)));
    const [sheet, styles] = [this.at("sheet"), this.at("styles")];
    welcomePictures(
      [
        { button: this.at("open"), input: this.at("file"), zone: sheet, look: photo },
        { button: this.at("own"), input: this.at("painting"), zone: styles, look: style },
      ],
      signal,
    );
    on("shot", "change", ({ target }) => target.files[0] && photo(target.files[0]));
    for (const name of ["styles", "strength", "colours"]) on(name, "input", () => this.#ask());
    on("save", "click", () => this.#save());
  }

  async #meetModels(signal) {
    const found = await persist(() => painters(signal), (sentence) => this.#tell((this.#why = sentence)), signal);
    if (!found) return;
    this.#models = found.models;
    this.#why = found.why;
    const none = found.models.length === 0;
    this.#clearNotice();
    this.at("missing").textContent = none ? "" : found.why;
    for (const name of ["open", "camera", "strength", "colours"]) this.at(name).disabled = none;
    this.at("own").disabled = !found.own;
    this.styles.show(found.styles);
    this.#introduce(this.#painting?.origin.family);
    if (!this.#painting) this.#ask();
  }

  // kind: "photo" or "style"; opening: promises the picture
  async #bring(kind, opening) {
    this.#opened[kind] = opening;
    try {
      const picture = await opening;
      if (this.#opened[kind] !== opening || this.#gone.signal.aborted) return;
      this.#clearNotice();
      kind === "style" ? this.styles.bring(picture) : this.#show(picture);
      this.#ask();
    } catch (error) {
      if (this.#opened[kind] === opening && !this.#gone.signal.aborted) this.#tell(error.message);
    }
  }

  #show(photo) {
    this.camera.stop();
    this.asker.forget();
    this.#busy(false);
    this.#photo = photo;
    this.#painting = null;
    this.at("save").disabled = true;
    this.compare.begin(photo);
  }

  #ask() {
    const percent = `${this.at("strength").value} %`;
    this.at("percent").textContent = percent;
    this.at("strength").setAttribute("aria-valuetext", percent);
    const { chosen } = this.styles;
    if (!this.#painting) this.#head();
    if (!this.#photo || !chosen) return;
    const [photo, strength, keep] = [this.#photo, this.at("strength").value / 100, this.at("colours").checked];
    this.asker.ask(async (signal) => {
      this.#busy(true);
      return { ...(await paint(photo, chosen, strength, keep, signal)), style: chosen.name };
    });
  }

  async #answered(painting) {
    const { blob, origin, style } = painting;
    const { from } = this.#photo;
    this.#painting = painting;
    this.#busy(false);
    this.#tell("");
    this.#head(style);
    this.at("save").disabled = false;
    const size = await this.compare.paint(blob, `Painted in the style of ${style}`);
    if (!size) return;
    const scaled = size.width < from.width ? `, scaled down from ${pixels(from)}` : "";
    this.at("medium").textContent = `${pixels(size)} pixels${scaled}`;
    document.getElementById("announcer").textContent = `Painted in the style of ${style}`;
    const known = this.#models.some(({ family, version }) => family === origin.family && version === origin.version);
    known ? this.#introduce(origin.family) : this.#meetModels(this.#gone.signal); // the service was restarted
  }

  #refused(error) {
    this.#busy(false);
    if (!error.passing && !this.#painting) this.at("label-title").textContent = UNPAINTED;
    this.#tell(error.message + (error.status === 0 ? " Your photo is kept and sent again." : ""));
  }

  #introduce(family) {
    const model = this.#models.find((each) => each.family === family) ?? this.#models[0];
    if (model) introduce(this.at("lineage"), model);
  }

  // -- what is seen

  #busy(busy) {
    this.at("progress").hidden = !busy;
    this.at("sheet").setAttribute("aria-busy", busy);
    this.at("sure").textContent = busy ? "Painting …" : this.#painting ? "In the style of" : "";
  }

  // Without a style: what comes next.
  #head(style) {
    const head = this.at("label-title");
    head.textContent = style ? capitalise(style) : this.#next;
    style ? head.setAttribute("data-guess", style) : head.removeAttribute("data-guess");
    if (!style) this.at("sure").textContent = this.at("medium").textContent = "";
  }

  get #next() {
    if (!this.#photo) return "The painter waits for a photo.";
    if (this.styles.chosen) return "One moment.";
    if (!this.at("own").disabled) return "Now bring a style image.";
    return this.#why ? UNPAINTED : "One moment."; // without a reason yet, the models are still asked for
  }

  // Without any model the reason stays: the reader cannot do anything here.
  #clearNotice() {
    this.#tell(this.#models.length ? "" : this.#why);
  }

  #tell(sentence) {
    const notice = this.at("notice");
    if (notice.textContent !== sentence) notice.textContent = sentence;
    notice.hidden = !sentence;
  }

  #save() {
    const { blob, style } = this.#painting;
    const name = `${this.#photo.name} as ${style}`.replace(/[/\\:*?"<>|]+/g, " ");
    save(blob, `${name}.${blob.type.split("/")[1].replace("jpeg", "jpg")}`);
  }
}

const pixels = ({ width, height }) => `${width.toLocaleString("en")} × ${height.toLocaleString("en")}`;
