// The wall label beside the paper: what the model sees, how sure it is, and what else it might be.

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const COUNT = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

export const say = (probability) => (probability < 0.005 ? "<1%" : percent.format(probability));
export const capitalise = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function sureness(probability) {
  if (probability >= 0.9) return "Surely";
  if (probability >= 0.6) return "I think";
  if (probability >= 0.3) return "Perhaps";
  return "Hard to say";
}

export function medium(strokes) {
  return `${capitalise(COUNT[strokes] ?? String(strokes))} ${strokes === 1 ? "stroke" : "strokes"} on paper`;
}

// Rows are kept from guess to guess, so that their lines grow and shrink instead of jumping.
export class Guesses {
  constructor(list, rows = 5) {
    this.rows = Array.from({ length: rows }, () => {
      const row = document.createElement("li");
      row.innerHTML = '<span class="label"></span><span class="share"></span><span class="line" aria-hidden="true"></span>';
      list.append(row);
      return row;
    });
    this.show([]);
  }

  show(guesses) {
    this.rows.forEach((row, i) => {
      const guess = guesses[i];
      row.hidden = !guess && guesses.length > 0;
      row.toggleAttribute("data-empty", !guess);
      row.querySelector(".label").textContent = guess?.label ?? "";
      row.querySelector(".share").textContent = guess ? say(guess.probability) : "";
      row.querySelector(".line").style.setProperty("--share", guess?.probability ?? 0);
    });
  }
}
