// Radio buttons with thumbnails for the styles, and one more for the user's own style image.
import { setImage } from "./file_input.js";

export class StylePicker {
  #own = null; // the user's style image, from photo.js
  #painters = new Map(); // name of a style → its painter, if it has one

  // fieldset: contains the tiles; the first tile is the button that opens an own style image
  constructor(fieldset) {
    this.fieldset = fieldset;
    this.button = fieldset.querySelector("button");
  }

  // styles: [{ name, thumbnail: address or null, painter: see api_stylize.js }]. The chosen style stays chosen if it still exists.
  show(styles) {
    const { own, name } = this.chosen ?? {};
    this.#painters = new Map(styles.map((style) => [style.name, style.painter]));
    this.fieldset.querySelectorAll("label:not([data-own])").forEach((tile) => tile.remove());
    const tiles = styles.map((style) => createTile(style.name, style.thumbnail && Object.assign(new Image(), { src: style.thumbnail })));
    this.button.after(...tiles);
    const selected = tiles.find((tile) => tile.control.value === name) ?? tiles[0];
    if (selected && !own) selected.control.checked = true;
  }

  // Adds the user's own style, chooses it and removes the previous one.
  addOwn(photo) {
    this.#own = photo;
    if (this.#ownTile) setImage(this.#ownTile.querySelector("img"), null);
    this.#ownTile?.remove();
    const image = new Image();
    setImage(image, photo.blob);
    const tile = createTile(photo.name, image);
    tile.toggleAttribute("data-own", true);
    this.button.after(tile);
    tile.control.checked = true;
    tile.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // { name, own, painter }: own is the user's style image, or null; null if nothing is chosen
  get chosen() {
    const input = this.fieldset.querySelector("input:checked");
    if (!input) return null;
    const own = input.parentElement === this.#ownTile ? this.#own : null;
    return { name: input.value, own, painter: own ? undefined : this.#painters.get(input.value) };
  }

  get #ownTile() {
    return this.fieldset.querySelector("[data-own]");
  }
}

// The name is visible only if there is no thumbnail.
function createTile(name, image) {
  const tile = Object.assign(document.createElement("label"), { className: "tile", title: name });
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "style", value: name });
  const text = Object.assign(document.createElement("span"), { textContent: name, className: image ? "visually-hidden" : "" });
  if (image) image.alt = "";
  tile.append(...[input, image, text].filter(Boolean));
  return tile;
}
