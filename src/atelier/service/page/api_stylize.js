// Requests for styles and stylized photos. One model knows a list of styles, one takes over the style of any image, and two
// paint as one painter did.
import { modelEntries } from "./api_models.js";
import { postForm, request } from "./api.js";

const [FAST, ARBITRARY] = ["fast_style", "arbitrary_style"];
const PAINTERS = { cyclegan_resnet: { model: "resnet", network: "residual" }, cyclegan_unet: { model: "unet", network: "U-Net" } };
const FORMAT = "image/jpeg"; // every program can open it

// { models: those with a champion, reasons: why the others have none, styles: [{ name, thumbnail, painter }], ownStyles:
// whether an image can be used as a style }
export async function loadStylizers(signal) {
  const entries = await modelEntries([FAST, ARBITRARY, ...Object.keys(PAINTERS)], signal);
  const [fast, arbitrary, ...painters] = entries;
  const { styles } = fast.ready ? await request("styles", { signal }) : { styles: [] };
  const reasons = entries.filter(({ ready }) => !ready).map(({ reason }) => reason);
  const models = entries.filter(({ ready }) => ready);
  return { models, reasons: reasons.join(" "), styles: [...styles, ...painters.filter(({ ready }) => ready).map(asStyle)], ownStyles: arbitrary.ready };
}

// A painter as one of the styles. painter: the part `model` of a request.
function asStyle({ family, card }) {
  const { model, network } = PAINTERS[family];
  return { name: `${card.spec.labels[0]}, ${network}`, thumbnail: null, painter: model };
}

// A stylized photo as { blob, provenance }. photo: from photo.js; style: { name, own, painter } from style_picker.js; strength:
// 0 to 1
export function stylize(photo, style, strength, keepColours, signal) {
  const [path, parts] = routeOf(style);
  return postForm(path, { image: photo.blob, ...parts, strength, keep_colours: keepColours }, signal, FORMAT);
}

function routeOf({ name, own, painter }) {
  if (own) return ["stylize_with", { style: own.blob }];
  return painter ? ["paint", { model: painter }] : ["stylize", { styles: JSON.stringify({ [name]: 1 }) }];
}
