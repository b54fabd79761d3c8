// A photo, and over it what was made of it, right of an edge that the reader moves by mouse, finger or keyboard.
import { put } from "./file_input.js";

const HTML = `
  <img alt="The photo" draggable="false"><img draggable="false">
  <div class="edge" role="slider" tabindex="0" aria-label="Edge between photo and painting" aria-valuemin="0" aria-valuemax="100"></div>`;
const FIRST = 25; // where the edge comes to rest, in percent of the width
const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -25, PageUp: 25, Home: -100, End: 100 };
const SLACK = 8; // pixels that a resting finger may move

export class Compare {
  #at = 100;
  #touched = null; // where a finger came down, until it is known to be after the edge and not after scrolling the page

  constructor(figure, signal) {
    this.figure = figure;
    figure.innerHTML = HTML;
    [this.before, this.after] = figure.querySelectorAll("img");
    this.edge = figure.querySelector("[role=slider]");
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(figure, "pointerdown", (event) => this.#grasp(event));
    on(figure, "pointermove", (event) => figure.hasPointerCapture(event.pointerId) && this.#drag(event));
    // A tap. The click's own place is not exact: browsers move it to what the finger may have meant.
    on(figure, "click", () => this.#touched && this.#follow(this.#touched));
    on(this.edge, "keydown", (event) => this.#key(event));
    this.clear();
  }

  // A new photo: nothing is painted yet.
  begin({ blob, width, height }) {
    this.clear();
    put(this.before, blob);
    this.figure.closest(".easel").style.setProperty("--ratio", width / height);
    this.figure.hidden = false;
  }

  // Answers { width, height } of the painting in pixels, or null when something else is shown by then.
  async paint(blob, description) {
    put(this.after, blob);
    this.after.alt = description;
    const { src } = this.after;
    await this.after.decode().catch(() => {});
    if (this.after.src !== src) return null;
    if (this.after.hidden) this.#roll();
    return { width: this.after.naturalWidth, height: this.after.naturalHeight };
  }

  clear() {
    put(this.before, null);
    put(this.after, null);
    this.figure.hidden = this.after.hidden = this.edge.hidden = true;
    this.#set(100);
  }

  // The painting rolls over the photo and leaves some of it to be seen, so that the edge explains itself.
  #roll() {
    this.after.hidden = this.edge.hidden = false;
    this.figure.getBoundingClientRect(); // the transition begins from what is seen now
    this.figure.toggleAttribute("data-rolling", true);
    this.#set(FIRST);
  }

  #grasp(event) {
    if (this.edge.hidden || event.button) return;
    event.preventDefault(); // no dragging of the picture
    this.figure.setPointerCapture(event.pointerId);
    this.edge.focus({ preventScroll: true });
    this.#touched = event.pointerType === "mouse" ? null : event;
    this.#drag(event);
  }

  // The browser takes a finger's upward and downward moves to scroll the page, but tells of the first ones before it does.
  #drag(event) {
    if (this.#touched && !sideways(this.#touched, event)) return;
    this.#touched = null;
    this.#follow(event);
  }

  #follow({ clientX }) {
    const { left, width } = this.figure.getBoundingClientRect();
    this.#move((100 * (clientX - left)) / width);
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    this.#move(this.#at + step);
  }

  #move(at) {
    this.figure.toggleAttribute("data-rolling", false);
    this.#set(at);
  }

  #set(at) {
    this.#at = Math.round(Math.min(100, Math.max(0, at)));
    this.figure.style.setProperty("--at", `${this.#at}%`);
    this.edge.setAttribute("aria-valuenow", this.#at);
    this.edge.setAttribute("aria-valuetext", `${this.#at} % photo, ${100 - this.#at} % painting`);
  }
}

const sideways = (from, to) => Math.abs(to.clientX - from.clientX) > Math.max(SLACK, Math.abs(to.clientY - from.clientY));
