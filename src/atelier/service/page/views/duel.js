// The view of a duel: quickdraw_gan draws, the user and quickdraw_classifier guess.
import { randomSeed, toSeed } from "../seed.js";
import { capitalise, createRow, fillRow, formatProbability, numberWord } from "../widgets/guesses.js";
import { UpscaledDrawings, fromAddress } from "../widgets/upscaled_drawing.js";
import { DuelGame } from "./duel_game.js";
import { View, layout } from "./view.js";

export const id = "duel";
export const title = "Duel";
export const mount = (root) => new DuelView(root);

const FAMILIES = ["quickdraw_gan", "quickdraw_classifier"];
const ENDPOINT = "duel";
const ROUNDS = 8;
const NO_IDEA = "no idea";

const HTML = layout({
  kind: "duel",
  heading: "Guess what it drew.",
  lead: '<p id="round"></p>',
  sheet: '<div class="sheet centered"><canvas id="drawing" role="img" aria-label="No drawing yet"></canvas></div>',
  empty: "One model draws, another guesses. So do you.",
  result: `
    <div class="turn">
      <ol class="choices" id="choices" aria-label="Your guess" hidden></ol>
      <dl class="verdict" id="verdict" hidden></dl>
      <p class="go"><button type="button" id="go" disabled>Begin</button></p>
    </div>
    <ol class="guesses score" id="score" aria-label="Score" hidden></ol>`,
});

class DuelView extends View {
  #drawings = new UpscaledDrawings();
  #labels = [];
  #game = null;
  #linked = null; // the seed that a link asks for, until it is played

  constructor(root) {
    super(root, id, HTML);
    this.latest = this.requests({
      onResponse: (response) => this.#onResponse(response),
      onError: (error) => (this.byId("go").disabled = error.temporary),
      slow: "The generator is drawing …",
    });
    this.on("go", "click", () => this.#continue());
    this.on("choices", "click", ({ target }) => this.#guess(target.closest("button")?.value));
    this.onDocument("keydown", (event) => this.#onKey(event));
    this.byId("score").append(createRow(), createRow());
    this.#loadModels();
  }

  // A link leads to the first round of a duel.
  apply({ seed }) {
    this.#linked = toSeed(seed);
    if (this.#labels.length && this.#linked !== null) this.#begin();
  }

  async #loadModels() {
    const models = await this.loadModels(FAMILIES);
    if (!models) return;
    const [drawn, known] = models.map(({ card }) => card.spec.labels);
    this.#labels = drawn.filter((label) => known.includes(label));
    this.byId("go").disabled = false;
    if (this.#linked !== null) this.#begin();
  }

  // -- the rounds

  #continue() {
    if (!this.#game || this.#game.over) return this.#begin();
    this.#game.next();
    return this.#showRound();
  }

  #begin() {
    const seed = this.#linked ?? randomSeed();
    this.#linked = null;
    this.byId("go").disabled = true;
    this.latest.add({ path: ENDPOINT, json: { count: ROUNDS, seed } });
  }

  #onResponse({ rounds, seed, generator, classifier }) {
    this.#game = new DuelGame(rounds, this.#labels);
    this.byId("go").disabled = false;
    this.setAddress({ seed });
    this.#showRound();
    if (!this.knows(generator, classifier)) this.#loadModels();
  }

  async #showRound() {
    const { number, round, rounds, words } = this.#game;
    const drawing = await fromAddress(round.image);
    this.#drawings.show(this.byId("drawing"), drawing);
    this.byId("drawing").setAttribute("aria-label", `Drawing number ${number} of the generator`);
    this.byId("round").textContent = `${capitalise(numberWord(number))} of ${numberWord(rounds.length)}`;
    this.showTitle({ above: "The generator drew this.", title: "What is it?", guess: "What is it?" });
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
    this.showTitle({ above: "It was meant to be", title: capitalise(round.label), guess: round.label, below: over ? result : "" });
    this.byId("verdict").replaceChildren(
      ...createVerdict("You", word || NO_IDEA, word === round.label),
      ...createVerdict("The classifier", guess, round.agreed),
    );
    this.byId("go").textContent = over ? "Play again" : "Next drawing";
    this.#showChoices(false);
    this.#showScore();
    this.byId("go").focus({ preventScroll: true });
    this.announce(`It was meant to be ${round.label}. The classifier says ${guess}.${over ? ` ${result}` : ""}`);
  }

  // -- what is shown

  #showChoices(visible) {
    this.byId("choices").hidden = !visible;
    this.byId("verdict").hidden = this.byId("go").hidden = visible;
  }

  #showScore() {
    const { score, rounds } = this.#game;
    const [user, classifier] = this.byId("score").children;
    fillRow(user, "You", score.user, score.user / rounds.length);
    fillRow(classifier, "The classifier", score.classifier, score.classifier / rounds.length);
    this.byId("score").hidden = false;
  }

  // Digits are shortcuts for the choices.
  #onKey(event) {
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
