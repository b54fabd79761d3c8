// The view of the style transfer families and of CycleGAN: open a photo, choose a style, and see the photo in that style.
import { retry } from "../api_models.js";
import { loadStylizers, stylizeRequest } from "../api_stylize.js";
import { BeforeAfter } from "../widgets/before_after.js";
import { Camera } from "../widgets/camera.js";
import { Comparison } from "../widgets/comparison.js";
import { ExamplePhotos } from "../widgets/example_photos.js";
import { download, listenForFiles } from "../widgets/file_input.js";
import { capitalise } from "../widgets/guesses.js";
import { openPhoto } from "../widgets/photo.js";
import { StylePicker } from "../widgets/style_picker.js";
import { HTML } from "./paint_html.js";
import { nameOf, painterWorks } from "./paint_styles.js";
import { View } from "./view.js";

export const id = "paint";
export const title = "Paint";
export const mount = (root) => new PaintView(root);

const PAUSE = 150; // ms between requests, while a slider moves
const NOT_PAINTED = "Not painted.";
const CONTROLS = ["open", "camera", "strength", "colours", "blend"];

class PaintView extends View {
  #models = [];
  #reasons = ""; // why models are missing
  #photo = null; // from photo.js, with `example` if it is one
  #stylized = null; // { blob, provenance, style: its name } that is shown
  #sent = ""; // name of the style of the request that is running
  #linked = null; // what a link asks for, until the models are loaded
  #opening = {}; // the last file of each kind. If an earlier one opens later, it is ignored

