// Asking the service for styles and for paintings. Two models paint: one knows the styles that are offered, the other takes
// over the style of whatever picture it is given.
import { entries } from "./api_models.js";
import { ask, postForm } from "./api.js";

const [FAST, ARBITRARY] = ["fast_style", "arbitrary_style"];
const FORMAT = "image/jpeg"; // every program opens it

// { models: those that are ready, why: the reasons of the others, styles: [{ name, thumbnail }], own: whether other pictures
// can be taken as a style }
export async function painters(signal) {
  const found = await entries([FAST, ARBITRARY], signal);
  const [fast, arbitrary] = found;
  const { styles } = fast.ready ? await ask("styles", { signal }) : { styles: [] };
  const why = found.filter(({ ready }) => !ready).map(({ reason }) => reason);
  const models = found.filter(({ ready }) => ready);
  return { models, why: why.join(" "), styles, own: arbitrary.ready };
}

// A painting as { blob, origin }. photo: as photo.js makes it; style: { name, own } of styles.js; strength: 0 to 1
export function paint(photo, { name, own }, strength, keepColours, signal) {
  const [path, style] = own ? ["stylize_with", { style: own.blob }] : ["stylize", { styles: JSON.stringify({ [name]: 1 }) }];
  return postForm(path, { image: photo.blob, ...style, strength, keep_colours: keepColours }, signal, FORMAT);
}
