// The page is a list of views, one module each. A view exports { id, title, mount(root) }, and mount returns a function
// that closes the view. A view that also exports `keep = true` is mounted once and keeps its content while others are
// shown; the function is then called each time it is left. To add a view, add its module here.
import * as classifyDrawing from "./views/classify_drawing.js";
import * as classifyPhoto from "./views/classify_photo.js";
import * as duel from "./views/duel.js";
import * as generateDrawing from "./views/generate_drawing.js";
import * as paint from "./views/paint.js";

const VIEWS = [classifyDrawing, generateDrawing, duel, paint, classifyPhoto];

const root = document.getElementById("view");
const nav = document.getElementById("views");
const kept = new Map(); // view → { element, leave }
let leave = () => {};

function show() {
  const view = VIEWS.find(({ id }) => location.hash === `#/${id}`) ?? VIEWS[0];
  leave();
  const known = kept.get(view);
  if (known) {
    root.replaceChildren(known.element);
    leave = known.leave;
  } else {
    mount(view);
  }
  document.title = VIEWS.length > 1 ? `${view.title} · Atelier` : "Atelier";
  for (const link of nav.children) {
    if (link.hash === `#/${view.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// A view that is mounted before it is in the document could not focus or measure anything.
function mount(view) {
  const element = Object.assign(document.createElement("div"), { className: "mounted" });
  root.replaceChildren(element);
  const mounted = { element, leave: view.mount(element) };
  if (view.keep) kept.set(view, mounted);
  leave = mounted.leave;
}

nav.hidden = VIEWS.length < 2;
nav.append(...VIEWS.map(({ id, title }) => Object.assign(document.createElement("a"), { href: `#/${id}`, textContent: title })));
// Other fragments, such as that of the skip link, do not change the view.
addEventListener("hashchange", () => (location.hash.startsWith("#/") || !location.hash) && show());
show();
