// Images made by the project, so that a view of images does not start empty.
import { request } from "../api.js";
import { openPhoto } from "./photo.js";

export const PHOTOS = ["autumn", "firs", "sunset"];
export const FACES = ["ada", "ben", "cleo"]; // drawn
const addressOf = (name) => `page/examples/${name}.jpg`;

export class ExamplePhotos {
  // group: where the buttons are added; onChoose: called with the name
  constructor(group, onChoose, names = PHOTOS) {
    group.append(...names.map((name) => createButton(name, () => onChoose(name))));
  }

  // The image of this name, see photo.js; null if there is none.
  static async open(name) {
    if (![...PHOTOS, ...FACES].includes(name)) return null;
    const { blob } = await request(addressOf(name));
    return openPhoto(new File([blob], `${name}.jpg`, { type: blob.type }));
  }
}

function createButton(name, onClick) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "example" });
  button.append(Object.assign(new Image(), { src: addressOf(name), alt: `Example: ${name}`, draggable: false }));
  button.addEventListener("click", onClick);
  return button;
}
