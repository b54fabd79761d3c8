// The view of photo_classifier: drop one or many photos, and see what each of them shows.
import { send } from "../api.js";
import { retryWhileBusy } from "../api_models.js";
import { listenForFiles, setImage } from "../widgets/file_input.js";
import { GuessList, capitalise, certainty, enumerate, formatProbability } from "../widgets/guesses.js";
import { openPhoto } from "../widgets/photo.js";
import { View, layout } from "./view.js";

export const id = "photos";
export const title = "Photos";
export const mount = (root) => new ClassifyPhotoView(root);

const FAMILY = "photo_classifier";
const ENDPOINT = "classify_photo";
const AT_A_TIME = 8; // photos in one request, the limit of the service
const EMPTY = "Waiting for a photo.";
const UNSURE = "I don’t know this one.";

const HTML = layout({
  kind: "photos",
  heading: "What is in the photo?",
  lead: "<p>Open one or many, drop them here or paste them.</p>",
  sheet: `
    <div class="sheet" id="sheet">
      <img class="photo" id="photo" alt="">
      <p class="hint" aria-hidden="true">photos go here</p>
      <p class="drop-hint" aria-hidden="true">drop the photos here</p>
    </div>`,
  tools: `
    <div class="tools" role="group" aria-label="Photo tools">
      <button type="button" id="open">Open photos</button>
      <button type="button" id="clear" disabled>Clear</button>
      <input type="file" id="file" accept="image/*" multiple hidden aria-label="Photos">
    </div>`,
  empty: EMPTY,
  result: `
    <ol class="guesses" id="guesses" aria-label="Most likely labels"></ol>
    <div class="styles" id="photos" role="group" aria-label="Photos"></div>`,
});

class ClassifyPhotoView extends View {
  #cleared = new AbortController(); // its signal cancels the requests
  #photos = []; // { blob, name, file, tile, answer }
  #shown = null; // one of them
  #labels = [];

  constructor(root) {
    super(root, id, HTML);
    this.guesses = new GuessList(this.byId("guesses"));
    this.on("clear", "click", () => this.#clear());
    const onFiles = (files) => this.#open(files);
    listenForFiles([{ button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFiles }]);
    this.#loadModel();
  }

  async #loadModel() {
    const models = await this.loadModels([FAMILY]);
    if (models) this.#labels = models[0].card.spec.labels;
  }

  async #open(files) {
    this.notify("");
    const { signal } = this.#cleared;
    const opened = await Promise.allSettled(files.map(openPhoto));
    if (signal.aborted) return;
    const failed = opened.find(({ status }) => status === "rejected");
    if (failed) this.notify(failed.reason.message);
    const photos = opened.filter(({ status }) => status === "fulfilled").map(({ value }) => this.#add(value));
    if (photos.length) this.#show(photos[0]);
    for (let start = 0; start < photos.length; start += AT_A_TIME) {
      await this.#classify(photos.slice(start, start + AT_A_TIME), signal, failed ? failed.reason.message : "");
    }
  }

  #add({ blob, name, file }) {
    const tile = Object.assign(document.createElement("button"), { type: "button", className: "tile", title: name });
    const image = Object.assign(document.createElement("img"), { alt: name });
    setImage(image, blob);
    tile.append(image);
    const photo = { blob, name, file, tile, answer: null };
    tile.addEventListener("click", () => this.#show(photo));
    this.byId("photos").append(tile);
    this.#photos.push(photo);
    this.byId("clear").disabled = false;
    return photo;
  }

  // message: what the notice says when the photos are classified
  async #classify(photos, signal, message) {
    const request = { path: ENDPOINT, form: { image: photos.map(({ blob, file }) => ({ blob, name: file })) } };
    try {
      const response = await retryWhileBusy(() => send(request, signal), (error, attempts) => this.notifyError(error, attempts, "photo"), signal);
      if (!response) return;
      this.notify(message);
      this.showCode(request);
      photos.forEach((photo, i) => this.#setAnswer(photo, response.photos[i]));
      if (photos.includes(this.#shown)) this.#show(this.#shown);
      if (!this.knows(response)) this.#loadModel();
    } catch (error) {
      this.notify(error.message);
      if (photos.includes(this.#shown)) this.showTitle({ title: "Not classified." });
    }
  }

  #setAnswer(photo, answer) {
    photo.answer = answer;
    photo.tile.toggleAttribute("data-unsure", answer.unsure);
    photo.tile.querySelector("img").alt = `${photo.name}: ${answer.unsure ? "unknown" : answer.label}`;
  }

  #show(photo) {
    this.#shown = photo;
    this.#photos.forEach(({ tile }) => tile.setAttribute("aria-pressed", tile === photo.tile));
    setImage(this.byId("photo"), photo.blob);
    this.byId("photo").alt = photo.name;
    this.#showAnswer(photo.answer);
  }

  #showAnswer(answer) {
    this.guesses.show(answer?.guesses ?? []);
    if (!answer) return this.showTitle({ title: "One moment." });
    const { label, confidence, unsure } = answer;
    if (unsure) this.showTitle({ title: UNSURE, below: `Perhaps ${label}, but I am not sure. I know: ${enumerate(this.#labels)}.` });
    else this.showTitle({ above: certainty(confidence), title: capitalise(label), guess: label });
    this.announce(`${unsure ? UNSURE : capitalise(label)} ${formatProbability(confidence)}`);
  }

  #clear() {
    this.#cleared.abort();
    this.#cleared = new AbortController();
    this.#photos.forEach(({ tile }) => setImage(tile.querySelector("img"), null));
    this.#photos = [];
    this.#shown = null;
    this.byId("photos").replaceChildren();
    this.byId("clear").disabled = true;
    setImage(this.byId("photo"), null);
    this.guesses.show([]);
    this.showTitle({ title: EMPTY });
    this.notify("");
  }
}
