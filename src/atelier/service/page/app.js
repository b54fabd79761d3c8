// The page is a list of views, one module each. A view exports { id, title, mount(root) }, and mount returns a function
// that closes the view. To add a view, add its module here.
import * as classifyDrawing from "./views/classify_drawing.js";
import * as classifyPhoto from "./views/classify_photo.js";
import * as duel from "./views/duel.js";
import * as generateDrawing from "./views/generate_drawing.js";
import * as paint from "./views/paint.js";

const VIEWS = [classifyDrawing, generateDrawing, duel, paint, classifyPhoto];

const root = document.getElementById("view");
const nav = document.getElementById("views");
let close = () => {};

function show() {
  const view = VIEWS.find(({ id }) => location.hash === `#/${id}`) ?? VIEWS[0];
  close();
  root.replaceChildren();
  close = view.mount(root);
  document.title = VIEWS.length > 1 ? `${view.title} · Atelier` : "Atelier";
  for (const link of nav.children) {
    if (link.hash === `#/${view.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

nav.hidden = VIEWS.length < 2;
nav.append(...VIEWS.map(({ id, title }) => Object.assign(document.createElement("a"), { href: `#/${id}`, textContent: title })));
// Other fragments, such as that of the skip link, do not change the view.
addEventListener("hashchange", () => (location.hash.startsWith("#/") || !location.hash) && show());
show();
