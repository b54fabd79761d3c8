// A photo as it is sent: upright, without EXIF data, and not larger than what the service computes with. A phone's photo
// of 12 MB is not sent as it is.
import { ApiError } from "../api.js";

const MAX_SIDE = 1024; // pixels of the long side
const FORMAT = "image/jpeg";
const QUALITY = 0.92;

// Resolves to { blob, name, file: with the extension, width, height, originalSize: { width, height } }, all in pixels. Throws an ApiError if the browser
// cannot decode the file.
export async function openPhoto(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!bitmap) throw new ApiError(`${file.name || "This file"} cannot be opened as an image. Choose a JPEG, PNG or WebP file.`);
  try {
    return await scaleDown(bitmap, bitmap, file.name);
  } finally {
    bitmap.close();
  }
}

// source: anything that can be drawn on a canvas, with its size
export async function scaleDown(source, { width, height }, file) {
  const factor = Math.min(1, MAX_SIDE / Math.max(width, height));
  const scaled = (side) => Math.max(1, Math.round(side * factor));
  const canvas = Object.assign(document.createElement("canvas"), { width: scaled(width), height: scaled(height) });
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // for transparent parts, as in the service
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, FORMAT, QUALITY));
  const name = file?.replace(/\.\w+$/, "") || "photo";
  return { blob, name, file: file || "photo.jpg", width: canvas.width, height: canvas.height, originalSize: { width, height } };
}
