// The ways in which a reader brings a picture, choosing a file, dropping one on the page, pasting one; and takes one away.

const LARGEST_FILE = 10 * 2 ** 20; // what the service takes
const KEPT = 10_000; // ms within which the browser has read what it saves

// places: [{ button, input, zone, look }], each with a button that opens its file input, a zone to drop on and what is done
// with a picture. What is dropped elsewhere is for the first of them, and so is what is pasted unless the button of another
// has the focus: a click anywhere in a zone may leave the focus there, long before the reader pastes something.
export function welcomePictures(places, signal) {
  const on = (target, name, act) => target.addEventListener(name, act, { signal });
  const under = ({ target }) => places.find(({ zone }) => zone.contains(target)) ?? places[0];
  const focused = () => places.find(({ button }) => button === document.activeElement) ?? places[0];
  const take = (place, data) => {
    const file = pictureIn(data);
    if (file) place.look(file);
  };
  const drag = (event, over) => {
    event.preventDefault();
    const place = under(event);
    places.forEach((each) => each.zone.toggleAttribute("data-over", over && each === place));
  };
  places.forEach(({ button, input, look }) => {
    on(button, "click", () => input.click());
    on(input, "change", () => {
      if (input.files[0]) look(input.files[0]);
      input.value = ""; // the same file may be chosen again
    });
  });
  on(document, "paste", (event) => take(focused(), event.clipboardData));
  on(document, "dragover", (event) => drag(event, true));
  on(document, "dragleave", (event) => event.relatedTarget || drag(event, false));
  on(document, "drop", (event) => {
    drag(event, false);
    take(under(event), event.dataTransfer);
  });
}

// look, for pictures that are sent as they are: too large ones become a sentence.
export const limited = (look, refuse) => (file) =>
  file.size > LARGEST_FILE ? refuse("The picture is over 10 MB. Make it smaller first.") : look(file);

// What the page can show of a file. Browsers do not know every format that the service reads: nothing, then.
export const preview = (file) => createImageBitmap(file).catch(() => document.createElement("canvas"));

// Show a blob, or with null nothing, in an <img> in place of what it showed before.
export function put(image, blob) {
  URL.revokeObjectURL(image.src);
  if (blob) image.src = URL.createObjectURL(blob);
  else image.removeAttribute("src");
}

// Hand a blob to the reader as a file.
export function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}

// What is no picture by its type is handed on as well: whoever opens it says so.
function pictureIn(data) {
  const files = [...(data?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0];
}
