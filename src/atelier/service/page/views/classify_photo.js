// The view of photo_classifier: drop one or many photos, and see what each of them shows.
import { postForm } from "../api.js";
import { loadModels } from "../api_models.js";
import { listenForFiles, setImage } from "../widgets/file_input.js";
import { GuessList, capitalise, certainty, formatProbability } from "../widgets/guesses.js";
import { showLineage } from "../widgets/lineage.js";
import { showNotice } from "../widgets/notice.js";
import { openPhoto } from "../widgets/photo.js";

export const id = "photos";
export const title = "Photos";

const FAMILY = "photo_classifier";
const ENDPOINT = "classify_photo";
const AT_A_TIME = 8; // photos in one request, the limit of the service
const EMPTY = "Waiting for a photo.";
const UNSURE = "I don’t know this one.";

const HTML = `
  <section class="view photos" aria-labelledby="view-title">
    <div class="workspace">
      <div class="heading">
        <h1 id="view-title">What is in the photo?</h1>
        <p>Open one or many, drop them here or paste them.</p>
      </div>
      <div class="sheet" id="sheet">
        <img class="photo" id="photo" alt="">
        <p class="hint" aria-hidden="true">photos go here</p>
        <p class="drop-hint" aria-hidden="true">drop the photos here</p>
      </div>
      <div class="tools" role="group" aria-label="Photo tools">
        <button type="button" id="open">Open photos</button>
        <button type="button" id="clear" disabled>Clear</button>
        <input type="file" id="file" accept="image/*" multiple hidden aria-label="Photos">
      </div>
    </div>
    <div class="result" aria-labelledby="result-title" role="group">
      <p class="above" id="above"></p>
      <h2 id="result-title">${EMPTY}</h2>
      <p class="below" id="below"></p>
      <ol class="guesses" id="guesses" aria-label="Most likely labels"></ol>
      <div class="styles" id="photos" role="group" aria-label="Photos"></div>
      <p class="notice" id="notice" role="status" hidden></p>
      <details class="lineage" id="lineage" hidden>
        <summary></summary>
        <dl></dl>
      </details>
    </div>
  </section>`;

export function mount(root) {
  const view = new ClassifyPhotoView(root);
  return () => view.close();
}

class ClassifyPhotoView {
  #closed = new AbortController(); // its signal removes all listeners and cancels all requests
  #photos = []; // { blob, name, tile, answer }
  #shown = null; // one of them

  constructor(root) {
    root.innerHTML = HTML;
    this.byId = (name) => root.querySelector(`#${name}`);
    this.guesses = new GuessList(this.byId("guesses"));
    const { signal } = this.#closed;
    this.byId("clear").addEventListener("click", () => this.#clear(), { signal });
    const onFiles = (files) => this.#open(files);
    listenForFiles([{ button: this.byId("open"), input: this.byId("file"), zone: this.byId("sheet"), onFiles }], signal);
    this.#loadModel();
  }

  close() {
    this.#closed.abort();
    this.#clear();
  }

  async #loadModel() {
    const models = await loadModels([FAMILY], (message) => this.#notify(message), this.#closed.signal);
    if (models) showLineage(this.byId("lineage"), models[0]);
  }

  async #open(files) {
    this.#notify("");
    const opened = await Promise.allSettled(files.map(openPhoto));
    if (this.#closed.signal.aborted) return;
    const failed = opened.find(({ status }) => status === "rejected");
    if (failed) this.#notify(failed.reason.message);
    const photos = opened.filter(({ status }) => status === "fulfilled").map(({ value }) => this.#add(value));
    if (photos.length) this.#show(photos[0]);
    for (let start = 0; start < photos.length; start += AT_A_TIME) await this.#classify(photos.slice(start, start + AT_A_TIME));
  }

  #add({ blob, name }) {
    const tile = Object.assign(document.createElement("button"), { type: "button", className: "tile", title: name });
    const image = Object.assign(document.createElement("img"), { alt: name });
    setImage(image, blob);
    tile.append(image);
    const photo = { blob, name, tile, answer: null };
    tile.addEventListener("click", () => this.#show(photo), { signal: this.#closed.signal });
    this.byId("photos").append(tile);
    this.#photos.push(photo);
    this.byId("clear").disabled = false;
    return photo;
  }

  async #classify(photos) {
    try {
      const { photos: answers } = await postForm(ENDPOINT, { image: photos.map(({ blob }) => blob) }, this.#closed.signal);
      photos.forEach((photo, i) => {
        photo.answer = answers[i];
        photo.tile.toggleAttribute("data-unsure", answers[i].unsure);
        photo.tile.querySelector("img").alt = `${photo.name}: ${answers[i].unsure ? "unknown" : answers[i].label}`;
      });
      if (photos.includes(this.#shown)) this.#show(this.#shown);
    } catch (error) {
      if (error.name !== "AbortError") this.#notify(error.message);
    }
  }

  #show(photo) {
    this.#shown = photo;
    this.#photos.forEach(({ tile }) => tile.setAttribute("aria-pressed", tile === photo.tile));
    setImage(this.byId("photo"), photo.blob);
    this.byId("photo").alt = photo.name;
    this.#showAnswer(photo.answer);
  }

  #showAnswer(answer) {
    const heading = this.byId("result-title");
    this.guesses.show(answer?.guesses ?? []);
    this.byId("above").textContent = answer && !answer.unsure ? certainty(answer.confidence) : "";
    this.byId("below").textContent = answer?.unsure ? `Perhaps ${answer.label}, but I am not sure` : "";
    heading.textContent = answer ? (answer.unsure ? UNSURE : capitalise(answer.label)) : "One moment.";
    answer && !answer.unsure ? heading.setAttribute("data-guess", answer.label) : heading.removeAttribute("data-guess");
    if (answer) document.getElementById("announcer").textContent = `${heading.textContent} ${formatProbability(answer.confidence)}`;
  }

  #clear() {
    this.#photos.forEach(({ tile }) => setImage(tile.querySelector("img"), null));
    this.#photos = [];
    this.#shown = null;
    this.byId("photos").replaceChildren();
    this.byId("clear").disabled = true;
    setImage(this.byId("photo"), null);
    this.#showAnswer(null);
    this.byId("result-title").textContent = EMPTY;
    this.#notify("");
  }

  #notify(message) {
    showNotice(this.byId("notice"), message);
  }
}
