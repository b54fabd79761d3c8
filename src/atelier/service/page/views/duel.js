// The duel of quickdraw_gan, which draws, and quickdraw_classifier, which guesses; the reader may guess first.
import { Game } from "./duel_game.js";
import { capitalise, count, fill, line, say } from "../widgets/guesses.js";
import { introduce, meet } from "../api_models.js";
import { postJson } from "../api.js";
import { Prints, fromAddress } from "../widgets/upscaled_drawing.js";

export const id = "duel";
export const title = "Duel";

const FAMILIES = ["quickdraw_gan", "quickdraw_classifier"];
const ENDPOINT = "duel";
const ROUNDS = 8;
const NOTHING = "no idea";

const HTML = `
  <section class="studio duel" aria-labelledby="duel-title">
    <div class="easel">
      <div class="brief">
        <h1 id="duel-title">Guess what it drew.</h1>
        <p id="round"></p>
      </div>
      <div class="sheet mount"><canvas id="print" role="img" aria-label="Empty paper"></canvas></div>
    </div>
    <div class="label" aria-labelledby="label-title" role="group">
      <p class="sure" id="sure"></p>
      <h2 id="label-title">One model draws, the other guesses. Be quicker.</h2>
      <p class="medium" id="medium"></p>
      <div class="turn">
        <ol class="choices" id="choices" aria-label="What it may be" hidden></ol>
        <dl class="verdict" id="verdict" hidden></dl>
        <p class="go"><button type="button" id="go" disabled>Begin</button></p>
      </div>
      <ol class="guesses score" id="score" aria-label="Score" hidden></ol>
      <p class="notice" id="notice" role="status" hidden></p>
      <div id="lineages"></div>
    </div>
  </section>`;

export function mount(root) {
  const view = new DuelView(root);
  return () => view.close();
}

class DuelView {
  #gone = new AbortController();
  #prints = new Prints();
  #labels = [];
  #game = null;

  constructor(root) {
    root.innerHTML = HTML;
    this.at = (name) => root.querySelector(`#${name}`);
    const on = (target, event, act) => target.addEventListener(event, act, { signal: this.#gone.signal });
    on(this.at("go"), "click", () => this.#go());
    on(this.at("choices"), "click", ({ target }) => this.#tell(target.closest("button")?.value));
    on(document, "keydown", (event) => this.#key(event));
    this.at("score").append(line(), line());
    this.#meetModels();
  }

  close() {
    this.#gone.abort();
    this.#prints.close();
  }

  async #meetModels() {
    const found = await meet(FAMILIES, (sentence) => this.#notice(sentence), this.#gone.signal);
    if (!found) return;
    const [drawn, known] = found.map(({ card }) => card.spec.labels);
    this.#labels = drawn.filter((label) => known.includes(label));
    this.at("lineages").replaceChildren(...found.map(lineageOf));
    this.at("go").disabled = false;
  }

  // -- one round after the other

  #go() {
    if (!this.#game || this.#game.over) return this.#begin();
    this.#game.next();
    return this.#show();
  }

  async #begin() {
    const go = this.at("go");
    go.disabled = true;
    try {
      const { rounds } = await postJson(ENDPOINT, { count: ROUNDS }, this.#gone.signal);
      this.#game = new Game(rounds, this.#labels);
      this.#notice("");
      await this.#show();
    } catch (error) {
      if (error.name !== "AbortError") this.#notice(error.message);
    } finally {
      go.disabled = false;
    }
  }

  async #show() {
    const { number, round, rounds, words } = this.#game;
    const drawing = await fromAddress(round.image);
    this.#prints.show(this.at("print"), drawing);
    this.at("print").setAttribute("aria-label", `Drawing number ${number} of the generator`);
    this.at("round").textContent = `${capitalise(count(number))} of ${count(rounds.length)}`;
    this.at("sure").textContent = "The generator drew this.";
    this.at("medium").textContent = "";
    this.#head("What is it?");
    this.at("choices").replaceChildren(...[...words, ""].map(button));
    this.#turn(true);
    this.#score();
    this.at("choices").querySelector("button").focus({ preventScroll: true });
  }

  #tell(word) {
    if (word === undefined || !this.#game || this.#game.told) return;
    this.#game.tell(word);
    const { round, over, result } = this.#game;
    this.at("sure").textContent = "It was meant to be";
    this.#head(capitalise(round.label));
    this.at("medium").textContent = over ? result : "";
    this.at("verdict").replaceChildren(
      ...verdict("You", word || NOTHING, word === round.label),
      ...verdict("The classifier", `${round.guess}, ${say(round.probability)}`, round.agreed),
    );
    this.at("go").textContent = over ? "Play again" : "Next drawing";
    this.#turn(false);
    this.#score();
    this.at("go").focus({ preventScroll: true });
    const said = `It was meant to be ${round.label}. The classifier says ${round.guess}, ${say(round.probability)}.`;
    document.getElementById("announcer").textContent = over ? `${said} ${result}` : said;
  }

  // -- what is seen

  #turn(readers) {
    this.at("choices").hidden = !readers;
    this.at("verdict").hidden = this.at("go").hidden = readers;
  }

  #head(text) {
    this.at("label-title").textContent = text;
    this.at("label-title").setAttribute("data-guess", text);
  }

  #score() {
    const { score, rounds } = this.#game;
    const [you, classifier] = this.at("score").children;
    fill(you, "You", score.you, score.you / rounds.length);
    fill(classifier, "The classifier", score.classifier, score.classifier / rounds.length);
    this.at("score").hidden = false;
  }

  #notice(sentence) {
    const notice = this.at("notice");
    if (notice.textContent !== sentence) notice.textContent = sentence;
    notice.hidden = !sentence;
  }

  // The digits say what the buttons say.
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.at("choices").hidden) return;
    this.#tell(this.at("choices").querySelectorAll("button")[Number(event.key) - 1]?.value);
  }
}

function button(word) {
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("button"), { type: "button", value: word, textContent: word || NOTHING }));
  return item;
}

function verdict(who, said, right) {
  const [term, text] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = who;
  text.textContent = said;
  text.toggleAttribute("data-right", right);
  return [term, text];
}

function lineageOf(model) {
  const details = Object.assign(document.createElement("details"), { className: "lineage", innerHTML: "<summary></summary><dl></dl>" });
  introduce(details, model);
  return details;
}
