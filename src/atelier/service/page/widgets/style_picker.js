// The styles to choose from, as radio buttons with thumbnails; and the reader's own, once there is one.
import { put } from "./file_input.js";

export class Styles {
  #own = null; // a photo as photo.js makes it

  // fieldset: holds the tiles, the last of which is the button that brings an own style
  constructor(fieldset) {
    this.fieldset = fieldset;
    this.button = fieldset.querySelector("button");
  }

  // styles: [{ name, thumbnail: address or null }]; what was chosen stays chosen, where it is still there
  show(styles) {
    const { own, name } = this.chosen ?? {};
    this.fieldset.querySelectorAll("label:not([data-own])").forEach((tile) => tile.remove());
    const tiles = styles.map((style) => tileOf(style.name, style.thumbnail && Object.assign(new Image(), { src: style.thumbnail })));
    this.fieldset.querySelector("legend").after(...tiles);
    const again = tiles.find((tile) => tile.control.value === name) ?? tiles[0];
    if (again && !own) again.control.checked = true;
  }

  // The reader's own style takes the place of the one before, and is chosen.
  bring(photo) {
    this.#own = photo;
    this.close();
    this.#tile?.remove();
    const image = new Image();
    put(image, photo.blob);
    const tile = tileOf(photo.name, image);
    tile.toggleAttribute("data-own", true);
    this.button.before(tile);
    tile.control.checked = true;
    tile.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // { name, own }: own is the photo of an own style, or null; null when nothing is chosen
  get chosen() {
    const input = this.fieldset.querySelector("input:checked");
    return input && { name: input.value, own: input.parentElement === this.#tile ? this.#own : null };
  }

  close() {
    if (this.#tile) put(this.#tile.querySelector("img"), null);
  }

  get #tile() {
    return this.fieldset.querySelector("[data-own]");
  }
}

// The name is seen only where there is no image to say what the style looks like.
function tileOf(name, image) {
  const tile = Object.assign(document.createElement("label"), { className: "tile", title: name });
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "style", value: name });
  const text = Object.assign(document.createElement("span"), { textContent: name, className: image ? "unseen" : "" });
  if (image) image.alt = "";
  tile.append(...[input, image, text].filter(Boolean));
  return tile;
}