  constructor(root) {
    super(root, id, HTML);
    this.beforeAfter = new BeforeAfter(this.byId("before-after"));
    this.picker = new StylePicker(this.byId("styles"), this.byId("blend"), this.byId("weights"));
    this.comparison = new Comparison(this.byId("comparison"), (error, attempts) => this.notifyError(error, attempts, "photo"));
    new ExamplePhotos(this.byId("examples"), (name) => this.#openExample(name));
    this.camera = new Camera({
      byId: (name) => this.byId(name),
      onPhoto: (photo) => this.#open("photo", photo),
      onError: (message) => this.notify(message),
    });
    this.latest = this.requests({
      onResponse: (...answer) => this.#onResponse(...answer),
      onError: (error) => this.#onError(error),
      onSend: () => this.#showBusy(true),
      slow: "Painting …",
      kept: "photo",
      pause: PAUSE,
    });
    this.#listen();
    this.#showNextStep();
    this.#loadModels();
  }

  #listen() {
    const onPhoto = (file) => this.#open("photo", openPhoto(file));
    const onStyle = (file) => (this.byId("own").disabled ? this.notify(this.#reasons) : this.#open("style", openPhoto(file)));
    listenForFiles([
      { button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFile: onPhoto },
      { button: this.byId("own"), input: this.byId("style-file"), zone: this.byId("styles"), onFile: onStyle },
    ]);
    this.on("camera-file", "change", ({ target }) => target.files[0] && onPhoto(target.files[0]));
    for (const name of ["styles", "blend", "weights", "strength", "colours"]) this.on(name, "input", () => this.#request());
    this.on("compare", "click", () => this.#compare(!this.#comparing));
    this.on("save", "click", () => this.#save());
  }

  // -- the address

  apply(params) {
    this.#linked = params;
    if (this.#models.length) this.#followLink();
  }

  close() {
    this.camera.stop();
  }

  #followLink() {
    const { photo, style = "", strength, colours } = this.#linked;
    this.#linked = null;
    this.picker.choose(style.startsWith("{") ? parse(style) : { [style]: 1 });
    if (strength) this.byId("strength").value = strength;
    this.byId("colours").checked = colours === "kept";
    photo && photo !== this.#photo?.example ? this.#openExample(photo) : this.#request();
  }

  // Images of the user are not part of it.
  #showAddress() {
    const { chosen } = this.picker;
    const weights = Object.fromEntries(chosen.filter(({ own }) => !own).map(({ name, weight }) => [name, weight]));
    const names = Object.keys(weights);
    const [strength, colours] = [this.byId("strength").value, this.byId("colours").checked ? "kept" : ""];
    const style = names.length > 1 ? JSON.stringify(weights) : names[0];
    this.setAddress({ photo: this.#photo?.example, style, strength: strength === "100" ? "" : strength, colours });
  }

  // -- models and files

  async #loadModels() {
    const stylizers = await retry(() => loadStylizers(), (message) => this.notify((this.#reasons = message)));
    if (!stylizers) return;
    this.#models = stylizers.models;
    this.#reasons = stylizers.reasons;
    const none = stylizers.models.length === 0;
    this.#clearNotice();
    this.byId("missing").textContent = none ? "" : stylizers.reasons;
    for (const element of [...CONTROLS.map((name) => this.byId(name)), ...this.byId("examples").children]) element.disabled = none;
    this.byId("own").disabled = !stylizers.ownStyles;
    this.picker.show(stylizers.styles);
    this.#showLineage(this.#stylized?.provenance.family);
    if (this.#linked && !none) this.#followLink();
    else if (!this.#stylized) this.#request();
  }

  // kind: "photo" or "style"; opening: a promise of the image
  async #open(kind, opening, example) {
    this.#opening[kind] = opening;
    try {
      const image = await opening;
      if (!image || this.#opening[kind] !== opening) return;
      this.#clearNotice();
      kind === "style" ? this.picker.addOwn(image) : this.#showPhoto({ ...image, example });
      this.#request();
    } catch (error) {
      if (this.#opening[kind] === opening) this.notify(error.message);
    }
  }

  #openExample(name) {
    this.#open("photo", ExamplePhotos.open(name), name);
  }

  #showPhoto(photo) {
    this.camera.stop();
    this.latest.cancel();
    this.#showBusy(false);
    this.#photo = photo;
    this.#stylized = null;
    this.byId("save").disabled = true;
    this.byId("compare").disabled = false;
    this.beforeAfter.showPhoto(photo);
    this.byId("before-after").hidden = this.#comparing;
  }

  // -- requests and responses

  get #settings() {
    return [this.byId("strength").value / 100, this.byId("colours").checked];
  }

  #request() {
    const percent = `${this.byId("strength").value} %`;
    this.byId("percent").textContent = percent;
    this.byId("strength").setAttribute("aria-valuetext", percent);
    const { chosen } = this.picker;
    if (!this.#stylized) this.#showNextStep();
    if (!this.#photo || !chosen.length) return;
    this.#showAddress();
    if (this.#comparing) return this.#compare(true);
    this.latest.add({ ...stylizeRequest(this.#photo, chosen, ...this.#settings), style: nameOf(chosen) });
  }

  async #onResponse({ blob, provenance }, { style }) {
    const { originalSize } = this.#photo;
    this.#stylized = { blob, provenance, style };
    this.#showBusy(false);
    this.showTitle({ above: "In the style of", title: capitalise(style), guess: style, below: this.byId("below").textContent });
    this.byId("save").disabled = false;
    const size = await this.beforeAfter.showStylized(blob, `Painted in the style of ${style}`);
    if (!size) return;
    const scaled = size.width < originalSize.width ? `, scaled down from ${formatSize(originalSize)}` : "";
    this.byId("below").textContent = `${formatSize(size)} pixels${scaled}`;
    this.announce(`Painted in the style of ${style}`);
    const { family, version } = provenance;
    const known = this.#models.some((model) => model.family === family && model.version === version);
    known ? this.#showLineage(family) : this.#loadModels(); // the service has a new version
  }

  #onError(error) {
    this.#showBusy(false);
    if (!error.temporary && !this.#stylized) this.showTitle({ title: NOT_PAINTED });
  }

  // -- all painters side by side

  get #comparing() {
    return this.byId("compare").getAttribute("aria-pressed") === "true";
  }

  async #compare(comparing) {
    this.byId("compare").setAttribute("aria-pressed", comparing);
    this.byId("before-after").hidden = comparing || !this.#photo;
    if (!comparing) {
      this.comparison.stop();
      return this.#request();
    }
    this.latest.cancel();
    this.#showBusy(false);
    this.notify("");
    const works = await painterWorks(this.picker, !this.byId("own").disabled);
    this.showTitle({ above: "The same photo by", title: "Each painter", guess: "each painter" });
    this.comparison.start(
      works.map(({ name, styles }) => ({
        title: name,
        request: stylizeRequest(this.#photo, styles, ...this.#settings),
        choose: () => this.#choose(styles),
      })),
    );
  }

  #choose(styles) {
    const [{ own }] = styles;
    if (own && !this.picker.styles.some((style) => style.own === own)) this.picker.addOwn(own);
    else this.picker.choose(Object.fromEntries(styles.map(({ name, weight }) => [name, weight])));
    this.#compare(false);
  }

  // -- what is shown

  #showLineage(family) {
    const model = this.#models.find((each) => each.family === family) ?? this.#models[0];
    if (model) this.showLineages([model]);
  }

  #showBusy(busy) {
    this.byId("progress").hidden = !busy;
    this.byId("sheet").setAttribute("aria-busy", busy);
    this.byId("above").textContent = busy ? "Painting …" : this.#stylized ? "In the style of" : "";
  }

  #showNextStep() {
    this.showTitle({ title: this.#nextStep });
  }

  get #nextStep() {
    if (!this.#photo) return "Waiting for a photo.";
    if (this.picker.chosen.length) return "One moment.";
    if (!this.byId("own").disabled) return "Now add a style image.";
    return this.#reasons ? NOT_PAINTED : "One moment."; // without a reason, the models are still being loaded
  }

  // If there is no model, the reasons stay.
  #clearNotice() {
    this.notify(this.#models.length ? "" : this.#reasons);
  }

  #save() {
    const { blob, style } = this.#stylized;
    const name = `${this.#photo.name} as ${style}`.replace(/[/\\:*?"<>|]+/g, " ");
    download(blob, `${name}.${blob.type.split("/")[1].replace("jpeg", "jpg")}`);
  }
}

const formatSize = ({ width, height }) => `${width.toLocaleString("en")} × ${height.toLocaleString("en")}`;

// The weights of a blend in an address, none if they cannot be read.
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
