// Small drawings of a model, shown large: they are blurred until their pixels are gone, and the lines' edges drawn anew.

const BLUR = 0.4; // in pixels of the drawing
const MIDDLE = 0.5; // share of ink at which a line's edge lies
const SOFTNESS = 0.9; // of an edge, in pixels of the screen
const RISING = [{ opacity: 0, filter: "blur(6px)" }, {}];

// One drawing as a canvas of its own size, its ink as opacity. levels: rows of grey levels, 255 a stroke.
export function fromLevels(levels) {
  const picture = new ImageData(levels[0].length, levels.length);
  levels.flat().forEach((level, i) => (picture.data[4 * i + 3] = level));
  return onCanvas(picture);
}

// The same from the address of a picture, black on white.
export async function fromAddress(url) {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  pen.drawImage(image, 0, 0);
  const picture = pen.getImageData(0, 0, width, height);
  for (let i = 0; i < picture.data.length; i += 4) picture.data[i + 3] = 255 - picture.data[i];
  return onCanvas(picture);
}

function onCanvas(picture) {
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}

// Paints a drawing on a canvas as large as the page shows it, in the page's ink; again when either changes.
export class Prints {
  #drawings = new Map(); // canvas → drawing
  #watch = new ResizeObserver((entries) => entries.forEach(({ target }) => this.#paint(target)));
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #repaint = () => this.#drawings.forEach((_, canvas) => this.#paint(canvas));

  constructor() {
    this.#dark.addEventListener("change", this.#repaint);
  }

  // delay: ms after which the ink comes up
  show(canvas, drawing, delay = 0) {
    this.#drawings.set(canvas, drawing);
    this.#watch.observe(canvas);
    this.#paint(canvas);
    if (!this.#still.matches) canvas.animate(RISING, { duration: 600, delay, fill: "backwards", easing: "ease-out" });
  }

  clear() {
    this.#watch.disconnect();
    this.#drawings.clear();
  }

  close() {
    this.clear();
    this.#dark.removeEventListener("change", this.#repaint);
  }

  #paint(canvas) {
    const drawing = this.#drawings.get(canvas);
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!drawing || !side) return;
    canvas.width = canvas.height = side; // wipes it
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.imageSmoothingQuality = "high";
    pen.filter = `blur(${(BLUR * side) / drawing.width}px)`;
    pen.drawImage(drawing, 0, 0, side, side);
    pen.filter = "none";
    const picture = pen.getImageData(0, 0, side, side);
    sharpen(picture.data, side / drawing.width);
    pen.putImageData(picture, 0, 0);
    pen.globalCompositeOperation = "source-in";
    pen.fillStyle = getComputedStyle(canvas).color;
    pen.fillRect(0, 0, side, side);
  }
}

// Opacity along a smoothstep around MIDDLE, the steeper the more the drawing was enlarged.
function sharpen(pixels, factor) {
  const reach = Math.min(0.3, Math.max(0.05, SOFTNESS / factor));
  const curve = Uint8ClampedArray.from({ length: 256 }, (_, level) => {
    const share = Math.min(1, Math.max(0, (level / 255 - MIDDLE + reach) / (2 * reach)));
    return 255 * share * share * (3 - 2 * share);
  });
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = curve[pixels[i]];
}
