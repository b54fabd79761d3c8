// How the user opens an image (by choosing a file, by dropping it or by pasting it) and saves one.

const MAX_FILE_SIZE = 10 * 2 ** 20; // the limit of the service
const SAVE_TIME = 10_000; // ms until the browser has certainly read the file that it saves

// targets: [{ button, input, zone, onFile, onFiles }]. onFiles, where a target has it, gets all files. The button opens the file input, and a file may be dropped on the zone.
// A file that is dropped elsewhere goes to the first target. A pasted file goes to the target whose button has the focus,
// otherwise to the first one: the zone is not enough, because it may have kept the focus from an earlier click.
export function listenForFiles(targets, signal) {
  const on = (element, name, listener) => element.addEventListener(name, listener, { signal });
  const targetOf = (event) => targets.find(({ zone }) => zone.contains(event.target)) ?? targets[0];
  const focusedTarget = () => targets.find(({ button }) => button === document.activeElement) ?? targets[0];
  const open = (target, data) => {
    const file = imageFile(data);
    if (file) target.onFiles ? target.onFiles([...data.files]) : target.onFile(file);
  };
  const highlight = (event, over) => {
    event.preventDefault();
    const target = targetOf(event);
    targets.forEach((each) => each.zone.toggleAttribute("data-over", over && each === target));
  };
  targets.forEach((target) => {
    const { button, input } = target;
    on(button, "click", () => input.click());
    on(input, "change", () => {
      open(target, input);
      input.value = ""; // so that the same file can be chosen again
    });
  });
  on(document, "paste", (event) => open(focusedTarget(), event.clipboardData));
  on(document, "dragover", (event) => highlight(event, true));
  on(document, "dragleave", (event) => event.relatedTarget || highlight(event, false));
  on(document, "drop", (event) => {
    highlight(event, false);
    open(targetOf(event), event.dataTransfer);
  });
}

// onFile for files that are sent as they are: if the file is too large, onError gets a message.
export const withSizeLimit = (onFile, onError) => (file) =>
  file.size > MAX_FILE_SIZE ? onError("The image is larger than 10 MB. Scale it down first.") : onFile(file);

// An image of the file; empty if the browser does not know the format, which the service may know all the same.
export const preview = (file) => createImageBitmap(file).catch(() => document.createElement("canvas"));

// Show a blob in an <img>, or nothing if it is null. The previous blob is released.
export function setImage(image, blob) {
  URL.revokeObjectURL(image.src);
  if (blob) image.src = URL.createObjectURL(blob);
  else image.removeAttribute("src");
}

// Let the browser save a blob as a file.
export function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVE_TIME);
}

// The first image, otherwise the first file: whoever opens that reports the error.
function imageFile(data) {
  const files = [...(data?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0];
}
