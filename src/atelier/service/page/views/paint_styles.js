// The styles of paint.js: their names, and what each painter makes of what is chosen.
import { scaleDown } from "../widgets/photo.js";

// The name of one style or of a blend.
export const nameOf = (styles) => styles.map(({ name }) => name).join(" + ");

// One work of each painter, [{ name, styles }]: the chosen styles of those that can choose, else their first one. picker: see
// style_picker.js; ownStyles: whether an image can be used as a style
export async function painterWorks(picker, ownStyles) {
  const { chosen, styles } = picker;
  const learned = chosen.filter(isLearned).length ? chosen : styles.filter(isLearned).slice(0, 1).map(withWeight);
  const own = chosen.filter((style) => style.own).length ? chosen : await asImages(styles, learned);
  const painters = styles.filter(({ painter }) => painter).map((style) => [withWeight(style)]);
  const works = [learned, ...(ownStyles ? [own] : []), ...painters].filter(({ length }) => length);
  return works.map((each) => ({ name: painterOf(each[0]) + nameOf(each), styles: each }));
}

const isLearned = ({ own, painter }) => !own && !painter;
const painterOf = ({ own, painter }) => (painter ? "" : own ? "any image: " : "learned style: "); // a painter is named itself
const withWeight = (style) => ({ ...style, weight: 1 });

// An image for the painter that paints like any image: the last one of the user, else a learned style's own painting.
async function asImages(styles, learned) {
  const image = styles.find(({ own }) => own);
  if (image) return [withWeight(image)];
  const [style] = learned;
  if (!style?.thumbnail) return [];
  const painting = Object.assign(new Image(), { src: style.thumbnail });
  await painting.decode();
  const { naturalWidth: width, naturalHeight: height } = painting;
  return [{ name: style.name, own: await scaleDown(painting, { width, height }, `${style.name}.jpg`), weight: 1 }];
}
