// A duel as a game: in each round the user guesses after the classifier, whose guess is hidden until then.

const CHOICES = 4;

export class DuelGame {
  #round = 0;
  score = { user: 0, classifier: 0 };
  guess = null; // the user's guess in this round, "" if the user has no idea

  // rounds: from the response; labels: all labels that may be offered
  constructor(rounds, labels) {
    this.rounds = rounds;
    this.choices = rounds.map(({ label }) => choose(label, labels));
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

  get guessed() {
    return this.guess !== null;
  }

  get over() {
    return this.guessed && this.number === this.rounds.length;
  }

  setGuess(guess) {
    if (this.guessed) return;
    this.guess = guess;
    this.score.user += guess === this.round.label;
    this.score.classifier += this.round.agreed;
  }

  next() {
    this.guess = null;
    this.#round += 1;
  }

  // Who won, once the game is over.
  get result() {
    const { user, classifier } = this.score;
    if (user === classifier) return `A draw, ${user} all.`;
    return user > classifier ? `You won, ${user} to ${classifier}.` : `The classifier won, ${classifier} to ${user}.`;
  }
}

// The label and some others, in alphabetical order so that the order gives no hint.
function choose(label, labels) {
  const others = labels.filter((each) => each !== label);
  while (others.length >= CHOICES) others.splice(Math.floor(Math.random() * others.length), 1);
  return [label, ...others].sort();
}
