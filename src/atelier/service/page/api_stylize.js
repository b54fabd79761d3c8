// Requests for styles and stylized photos. There are two models: one knows a list of styles, the other takes over the
// style of any image.
import { modelEntries } from "./api_models.js";
import { postForm, request } from "./api.js";

const [FAST, ARBITRARY] = ["fast_style", "arbitrary_style"];
const FORMAT = "image/jpeg"; // every program can open it

// { models: those with a champion, reasons: why the others have none, styles: [{ name, thumbnail }], ownStyles: whether an
// image can be used as a style }
export async function loadStylizers(signal) {
  const entries = await modelEntries([FAST, ARBITRARY], signal);
  const [fast, arbitrary] = entries;
  const { styles } = fast.ready ? await request("styles", { signal }) : { styles: [] };
  const reasons = entries.filter(({ ready }) => !ready).map(({ reason }) => reason);
  const models = entries.filter(({ ready }) => ready);
  return { models, reasons: reasons.join(" "), styles, ownStyles: arbitrary.ready };
}

// A stylized photo as { blob, provenance }. photo: from photo.js; style: { name, own } from style_picker.js; strength: 0 to 1
export function stylize(photo, { name, own }, strength, keepColours, signal) {
  const [path, style] = own ? ["stylize_with", { style: own.blob }] : ["stylize", { styles: JSON.stringify({ [name]: 1 }) }];
  return postForm(path, { image: photo.blob, ...style, strength, keep_colours: keepColours }, signal, FORMAT);
}
