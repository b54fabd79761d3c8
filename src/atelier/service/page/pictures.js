// The three ways in which a reader brings a picture: choosing a file, dropping one on the page, pasting one.

const LARGEST_FILE = 10 * 2 ** 20; // what the service takes

// look: called with every picture that comes in; refuse: with a sentence for those that are too large
export function welcomePictures({ button, input, sheet, look, refuse, signal }) {
  const on = (target, name, act) => target.addEventListener(name, act, { signal });
  const take = (file) => {
    if (file) file.size > LARGEST_FILE ? refuse("The picture is over 10 MB. Make it smaller first.") : look(file);
  };
  const drag = (event, over) => {
    event.preventDefault();
    sheet.toggleAttribute("data-over", over);
  };
  on(button, "click", () => input.click());
  on(input, "change", () => {
    take(input.files[0]);
    input.value = ""; // the same file may be chosen again
  });
  on(document, "paste", ({ clipboardData }) => take(pictureIn(clipboardData)));
  on(document, "dragover", (event) => drag(event, true));
  on(document, "dragleave", (event) => event.relatedTarget || drag(event, false));
  on(document, "drop", (event) => {
    drag(event, false);
    take(pictureIn(event.dataTransfer));
  });
}

// What the page can show of a file. Browsers do not know every format that the service reads: nothing, then.
export const preview = (file) => createImageBitmap(file).catch(() => document.createElement("canvas"));

function pictureIn(data) {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith("image/"));
}
