// A photo as it travels: upright, without EXIF data, and no larger than the service paints. The 12 MB that a phone makes
// of it stay where they are.
import { Refusal } from "../api.js";

const LONGEST = 1024; // pixels of the long side
const FORMAT = "image/jpeg";
const QUALITY = 0.92;

// file: what the reader brought. Answers { blob, name, width, height, from: { width, height } }, all in pixels; refuses
// what the browser cannot decode.
export async function open(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!bitmap) throw new Refusal(`${file.name || "This file"} does not open as a picture here. Choose a JPEG, PNG or WebP file.`);
  try {
    return await shrink(bitmap, bitmap, file.name.replace(/\.\w+$/, ""));
  } finally {
    bitmap.close();
  }
}

// source: anything that a canvas draws, of the size `from`
export async function shrink(source, { width, height }, name) {
  const factor = Math.min(1, LONGEST / Math.max(width, height));
  const side = (pixels) => Math.max(1, Math.round(pixels * factor));
  const canvas = Object.assign(document.createElement("canvas"), { width: side(width), height: side(height) });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white"; // transparent parts, as everywhere in this service
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, FORMAT, QUALITY));
  return { blob, name: name || "photo", width: canvas.width, height: canvas.height, from: { width, height } };
}
