// The same photo by several painters, side by side. A click on one of them chooses it.
import { send } from "../api.js";
import { retryWhileBusy } from "../api_models.js";
import { setImage } from "./file_input.js";

const PAUSE = 150; // ms, while a slider moves

export class Comparison {
  #running = null;

  // onError: called with an error and how many there were
  constructor(grid, onError) {
    Object.assign(this, { grid, onError });
  }

  // works: [{ title, request: see `send`, choose: called when it is clicked }]. Cells of the same titles are kept until their
  // new images are there.
  async start(works) {
    this.#running?.abort();
    const { signal } = (this.#running = new AbortController());
    const titles = works.map(({ title }) => title).join("|");
    if (this.grid.dataset.titles !== titles) this.#createCells(works);
    this.grid.dataset.titles = titles;
    this.grid.hidden = false;
    works.forEach(({ choose }, i) => (this.#cells[i].onclick = choose));
    this.#cells.forEach((cell) => cell.setAttribute("aria-busy", true));
    await new Promise((done) => setTimeout(done, PAUSE));
    for (const [i, { request }] of works.entries()) await this.#fill(this.#cells[i], request, signal);
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
    this.grid.hidden = true;
  }

  get #cells() {
    return [...this.grid.children];
  }

  #createCells(works) {
    this.#cells.forEach((cell) => setImage(cell.querySelector("img"), null));
    this.grid.replaceChildren(...works.map(({ title }) => createCell(title)));
  }

  async #fill(cell, request, signal) {
    if (signal.aborted) return;
    try {
      const answer = await retryWhileBusy(() => send(request, signal), this.onError, signal);
      if (!answer || signal.aborted) return;
      setImage(cell.querySelector("img"), answer.blob);
      cell.setAttribute("aria-busy", false);
    } catch (error) {
      cell.setAttribute("aria-busy", false);
      this.onError(error, 1);
    }
  }
}

function createCell(title) {
  const cell = Object.assign(document.createElement("button"), { type: "button" });
  cell.append(Object.assign(new Image(), { alt: "", draggable: false }), Object.assign(document.createElement("span"), { textContent: title }));
  return cell;
}
