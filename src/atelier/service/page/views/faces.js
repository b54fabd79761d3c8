// The view of psp: open a face, and change its attributes with sliders. The face is encoded once; a slider only decodes.
import { request, send } from "../api.js";
import { retry } from "../api_models.js";
import { AttributeSliders, nameOf } from "../widgets/attribute_sliders.js";
import { BeforeAfter } from "../widgets/before_after.js";
import { Camera, VIEWFINDER } from "../widgets/camera.js";
import { ExamplePhotos, FACES } from "../widgets/example_photos.js";
import { download, listenForFiles } from "../widgets/file_input.js";
import { openPhoto } from "../widgets/photo.js";
import { View, layout } from "./view.js";

export const id = "faces";
export const title = "Faces";
export const mount = (root) => new FacesView(root);

const FAMILY = "psp";
const PAUSE = 60; // ms between requests, while a slider moves
const FORMAT = "image/png";
const WAITING = "Waiting for a face.";

const HTML = layout({
  kind: "paint faces",
  heading: "Change a face.",
  lead: '<p class="open-hint">Open it, drop it here or paste it.</p>',
  sheet: `
    <div class="sheet" id="sheet">
      <p class="hint" aria-hidden="true">a face goes here, or one of these</p>
      <div class="examples" id="examples" role="group" aria-label="Drawn faces"></div>
      <figure class="before-after" id="before-after" hidden></figure>
      ${VIEWFINDER}
      <p class="drop-hint" aria-hidden="true">drop the image here</p>
      <p class="progress" id="progress" role="progressbar" aria-label="Looking for the face" hidden></p>
    </div>`,
  tools: `
    <div class="tools" id="tools" role="group" aria-label="Face tools">
      <button type="button" id="open" disabled>Open an image</button>
      <button type="button" id="camera" disabled>Camera</button>
      <button type="button" id="reset" disabled>Reset</button>
      <button type="button" id="save" disabled>Save</button>
      <input type="file" id="file" accept="image/*" hidden aria-label="An image">
      <input type="file" id="camera-file" accept="image/*" capture="user" hidden aria-label="An image from the camera">
    </div>`,
  empty: WAITING,
  result: `
    <div class="weights" id="attributes" role="group" aria-label="Attributes"></div>
    <p class="muted use" id="use"></p>`,
});

class FacesView extends View {
  #model = null; // of GET /attributes
  #face = null; // { photo, token }
  #edited = null; // the blob that is shown
  #linked = null; // what a link asks for, until the model is loaded
  #opening = null; // the last image. If an earlier one opens later, it is ignored
  #encoding = new AbortController();

  constructor(root) {
    super(root, id, HTML);
    this.beforeAfter = new BeforeAfter(this.byId("before-after"), ["face", "changed face"]);
    this.sliders = new AttributeSliders(this.byId("attributes"));
    new ExamplePhotos(this.byId("examples"), (name) => this.#openExample(name), FACES);
    this.camera = new Camera({
      byId: (name) => this.byId(name),
      onPhoto: (photo) => this.#open(photo),
      onError: (message) => this.notify(message),
    });
    this.latest = this.requests({
      onResponse: ({ blob, provenance }) => this.#show(blob, provenance),
      slow: "Changing …",
      kept: "face",
      pause: PAUSE,
    });
    this.#listen();
    this.#loadModel();
  }

  #listen() {
    const onFile = (file) => this.#open(openPhoto(file));
    listenForFiles([{ button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFile }]);
    this.on("camera-file", "change", ({ target }) => target.files[0] && onFile(target.files[0]));
    this.on("attributes", "input", () => this.#request());
    this.on("save", "click", () => this.#save());
    this.on("reset", "click", () => {
      this.sliders.set({});
      this.#request();
    });
  }

  // -- the address

  apply(params) {
    this.#linked = params;
    if (this.#model) this.#followLink();
  }

  close() {
    this.camera.stop();
  }

  #followLink() {
    const { face, ...changes } = this.#linked;
    this.#linked = null;
    this.sliders.set(changes);
    face && face !== this.#face?.photo.example ? this.#openExample(face) : this.#request();
  }

  // -- the model and the face

  async #loadModel() {
    const model = await retry(() => request("attributes"), (message) => this.notify(message));
    const entries = await this.loadModels([FAMILY]);
    if (!entries) return;
    this.#model = model;
    this.sliders.show(model.attributes);
    this.byId("use").textContent = model.intended_use;
    for (const element of [this.byId("open"), this.byId("camera"), ...this.byId("examples").children]) element.disabled = false;
    if (this.#linked) this.#followLink();
  }

  #openExample(name) {
    this.#open(ExamplePhotos.open(name), name);
  }

  // opening: a promise of the image
  async #open(opening, example) {
    this.#opening = opening;
    try {
      const photo = await opening;
      if (photo && this.#opening === opening) await this.#encode({ ...photo, example });
    } catch (error) {
      if (this.#opening === opening && error.name !== "AbortError") this.#fail(error);
    }
  }

  async #encode(photo) {
    this.camera.stop();
    this.latest.cancel();
    this.#encoding.abort();
    this.#encoding = new AbortController();
    this.notify("");
    this.#face = null;
    this.#setEnabled(false);
    this.showTitle({ title: "Looking for the face …" });
    this.byId("progress").hidden = false;
    const form = { image: { blob: photo.blob, name: photo.file } };
    const { token, aligned, ...model } = await send({ path: "encode_face", form }, this.#encoding.signal);
    this.#face = { photo, token };
    if (!this.knows(model)) this.#loadModel(); // the service has a new version
    this.byId("progress").hidden = true;
    this.#setEnabled(true);
    this.beforeAfter.showPhoto({ blob: toBlob(aligned), width: 1, height: 1 });
    this.#request();
  }

  #fail(error) {
    this.byId("progress").hidden = true;
    this.beforeAfter.clear();
    this.showTitle({ title: error.status === 400 ? "No face to change." : WAITING });
    this.notify(error.message);
  }

  #setEnabled(enabled) {
    this.sliders.disabled = !enabled;
    this.byId("reset").disabled = !enabled;
    if (!enabled) this.byId("save").disabled = true;
  }

  // -- edits

  #request() {
    if (!this.#face) return;
    const { changes } = this.sliders;
    this.setAddress({ face: this.#face.photo.example, ...changes });
    this.latest.add({ path: "edit_face", json: { token: this.#face.token, changes }, accept: FORMAT });
  }

  async #show(blob, provenance) {
    const changed = Object.keys(JSON.parse(provenance.changes)).map(nameOf);
    const description = changed.length ? `With another ${changed.join(", ")}` : "The face as the model draws it";
    this.#edited = blob;
    this.byId("save").disabled = false;
    this.showTitle({ above: changed.length ? "Changed" : "Unchanged", title: changed.length ? changed.join(", ") : "As it is", guess: "face" });
    if (await this.beforeAfter.showStylized(blob, description)) this.announce(description);
  }

  #save() {
    const changes = Object.entries(this.sliders.changes).map(([name, value]) => `${nameOf(name)} ${value}`);
    download(this.#edited, `${[this.#face.photo.name, ...changes].join(", ")}.png`);
  }
}

// Of a data: URL; the page's rules do not let it be fetched.
function toBlob(url) {
  const [head, content] = url.split(",");
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: head.slice("data:".length).split(";")[0] });
}
