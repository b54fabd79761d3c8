// Seeds: with the same seed and the same version of a model, the service makes the same images.

const LIMIT = 2 ** 32; // the service takes seeds below it

export const randomSeed = () => Math.floor(Math.random() * LIMIT);

// The seed that a person has typed, or null if it is none.
export function toSeed(text) {
  const seed = Number(text);
  return /^\d{1,10}$/.test(text ?? "") && seed < LIMIT ? seed : null;
}
