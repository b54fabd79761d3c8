// The most likely labels with their probabilities, and how these are worded.

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

export const formatProbability = (probability) => (probability < 0.005 ? "<1%" : percent.format(probability));
export const numberWord = (number) => NUMBERS[number] ?? String(number);
export const capitalise = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function certainty(probability) {
  if (probability >= 0.9) return "Surely";
  if (probability >= 0.6) return "I think";
  if (probability >= 0.3) return "Perhaps";
  return "Hard to say";
}

export function strokeCount(strokes) {
  return `${capitalise(numberWord(strokes))} ${strokes === 1 ? "stroke" : "strokes"} on paper`;
}

// The first labels, and how many more there are.
export function enumerate(labels, most = 12) {
  const more = labels.length - most;
  return labels.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

// A row of a list: a name, a number, and a bar whose length is the share.
export function createRow() {
  const row = document.createElement("li");
  row.innerHTML = '<span class="name"></span><span class="share"></span><span class="bar" aria-hidden="true"></span>';
  return row;
}

export function fillRow(row, name, number, share) {
  row.querySelector(".name").textContent = name;
  row.querySelector(".share").textContent = number;
  row.querySelector(".bar").style.setProperty("--share", share);
}

// The rows are kept from guess to guess, so that the bars grow and shrink smoothly.
export class GuessList {
  constructor(list, rows = 5) {
    this.rows = Array.from({ length: rows }, createRow);
    list.append(...this.rows);
    this.show([]);
  }

  show(guesses) {
    this.rows.forEach((row, i) => {
      const guess = guesses[i];
      row.hidden = !guess && guesses.length > 0;
      row.toggleAttribute("data-empty", !guess);
      fillRow(row, guess?.label ?? "", guess ? formatProbability(guess.probability) : "", guess?.probability ?? 0);
    });
  }
}
