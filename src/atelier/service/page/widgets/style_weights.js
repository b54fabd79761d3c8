// A slider for the weight of each style of a blend. Only the proportions count.

const [MOST, START] = [100, 50];

export class StyleWeights {
  #weights = new Map(); // name → weight, also of styles that are not chosen just now

  constructor(list) {
    this.list = list;
    list.addEventListener("input", ({ target }) => {
      this.#weights.set(target.name, Number(target.value));
      this.#showShares();
    });
  }

  of(name) {
    return this.#weights.get(name) ?? START;
  }

  // names: the styles of the blend; weights: name → weight, where a link asks for some
  show(names, weights = {}) {
    for (const [name, weight] of Object.entries(weights)) this.#weights.set(name, clamp(weight));
    this.list.hidden = !names.length;
    this.list.replaceChildren(...names.map((name) => this.#createRow(name)));
    this.#showShares();
  }

  #createRow(name) {
    const row = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "range", name, min: 1, max: MOST, value: this.of(name) });
    const share = Object.assign(document.createElement("span"), { className: "share" }); // an <output> would take the label
    share.setAttribute("aria-hidden", true);
    row.append(Object.assign(document.createElement("span"), { textContent: name }), share, input);
    return row;
  }

  #showShares() {
    const rows = [...this.list.children];
    const total = rows.reduce((sum, row) => sum + this.of(row.control.name), 0);
    for (const row of rows) row.querySelector(".share").textContent = `${Math.round((100 * this.of(row.control.name)) / total)} %`;
  }
}

const clamp = (weight) => Math.min(MOST, Math.max(1, Math.round(weight) || START));
