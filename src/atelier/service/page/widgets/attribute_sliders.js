// A slider for each attribute of faces. Its value is the change in standard deviations, 0 in the middle.

const STEP = 0.1;

export class AttributeSliders {
  #attributes = [];

  constructor(list) {
    this.list = list;
    list.addEventListener("input", () => this.#showValues());
  }

  // attributes: of GET /attributes. Changes that are set stay.
  show(attributes) {
    const { changes } = this;
    this.#attributes = attributes;
    this.list.replaceChildren(...attributes.map((attribute) => createRow(attribute)));
    this.set(changes);
  }

  // name → change, those that are not 0
  get changes() {
    const changed = this.#inputs.filter(({ value }) => Number(value) !== 0);
    return Object.fromEntries(changed.map(({ name, value }) => [name, Number(value)]));
  }

  // Attributes that are not given become 0. changes: name → number or text, as in an address
  set(changes) {
    for (const input of this.#inputs) input.value = Number(changes[input.name]) || 0; // the browser clamps it
    this.#showValues();
  }

  set disabled(disabled) {
    for (const input of this.#inputs) input.disabled = disabled;
  }

  get #inputs() {
    return [...this.list.querySelectorAll("input")];
  }

  #showValues() {
    this.#inputs.forEach((input, i) => {
      const text = describe(this.#attributes[i], Number(input.value));
      input.setAttribute("aria-valuetext", text);
      input.closest("label").querySelector(".share").textContent = text;
    });
  }
}

export const nameOf = (attribute) => attribute.replaceAll("_", " ");

function createRow({ name, range: [low, high] }) {
  const row = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "range", name, min: low, max: high, step: STEP, value: 0, disabled: true });
  const value = Object.assign(document.createElement("span"), { className: "share" });
  value.setAttribute("aria-hidden", true);
  row.append(Object.assign(document.createElement("span"), { textContent: nameOf(name) }), value, input);
  return row;
}

// In the unit of the attribute where it has one: "+24 years".
function describe({ unit, standard_deviation: deviation }, change) {
  if (!change) return "as it is";
  const number = unit ? Math.round(change * deviation) : change.toFixed(1);
  return `${change > 0 ? "+" : "−"}${String(number).replace("-", "")}${unit ? ` ${unit}` : ""}`;
}
