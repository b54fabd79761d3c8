// A sheet of paper to draw on with mouse, pen, finger or keyboard. Coordinates are in paper units, 0..1000 a side,
// whatever its size on the screen. Fires "change" when a point or stroke is added or taken away.

export const SIDE = 1000;
const PEN = 17; // the pen of the published Quick Draw bitmaps is 16 of 272 units; thinner looks better and reads the same
const NEAREST = 3; // points closer together than this say nothing new
const STEP = 25;
const FINE_STEP = 5;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Paper extends EventTarget {
  strokes = [];
  picture = null;
  #canvas;
  #current = null; // the stroke under the pen
  #cursor = null; // where the keyboard's pen is, once the keyboard is used
  #watch;

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    this.#watch = new ResizeObserver(() => this.#fit());
    this.#watch.observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.#lift());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#putKeyboardAway());
  }

  get blank() {
    return !this.strokes.length && !this.picture;
  }

  close() {
    this.#watch.disconnect();
  }

  undo() {
    this.#lift();
    if (this.picture) this.picture = null;
    else this.strokes.pop();
    this.#changed();
  }

  clear() {
    this.#lift();
    this.picture = null;
    this.strokes = [];
    this.#changed();
  }

  // Lay a picture on the paper instead of a drawing.
  show(picture) {
    this.#lift();
    this.strokes = [];
    this.picture = picture;
    this.#changed();
  }

  #changed() {
    this.paint();
    this.dispatchEvent(new Event("change"));
  }

  // -- pointer

  #down(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#cursor = null;
    this.#start(this.#place(event));
  }

  #move(event) {
    if (!event.isPrimary || !this.#current || this.#cursor) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#extend(this.#place(each));
  }

  #place({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    const clamp = (value) => Math.round(Math.min(SIDE, Math.max(0, value)));
    return [clamp(((clientX - box.left) / box.width) * SIDE), clamp(((clientY - box.top) / box.height) * SIDE)];
  }

  // -- keyboard: arrows move the pen, space puts it down and lifts it

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.#walk(ARROWS[event.key], event.shiftKey ? FINE_STEP : STEP);
    else if (event.key === " ") this.#current ? this.#liftByKey() : this.#putDown();
    else if (event.key === "Escape" && this.#current) this.#liftByKey();
    else return;
    event.preventDefault();
  }

  #walk([dx, dy], step) {
    const inside = (value) => Math.min(SIDE, Math.max(0, value));
    const [x, y] = this.#cursor ?? [SIDE / 2, SIDE / 2];
    this.#cursor = [inside(x + dx * step), inside(y + dy * step)];
    if (this.#current) this.#extend(this.#cursor);
    else this.paint();
  }

  #putDown() {
    this.#cursor ??= [SIDE / 2, SIDE / 2];
    this.#start(this.#cursor);
    this.dispatchEvent(new Event("pendown"));
  }

  #liftByKey() {
    this.#lift();
    this.paint();
    this.dispatchEvent(new Event("penup"));
  }

  #putKeyboardAway() {
    this.#lift();
    this.#cursor = null;
    this.paint();
  }

  // -- strokes

  #start([x, y]) {
    this.#lift();
    this.picture = null;
    this.#current = [[x], [y]];
    this.strokes.push(this.#current);
    this.#changed();
  }

  #extend([x, y]) {
    const [xs, ys] = this.#current;
    if (Math.hypot(x - xs.at(-1), y - ys.at(-1)) < NEAREST) return;
    xs.push(x);
    ys.push(y);
    this.#changed();
  }

  #lift() {
    this.#current = null;
  }

  // -- painting

  #fit() {
    const { width } = this.#canvas.getBoundingClientRect();
    const pixels = Math.round(width * devicePixelRatio);
    if (pixels && this.#canvas.width !== pixels) this.#canvas.width = this.#canvas.height = pixels;
    this.paint();
  }

  paint() {
    const pen = this.#canvas.getContext("2d");
    const scale = this.#canvas.width / SIDE;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, SIDE, SIDE);
    if (this.picture) this.#paintPicture(pen);
    const style = getComputedStyle(this.#canvas);
    pen.strokeStyle = style.color;
    pen.lineWidth = PEN;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of this.strokes) trace(pen, stroke);
    if (this.#cursor) this.#paintCursor(pen, style.getPropertyValue("--accent"));
  }

  #paintPicture(pen) {
    const { width, height } = this.picture;
    const scale = (SIDE * 0.94) / Math.max(width, height);
    pen.drawImage(this.picture, (SIDE - width * scale) / 2, (SIDE - height * scale) / 2, width * scale, height * scale);
  }

  #paintCursor(pen, colour) {
    const [x, y] = this.#cursor;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 5;
    pen.beginPath();
    pen.arc(x, y, 20, 0, 2 * Math.PI);
    pen.stroke();
    if (!this.#current) return;
    pen.beginPath();
    pen.arc(x, y, 9, 0, 2 * Math.PI);
    pen.fill();
  }
}

// A curve through the middles of the segments: what a hand meant.
function trace(pen, [xs, ys]) {
  pen.beginPath();
  pen.moveTo(xs[0], ys[0]);
  for (let i = 1; i < xs.length - 1; i++) {
    pen.quadraticCurveTo(xs[i], ys[i], (xs[i] + xs[i + 1]) / 2, (ys[i] + ys[i + 1]) / 2);
  }
  pen.lineTo(xs.at(-1), ys.at(-1));
  pen.stroke();
}
