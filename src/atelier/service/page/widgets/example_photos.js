// Photos made by the project, so that a view of photos does not start empty.
import { request } from "../api.js";
import { openPhoto } from "./photo.js";

const NAMES = ["autumn", "firs", "sunset"];
const addressOf = (name) => `page/examples/${name}.jpg`;

export class ExamplePhotos {
  // group: where the buttons are added; onChoose: called with the name
  constructor(group, onChoose) {
    group.append(...NAMES.map((name) => createButton(name, () => onChoose(name))));
  }

  // The photo of this name, see photo.js; null if there is none.
  static async open(name) {
    if (!NAMES.includes(name)) return null;
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
