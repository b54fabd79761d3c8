// Tiles for the styles: learned ones with thumbnails, painters, and images of the user. One is chosen, or in a blend several
// of one kind, each with a weight.
import { MOST_IMAGES } from "../api_stylize.js";
import { setImage } from "./file_input.js";
import { StyleWeights } from "./style_weights.js";

export class StylePicker {
  #styles = new Map(); // input → { name, thumbnail, painter, own }

  // fieldset: contains the tiles; the first tile is the button that opens an own style image. blend: a checkbox
  constructor(fieldset, blend, weights) {
    Object.assign(this, { fieldset, blend });
    this.button = fieldset.querySelector("button");
    this.weights = new StyleWeights(weights);
    fieldset.addEventListener("input", ({ target }) => this.#onChoice(target));
    blend.addEventListener("input", () => this.#setBlending(blend.checked));
  }

  // styles: see loadStylizers. What is chosen stays chosen if it still exists.
  show(styles) {
    const names = this.chosen.map(({ name }) => name);
    for (const [input, { own }] of this.#styles) if (!own) this.#remove(input);
    this.button.after(...styles.map((style) => this.#createTile(style, style.thumbnail)));
    this.#inputs.forEach((input) => (input.checked = names.includes(input.value)));
    if (!this.chosen.length && this.#inputs.length) this.#firstChoice.checked = true;
    this.#showWeights();
  }

  // Adds an image of the user and chooses it. The oldest one goes if there are more than a request takes.
  addOwn(photo) {
    const own = this.#inputs.filter((input) => this.#styles.get(input).own);
    for (const input of own) if (own.length >= MOST_IMAGES || input.value === photo.name) this.#remove(own.shift());
    const tile = this.#createTile({ name: photo.name, own: photo }, null, photo.blob);
    this.button.after(tile);
    tile.control.checked = true;
    this.#onChoice(tile.control);
    tile.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Chooses the styles of these names with these weights; unknown names are passed over.
  choose(weights) {
    const known = Object.keys(weights).filter((name) => this.#inputs.some(({ value }) => value === name));
    if (!known.length) return;
    this.#setBlending(known.length > 1);
    this.#inputs.forEach((input) => (input.checked = known.includes(input.value)));
    this.#showWeights(weights);
  }

  // Chosen styles of one kind: { name, thumbnail, painter, own, weight }; empty if there are none.
  get chosen() {
    const styles = this.#inputs.filter(({ checked }) => checked).map((input) => this.#styles.get(input));
    return styles.map((style) => ({ ...style, weight: styles.length > 1 ? this.weights.of(style.name) : 1 }));
  }

  // All styles that can be chosen.
  get styles() {
    return this.#inputs.map((input) => this.#styles.get(input));
  }

  get #inputs() {
    return [...this.fieldset.querySelectorAll("input")];
  }

  // Images of the user stand first, but are chosen only by the user.
  get #firstChoice() {
    return this.#inputs.find((input) => !this.#styles.get(input).own) ?? this.#inputs[0];
  }

  #setBlending(blending) {
    this.blend.checked = blending;
    const checked = this.#inputs.filter((input) => input.checked);
    this.#inputs.forEach((input) => Object.assign(input, { checked: false, type: blending ? "checkbox" : "radio" }));
    checked.slice(0, blending ? checked.length : 1).forEach((input) => (input.checked = true));
    this.#showWeights();
  }

  // Only styles of one model can be blended: the last choice decides which. One style stays chosen.
  #onChoice(chosen) {
    if (this.blend.checked) {
      const kind = kindOf(this.#styles.get(chosen));
      for (const input of this.#inputs) {
        const fits = kindOf(this.#styles.get(input)) === kind;
        input.checked = input === chosen ? input.checked || !this.chosen.length : input.checked && (fits || !chosen.checked);
      }
    }
    this.#showWeights();
  }

  #showWeights(weights) {
    const { chosen } = this;
    this.weights.show(chosen.length > 1 ? chosen.map(({ name }) => name) : [], weights);
  }

  #createTile(style, address, blob) {
    const tile = Object.assign(document.createElement("label"), { className: "tile", title: style.name });
    const type = this.blend.checked ? "checkbox" : "radio";
    const input = Object.assign(document.createElement("input"), { type, name: "style", value: style.name });
    const pictured = address || blob;
    const text = Object.assign(document.createElement("span"), { textContent: style.name, className: pictured ? "visually-hidden" : "" });
    const image = pictured ? [Object.assign(new Image(), { alt: "", ...(address && { src: address }) })] : [];
    if (blob) setImage(image[0], blob);
    tile.append(input, ...image, text);
    this.#styles.set(input, style);
    return tile;
  }

  #remove(input) {
    if (this.#styles.get(input).own) setImage(input.parentElement.querySelector("img"), null);
    this.#styles.delete(input);
    input.parentElement.remove();
  }
}

const kindOf = ({ own, painter }) => (own ? "own" : painter ?? "learned");
