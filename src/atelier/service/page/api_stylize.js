// Requests for stylized photos. Four painters: one model knows a list of styles, one takes over the style of any image, and
// two paint as one painter did.
import { modelEntries } from "./api_models.js";
import { request } from "./api.js";

const [FAST, ARBITRARY] = ["fast_style", "arbitrary_style"];
const TRANSLATORS = { cyclegan_resnet: { model: "resnet", network: "residual" }, cyclegan_unet: { model: "unet", network: "U-Net" } };
const FORMAT = "image/jpeg"; // every program can open it
export const MOST_IMAGES = 4; // style images in one request

// { models: those with a champion, reasons: why the others have none, styles: those that can be chosen, ownStyles: whether an
// image can be used as a style }. A style: { name, thumbnail: address or null, painter: the model of POST /paint, or undefined }
export async function loadStylizers(signal) {
  const entries = await modelEntries([FAST, ARBITRARY, ...Object.keys(TRANSLATORS)], signal);
  const [fast, arbitrary, ...translators] = entries;
  const { styles } = fast.ready ? await request("styles", { signal }) : { styles: [] };
  const reasons = entries.filter(({ ready }) => !ready).map(({ reason }) => reason);
  const models = entries.filter(({ ready }) => ready);
  const painters = translators.filter(({ ready }) => ready).map(asStyle);
  return { models, reasons: reasons.join(" "), styles: [...styles, ...painters], ownStyles: arbitrary.ready };
}

function asStyle({ family, card }) {
  const { model, network } = TRANSLATORS[family];
  return { name: `${card.spec.labels[0]}, ${network}`, thumbnail: null, painter: model };
}

// The request for a photo in these styles, see `send`. photo: from photo.js; styles: from style_picker.js, all of one kind;
// strength: 0 to 1
export function stylizeRequest(photo, styles, strength, keepColours) {
  const [path, parts] = routeOf(styles);
  const image = { blob: photo.blob, name: photo.file };
  return { path, form: { image, ...parts, strength, keep_colours: keepColours }, accept: FORMAT };
}

function routeOf(styles) {
  const [{ own, painter }] = styles;
  if (painter) return ["paint", { model: painter }];
  if (!own) return ["stylize", { styles: JSON.stringify(Object.fromEntries(styles.map(({ name, weight }) => [name, weight]))) }];
  const images = styles.map(({ own: image }, i) => [i ? `style_${i + 1}` : "style", { blob: image.blob, name: image.file }]);
  const weights = styles.length > 1 ? { weights: JSON.stringify(styles.map(({ weight }) => weight)) } : {};
  return ["stylize_with", { ...Object.fromEntries(images), ...weights }];
}
