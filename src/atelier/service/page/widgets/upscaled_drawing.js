// Small drawings, enlarged: they are blurred until their pixels disappear, then the edges of the lines are sharpened.

const BLUR = 0.4; // in pixels of the drawing
const THRESHOLD = 0.5; // opacity at the edge of a line
const SOFTNESS = 0.9; // width of an edge, in pixels of the screen
const FADE_IN = [{ opacity: 0, filter: "blur(6px)" }, {}];

// A drawing as a canvas of its own size, with strokes as opacity. levels: rows of grey levels, 255 is a stroke
export function fromLevels(levels) {
  const image = new ImageData(levels[0].length, levels.length);
  levels.flat().forEach((level, i) => (image.data[4 * i + 3] = level));
  return createCanvas(image);
}

// The same from the address of an image, black on white.
export async function fromAddress(url) {
  const element = Object.assign(new Image(), { src: url });
  await element.decode();
  const { naturalWidth: width, naturalHeight: height } = element;
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  context.drawImage(element, 0, 0);
  const image = context.getImageData(0, 0, width, height);
  for (let i = 0; i < image.data.length; i += 4) image.data[i + 3] = 255 - image.data[i];
  return createCanvas(image);
}

function createCanvas(image) {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Paints drawings on canvases in the size and color of the page, and again when the size or the color scheme changes.
export class UpscaledDrawings {
  #drawings = new Map(); // canvas → drawing
  #observer = new ResizeObserver((entries) => entries.forEach(({ target }) => this.#paint(target)));
  #darkScheme = matchMedia("(prefers-color-scheme: dark)");
  #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  #paintAll = () => this.#drawings.forEach((_, canvas) => this.#paint(canvas));

  constructor() {
    this.#darkScheme.addEventListener("change", this.#paintAll);
  }

  // delay: ms before the drawing fades in
  show(canvas, drawing, delay = 0) {
    this.#drawings.set(canvas, drawing);
    this.#observer.observe(canvas);
    this.#paint(canvas);
    if (!this.#reducedMotion.matches) canvas.animate(FADE_IN, { duration: 600, delay, fill: "backwards", easing: "ease-out" });
  }

  clear() {
    this.#observer.disconnect();
    this.#drawings.clear();
  }

  #paint(canvas) {
    const drawing = this.#drawings.get(canvas);
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!drawing || !side) return;
    canvas.width = canvas.height = side; // also clears it
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.filter = `blur(${(BLUR * side) / drawing.width}px)`;
    context.drawImage(drawing, 0, 0, side, side);
    context.filter = "none";
    const image = context.getImageData(0, 0, side, side);
    sharpen(image.data, side / drawing.width);
    context.putImageData(image, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = getComputedStyle(canvas).color;
    context.fillRect(0, 0, side, side);
  }
}

// Applies a smoothstep around THRESHOLD to the opacity. The more the drawing was enlarged, the steeper it is.
function sharpen(pixels, factor) {
  const reach = Math.min(0.3, Math.max(0.05, SOFTNESS / factor));
  const curve = Uint8ClampedArray.from({ length: 256 }, (_, level) => {
    const share = Math.min(1, Math.max(0, (level / 255 - THRESHOLD + reach) / (2 * reach)));
    return 255 * share * share * (3 - 2 * share);
  });
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = curve[pixels[i]];
}
