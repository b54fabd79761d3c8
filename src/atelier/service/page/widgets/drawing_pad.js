// A canvas to draw on with mouse, pen, finger or keyboard. Coordinates are from 0 to 1000 on each side, for every size on
// the screen. Dispatches "change" when a point or a stroke is added or removed, and "pendown" and "penup" for the keyboard.

const SIDE = 1000;
const LINE_WIDTH = 17; // the published Quick Draw bitmaps have 16 of 272; a thinner line looks better and is classified as well
const MIN_DISTANCE = 3; // points closer together than this are dropped
const STEP = 25;
const FINE_STEP = 5;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class DrawingPad extends EventTarget {
  strokes = [];
  image = null;
  #canvas;
  #stroke = null; // the stroke that is being drawn
  #cursor = null; // position of the keyboard's pen, if the keyboard is used

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    canvas.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.#onPointerMove(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.#endStroke());
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
    canvas.addEventListener("blur", () => this.#leaveKeyboard());
  }

  get blank() {
    return !this.strokes.length && !this.image;
  }

  undo() {
    this.#endStroke();
    if (this.image) this.image = null;
    else this.strokes.pop();
    this.#onChange();
  }

  clear() {
    this.#endStroke();
    this.image = null;
    this.strokes = [];
    this.#onChange();
  }

  // Show an image instead of a drawing.
  show(image) {
    this.#endStroke();
    this.strokes = [];
    this.image = image;
    this.#onChange();
  }

  // The drawing or the image, black on white whatever the colors of the page.
  toPng() {
    const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, SIDE, SIDE);
    this.#paintOn(context, "black");
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  #onChange() {
    this.paint();
    this.dispatchEvent(new Event("change"));
  }

  // -- pointer

  #onPointerDown(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#cursor = null;
    this.#startStroke(this.#toPoint(event));
  }

  #onPointerMove(event) {
    if (!event.isPrimary || !this.#stroke || this.#cursor) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#addPoint(this.#toPoint(each));
  }

  #toPoint({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    const clamp = (value) => Math.round(Math.min(SIDE, Math.max(0, value)));
    return [clamp(((clientX - box.left) / box.width) * SIDE), clamp(((clientY - box.top) / box.height) * SIDE)];
  }

  // -- keyboard: arrows move the pen, space starts and ends a stroke

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.#moveCursor(ARROWS[event.key], event.shiftKey ? FINE_STEP : STEP);
    else if (event.key === " ") this.#stroke ? this.#penUp() : this.#penDown();
    else if (event.key === "Escape" && this.#stroke) this.#penUp();
    else return;
    event.preventDefault();
  }

  #moveCursor([dx, dy], step) {
    const clamp = (value) => Math.min(SIDE, Math.max(0, value));
    const [x, y] = this.#cursor ?? [SIDE / 2, SIDE / 2];
    this.#cursor = [clamp(x + dx * step), clamp(y + dy * step)];
    if (this.#stroke) this.#addPoint(this.#cursor);
    else this.paint();
  }

  #penDown() {
    this.#cursor ??= [SIDE / 2, SIDE / 2];
    this.#startStroke(this.#cursor);
    this.dispatchEvent(new Event("pendown"));
  }

  #penUp() {
    this.#endStroke();
    this.paint();
    this.dispatchEvent(new Event("penup"));
  }

  #leaveKeyboard() {
    this.#endStroke();
    this.#cursor = null;
    this.paint();
  }

  // -- strokes

  #startStroke([x, y]) {
    this.#endStroke();
    this.image = null;
    this.#stroke = [[x], [y]];
    this.strokes.push(this.#stroke);
    this.#onChange();
  }

  #addPoint([x, y]) {
    const [xs, ys] = this.#stroke;
    if (Math.hypot(x - xs.at(-1), y - ys.at(-1)) < MIN_DISTANCE) return;
    xs.push(x);
    ys.push(y);
    this.#onChange();
  }

  #endStroke() {
    this.#stroke = null;
  }

  // -- painting

  #fit() {
    const { width } = this.#canvas.getBoundingClientRect();
    const pixels = Math.round(width * devicePixelRatio);
    if (pixels && this.#canvas.width !== pixels) this.#canvas.width = this.#canvas.height = pixels;
    this.paint();
  }

  paint() {
    const context = this.#canvas.getContext("2d");
    const scale = this.#canvas.width / SIDE;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    const style = getComputedStyle(this.#canvas);
    this.#paintOn(context, style.color);
    if (this.#cursor) this.#paintCursor(context, style.getPropertyValue("--accent"));
  }

  #paintOn(context, color) {
    if (this.image) this.#paintImage(context);
    context.strokeStyle = color;
    context.lineWidth = LINE_WIDTH;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.strokes) paintStroke(context, stroke);
  }

  #paintImage(context) {
    const { width, height } = this.image;
    const scale = (SIDE * 0.94) / Math.max(width, height);
    context.drawImage(this.image, (SIDE - width * scale) / 2, (SIDE - height * scale) / 2, width * scale, height * scale);
  }

  #paintCursor(context, color) {
    const [x, y] = this.#cursor;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 5;
    context.beginPath();
    context.arc(x, y, 20, 0, 2 * Math.PI);
    context.stroke();
    if (!this.#stroke) return;
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.fill();
  }
}

// A smooth curve through the midpoints of the segments.
function paintStroke(context, [xs, ys]) {
  context.beginPath();
  context.moveTo(xs[0], ys[0]);
  for (let i = 1; i < xs.length - 1; i++) {
    context.quadraticCurveTo(xs[i], ys[i], (xs[i] + xs[i + 1]) / 2, (ys[i] + ys[i + 1]) / 2);
  }
  context.lineTo(xs.at(-1), ys.at(-1));
  context.stroke();
}
