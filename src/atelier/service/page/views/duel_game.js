// A duel of several rounds as a game for two: the classifier, which has said already what it sees, and the reader.

const CHOICES = 4;

export class Game {
  #round = 0;
  score = { you: 0, classifier: 0 };
  choice = null; // what the reader said of this round; "" when nothing came to mind

  // rounds: as the service answers; labels: what the choices are taken from
  constructor(rounds, labels) {
    this.rounds = rounds;
    this.choices = rounds.map(({ label }) => choices(label, labels));
  }

  get round() {
    return this.rounds[this.#round];
  }

  get number() {
    return this.#round + 1;
  }

  get words() {
    return this.choices[this.#round];
  }

  get told() {
    return this.choice !== null;
  }

  get over() {
    return this.told && this.number === this.rounds.length;
  }

  tell(choice) {
    if (this.told) return;
    this.choice = choice;
    this.score.you += choice === this.round.label;
    this.score.classifier += this.round.agreed;
  }

  next() {
    this.choice = null;
    this.#round += 1;
  }

  // The last word, once the game is over.
  get result() {
    const { you, classifier } = this.score;
    if (you === classifier) return `A draw, ${you} all.`;
    return you > classifier ? `You won, ${you} to ${classifier}.` : `The classifier won, ${classifier} to ${you}.`;
  }
}

// The label among some others, in the order of the alphabet, which gives nothing away.
function choices(label, labels) {
  const others = labels.filter((each) => each !== label);
  while (others.length >= CHOICES) others.splice(Math.floor(Math.random() * others.length), 1);
  return [label, ...others].sort();
}
