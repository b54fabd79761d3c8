// An image and the image that was made of it over it, right of an edge that the user moves by mouse, finger or keyboard.
import { setImage } from "./file_input.js";

const html = (before, after) => `
  <img alt="The ${before}" draggable="false"><img draggable="false">
  <div class="edge" role="slider" tabindex="0" aria-label="Edge between ${before} and ${after}" aria-valuemin="0" aria-valuemax="100"></div>`;
const START = 25; // position of the edge after the first stylized photo, in percent of the width
const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -25, PageUp: 25, Home: -100, End: 100 };
const TOLERANCE = 8; // pixels that a finger may move during a tap

export class BeforeAfter {
  #position = 100;
  #touch = null; // where a finger touched, until it is clear that it does not scroll the page

  // names: what the two images are called
  constructor(figure, names = ["photo", "painting"], signal) {
    Object.assign(this, { figure, names });
    figure.innerHTML = html(...names);
    [this.before, this.after] = figure.querySelectorAll("img");
    this.edge = figure.querySelector("[role=slider]");
    const on = (target, name, listener) => target.addEventListener(name, listener, { signal });
    on(figure, "pointerdown", (event) => this.#onPointerDown(event));
    on(figure, "pointermove", (event) => figure.hasPointerCapture(event.pointerId) && this.#onPointerMove(event));
    // A tap. The position of the click is not exact, because browsers move it to what they think was meant.
    on(figure, "click", () => this.#touch && this.#moveToPointer(this.#touch));
    on(this.edge, "keydown", (event) => this.#onKey(event));
    this.clear();
  }

  // Show a new photo, without a stylized one.
  showPhoto({ blob, width, height }) {
    this.clear();
    setImage(this.before, blob);
    this.figure.closest(".workspace").style.setProperty("--ratio", width / height);
    this.figure.hidden = false;
  }

  // Resolves to { width, height } of the stylized photo in pixels, or to null if another one was shown meanwhile.
  async showStylized(blob, description) {
    setImage(this.after, blob);
    this.after.alt = description;
    const { src } = this.after;
    await this.after.decode().catch(() => {});
    if (this.after.src !== src) return null;
    if (this.after.hidden) this.#reveal();
    return { width: this.after.naturalWidth, height: this.after.naturalHeight };
  }

  clear() {
    setImage(this.before, null);
    setImage(this.after, null);
    this.figure.hidden = this.after.hidden = this.edge.hidden = true;
    this.#set(100);
  }

  // The edge moves in from the right and stops before the left side, so that the photo is still visible beside it.
  #reveal() {
    this.after.hidden = this.edge.hidden = false;
    this.figure.getBoundingClientRect(); // forces a layout, so that the transition starts at the old position
    this.figure.toggleAttribute("data-revealing", true);
    this.#set(START);
  }

  #onPointerDown(event) {
    if (this.edge.hidden || event.button) return;
    event.preventDefault(); // no dragging of the image
    this.figure.setPointerCapture(event.pointerId);
    this.edge.focus({ preventScroll: true });
    this.#touch = event.pointerType === "mouse" ? null : event;
    this.#onPointerMove(event);
  }

  // Vertical moves of a finger scroll the page, but the browser reports the first of them before it starts to scroll.
  #onPointerMove(event) {
    if (this.#touch && !isHorizontal(this.#touch, event)) return;
    this.#touch = null;
    this.#moveToPointer(event);
  }

  #moveToPointer({ clientX }) {
    const { left, width } = this.figure.getBoundingClientRect();
    this.#moveTo((100 * (clientX - left)) / width);
  }

  #onKey(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    this.#moveTo(this.#position + step);
  }

  #moveTo(position) {
    this.figure.toggleAttribute("data-revealing", false);
    this.#set(position);
  }

  #set(position) {
    this.#position = Math.round(Math.min(100, Math.max(0, position)));
    this.figure.style.setProperty("--position", `${this.#position}%`);
    this.edge.setAttribute("aria-valuenow", this.#position);
    this.edge.setAttribute("aria-valuetext", `${this.#position} % ${this.names[0]}, ${100 - this.#position} % ${this.names[1]}`);
  }
}

const isHorizontal = (from, to) =>
  Math.abs(to.clientX - from.clientX) > Math.max(TOLERANCE, Math.abs(to.clientY - from.clientY));
