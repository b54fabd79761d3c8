// The view of the style transfer families and of CycleGAN: open a photo, choose a style, and see the photo in that style.
import { LatestRequest } from "../api.js";
import { retry } from "../api_models.js";
import { loadStylizers, stylize } from "../api_stylize.js";
import { BeforeAfter } from "../widgets/before_after.js";
import { Camera } from "../widgets/camera.js";
import { download, listenForFiles } from "../widgets/file_input.js";
import { capitalise } from "../widgets/guesses.js";
import { showLineage } from "../widgets/lineage.js";
import { showNotice } from "../widgets/notice.js";
import { openPhoto } from "../widgets/photo.js";
import { StylePicker } from "../widgets/style_picker.js";
import { HTML } from "./paint_html.js";

export const id = "paint";
export const title = "Paint";
export const keep = true;

const PAUSE = 150; // ms between requests, while a slider moves
const NOT_PAINTED = "Not painted.";

export function mount(root) {
  const view = new PaintView(root);
  return () => view.camera.stop();
}

class PaintView {
  #models = [];
  #reasons = ""; // why models are missing
  #photo = null; // from photo.js
  #stylized = null; // { blob, provenance, style } that is shown
  #opening = {}; // the last file of each kind. If an earlier one opens later, it is ignored

  constructor(root) {
    root.innerHTML = HTML;
    this.byId = (name) => root.querySelector(`#${name}`);
    this.beforeAfter = new BeforeAfter(this.byId("before-after"));
    this.picker = new StylePicker(this.byId("styles"));
    this.camera = new Camera({
      byId: this.byId,
      onPhoto: (photo) => this.#open("photo", photo),
      onError: (message) => this.#notify(message),
    });
    this.requests = new LatestRequest({
      onResponse: (response) => this.#onResponse(response),
      onError: (error) => this.#onError(error),
      pause: PAUSE,
    });
    this.#listen();
    this.#showTitle();
    this.#loadModels();
  }

  #listen() {
    const on = (name, event, listener) => this.byId(name).addEventListener(event, listener);
    const onPhoto = (file) => this.#open("photo", openPhoto(file));
    const onStyle = (file) => (this.byId("own").disabled ? this.#notify(this.#reasons) : this.#open("style", openPhoto(file)));
    listenForFiles([
      { button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFile: onPhoto },
      { button: this.byId("own"), input: this.byId("style-file"), zone: this.byId("styles"), onFile: onStyle },
    ]);
    on("camera-file", "change", ({ target }) => target.files[0] && onPhoto(target.files[0]));
    for (const name of ["styles", "strength", "colours"]) on(name, "input", () => this.#request());
    on("save", "click", () => this.#save());
  }

  async #loadModels() {
    const stylizers = await retry(() => loadStylizers(), (message) => this.#notify((this.#reasons = message)));
    if (!stylizers) return;
    this.#models = stylizers.models;
    this.#reasons = stylizers.reasons;
    const none = stylizers.models.length === 0;
    this.#clearNotice();
    this.byId("missing").textContent = none ? "" : stylizers.reasons;
    for (const name of ["open", "camera", "strength", "colours"]) this.byId(name).disabled = none;
    this.byId("own").disabled = !stylizers.ownStyles;
    this.picker.show(stylizers.styles);
    this.#showLineage(this.#stylized?.provenance.family);
    if (!this.#stylized) this.#request();
  }

  // kind: "photo" or "style"; opening: a promise of the image
  async #open(kind, opening) {
    this.#opening[kind] = opening;
    try {
      const image = await opening;
      if (this.#opening[kind] !== opening) return;
      this.#clearNotice();
      kind === "style" ? this.picker.addOwn(image) : this.#showPhoto(image);
      this.#request();
    } catch (error) {
      if (this.#opening[kind] === opening) this.#notify(error.message);
    }
  }

  #showPhoto(photo) {
    this.camera.stop();
    this.requests.cancel();
    this.#showBusy(false);
    this.#photo = photo;
    this.#stylized = null;
    this.byId("save").disabled = true;
    this.beforeAfter.showPhoto(photo);
  }

  #request() {
    const percent = `${this.byId("strength").value} %`;
    this.byId("percent").textContent = percent;
    this.byId("strength").setAttribute("aria-valuetext", percent);
    const { chosen } = this.picker;
    if (!this.#stylized) this.#showTitle();
    if (!this.#photo || !chosen) return;
    const [photo, strength, keep] = [this.#photo, this.byId("strength").value / 100, this.byId("colours").checked];
    this.requests.add(async (signal) => {
      this.#showBusy(true);
      return { ...(await stylize(photo, chosen, strength, keep, signal)), style: chosen.name };
    });
  }

  async #onResponse(stylized) {
    const { blob, provenance, style } = stylized;
    const { originalSize } = this.#photo;
    this.#stylized = stylized;
    this.#showBusy(false);
    this.#notify("");
    this.#showTitle(style);
    this.byId("save").disabled = false;
    const size = await this.beforeAfter.showStylized(blob, `Painted in the style of ${style}`);
    if (!size) return;
    const scaled = size.width < originalSize.width ? `, scaled down from ${formatSize(originalSize)}` : "";
    this.byId("below").textContent = `${formatSize(size)} pixels${scaled}`;
    document.getElementById("announcer").textContent = `Painted in the style of ${style}`;
    const { family, version } = provenance;
    const known = this.#models.some((model) => model.family === family && model.version === version);
    known ? this.#showLineage(family) : this.#loadModels(); // the service has a new version
  }

  #onError(error) {
    this.#showBusy(false);
    if (!error.temporary && !this.#stylized) this.byId("result-title").textContent = NOT_PAINTED;
    const again = error.status === 0 ? " Your photo is kept and sent again." : error.temporary ? " Trying again …" : "";
    this.#notify(error.message + again);
  }

  #showLineage(family) {
    const model = this.#models.find((each) => each.family === family) ?? this.#models[0];
    if (model) showLineage(this.byId("lineage"), model);
  }

  // -- what is shown

  #showBusy(busy) {
    this.byId("progress").hidden = !busy;
    this.byId("sheet").setAttribute("aria-busy", busy);
    this.byId("above").textContent = busy ? "Painting …" : this.#stylized ? "In the style of" : "";
  }

  // The style, or without one what to do next.
  #showTitle(style) {
    const title = this.byId("result-title");
    title.textContent = style ? capitalise(style) : this.#nextStep;
    style ? title.setAttribute("data-guess", style) : title.removeAttribute("data-guess");
    if (!style) this.byId("above").textContent = this.byId("below").textContent = "";
  }

  get #nextStep() {
    if (!this.#photo) return "Waiting for a photo.";
    if (this.picker.chosen) return "One moment.";
    if (!this.byId("own").disabled) return "Now add a style image.";
    return this.#reasons ? NOT_PAINTED : "One moment."; // without a reason, the models are still being loaded
  }

  // If there is no model, the reasons stay.
  #clearNotice() {
    this.#notify(this.#models.length ? "" : this.#reasons);
  }

  #notify(message) {
    showNotice(this.byId("notice"), message);
  }

  #save() {
    const { blob, style } = this.#stylized;
    const name = `${this.#photo.name} as ${style}`.replace(/[/\\:*?"<>|]+/g, " ");
    download(blob, `${name}.${blob.type.split("/")[1].replace("jpeg", "jpg")}`);
  }
}

const formatSize = ({ width, height }) => `${width.toLocaleString("en")} × ${height.toLocaleString("en")}`;
