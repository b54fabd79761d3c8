// The wall label beside the paper: what the model sees, how sure it is, and what else it might be.

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const COUNT = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

export const say = (probability) => (probability < 0.005 ? "<1%" : percent.format(probability));
export const count = (number) => COUNT[number] ?? String(number);
export const capitalise = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function sureness(probability) {
  if (probability >= 0.9) return "Surely";
  if (probability >= 0.6) return "I think";
  if (probability >= 0.3) return "Perhaps";
  return "Hard to say";
}

export function medium(strokes) {
  return `${capitalise(count(strokes))} ${strokes === 1 ? "stroke" : "strokes"} on paper`;
}

// A row of a list: a name, a number, and a line as long as the share.
export function line() {
  const row = document.createElement("li");
  row.innerHTML = '<span class="label"></span><span class="share"></span><span class="line" aria-hidden="true"></span>';
  return row;
}

export function fill(row, name, number, share) {
  row.querySelector(".label").textContent = name;
  row.querySelector(".share").textContent = number;
  row.querySelector(".line").style.setProperty("--share", share);
}

// Rows are kept from guess to guess, so that their lines grow and shrink instead of jumping.
export class Guesses {
  constructor(list, rows = 5) {
    this.rows = Array.from({ length: rows }, line);
    list.append(...this.rows);
    this.show([]);
  }

  show(guesses) {
    this.rows.forEach((row, i) => {
      const guess = guesses[i];
      row.hidden = !guess && guesses.length > 0;
      row.toggleAttribute("data-empty", !guess);
      fill(row, guess?.label ?? "", guess ? say(guess.probability) : "", guess?.probability ?? 0);
    });
  }
}
