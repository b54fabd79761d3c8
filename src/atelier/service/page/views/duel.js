// The view of a duel: quickdraw_gan draws, the user and quickdraw_classifier guess.
import { postJson } from "../api.js";
import { loadModels } from "../api_models.js";
import { capitalise, createRow, fillRow, formatProbability, numberWord } from "../widgets/guesses.js";
import { showLineage } from "../widgets/lineage.js";
import { showNotice } from "../widgets/notice.js";
import { UpscaledDrawings, fromAddress } from "../widgets/upscaled_drawing.js";
import { DuelGame } from "./duel_game.js";

export const id = "duel";
export const title = "Duel";
export const keep = true;

const FAMILIES = ["quickdraw_gan", "quickdraw_classifier"];
const ENDPOINT = "duel";
const ROUNDS = 8;
const NO_IDEA = "no idea";

const HTML = `
  <section class="view duel" aria-labelledby="view-title">
    <div class="workspace">
      <div class="heading">
        <h1 id="view-title">Guess what it drew.</h1>
        <p id="round"></p>
      </div>
      <div class="sheet centered"><canvas id="drawing" role="img" aria-label="No drawing yet"></canvas></div>
    </div>
    <div class="result" aria-labelledby="result-title" role="group">
      <p class="above" id="above"></p>
      <h2 id="result-title">One model draws, another guesses. So do you.</h2>
      <p class="below" id="below"></p>
      <div class="turn">
        <ol class="choices" id="choices" aria-label="Your guess" hidden></ol>
        <dl class="verdict" id="verdict" hidden></dl>
        <p class="go"><button type="button" id="go" disabled>Begin</button></p>
      </div>
      <ol class="guesses score" id="score" aria-label="Score" hidden></ol>
      <p class="notice" id="notice" role="status" hidden></p>
      <div id="lineages"></div>
    </div>
  </section>`;

export function mount(root) {
  new DuelView(root);
  return () => {};
}

class DuelView {
  #drawings = new UpscaledDrawings();
  #labels = [];
  #game = null;

  constructor(root) {
    this.root = root;
    root.innerHTML = HTML;
    this.byId = (name) => root.querySelector(`#${name}`);
    const on = (target, event, listener) => target.addEventListener(event, listener);
    on(this.byId("go"), "click", () => this.#continue());
    on(this.byId("choices"), "click", ({ target }) => this.#guess(target.closest("button")?.value));
    on(document, "keydown", (event) => this.#onKey(event));
    this.byId("score").append(createRow(), createRow());
    this.#loadModels();
  }

  async #loadModels() {
    const models = await loadModels(FAMILIES, (message) => this.#notify(message));
    if (!models) return;
    const [drawn, known] = models.map(({ card }) => card.spec.labels);
    this.#labels = drawn.filter((label) => known.includes(label));
    this.byId("lineages").replaceChildren(...models.map(createLineage));
    this.byId("go").disabled = false;
  }

  // -- the rounds

  #continue() {
    if (!this.#game || this.#game.over) return this.#begin();
    this.#game.next();
    return this.#showRound();
  }

  async #begin() {
    const go = this.byId("go");
    go.disabled = true;
    try {
      const { rounds } = await postJson(ENDPOINT, { count: ROUNDS });
      this.#game = new DuelGame(rounds, this.#labels);
      this.#notify("");
      await this.#showRound();
    } catch (error) {
      this.#notify(error.message);
    } finally {
      go.disabled = false;
    }
  }

  async #showRound() {
    const { number, round, rounds, words } = this.#game;
    const drawing = await fromAddress(round.image);
    this.#drawings.show(this.byId("drawing"), drawing);
    this.byId("drawing").setAttribute("aria-label", `Drawing number ${number} of the generator`);
    this.byId("round").textContent = `${capitalise(numberWord(number))} of ${numberWord(rounds.length)}`;
    this.byId("above").textContent = "The generator drew this.";
    this.byId("below").textContent = "";
    this.#showTitle("What is it?");
    this.byId("choices").replaceChildren(...[...words, ""].map(createChoice));
    this.#showChoices(true);
    this.#showScore();
    this.byId("choices").querySelector("button").focus({ preventScroll: true });
  }

  #guess(word) {
    if (word === undefined || !this.#game || this.#game.guessed) return;
    this.#game.setGuess(word);
    const { round, over, result } = this.#game;
    const guess = `${round.guess}, ${formatProbability(round.probability)}`;
    this.byId("above").textContent = "It was meant to be";
    this.#showTitle(capitalise(round.label));
    this.byId("below").textContent = over ? result : "";
    this.byId("verdict").replaceChildren(
      ...createVerdict("You", word || NO_IDEA, word === round.label),
      ...createVerdict("The classifier", guess, round.agreed),
    );
    this.byId("go").textContent = over ? "Play again" : "Next drawing";
    this.#showChoices(false);
    this.#showScore();
    this.byId("go").focus({ preventScroll: true });
    const announcement = `It was meant to be ${round.label}. The classifier says ${guess}.`;
    document.getElementById("announcer").textContent = over ? `${announcement} ${result}` : announcement;
  }

  // -- what is shown

  #showChoices(visible) {
    this.byId("choices").hidden = !visible;
    this.byId("verdict").hidden = this.byId("go").hidden = visible;
  }

  #showTitle(text) {
    this.byId("result-title").textContent = text;
    this.byId("result-title").setAttribute("data-guess", text);
  }

  #showScore() {
    const { score, rounds } = this.#game;
    const [user, classifier] = this.byId("score").children;
    fillRow(user, "You", score.user, score.user / rounds.length);
    fillRow(classifier, "The classifier", score.classifier, score.classifier / rounds.length);
    this.byId("score").hidden = false;
  }

  #notify(message) {
    showNotice(this.byId("notice"), message);
  }

  // Digits are shortcuts for the choices.
  #onKey(event) {
    if (!this.root.isConnected) return; // another view is shown
    if (event.ctrlKey || event.metaKey || event.altKey || this.byId("choices").hidden) return;
    this.#guess(this.byId("choices").querySelectorAll("button")[Number(event.key) - 1]?.value);
  }
}

function createChoice(word) {
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("button"), { type: "button", value: word, textContent: word || NO_IDEA }));
  return item;
}

function createVerdict(who, guess, correct) {
  const [term, text] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = who;
  text.textContent = guess;
  text.toggleAttribute("data-correct", correct);
  return [term, text];
}

function createLineage(model) {
  const details = Object.assign(document.createElement("details"), { className: "lineage", innerHTML: "<summary></summary><dl></dl>" });
  showLineage(details, model);
  return details;
}
