// The page is a list of views, one module each. A view exports { id, title, mount(root) } and mount returns a function
// that takes the view away again. A further model adds its module here, and nothing else changes.
import * as drawing from "./views/classify_drawing.js";
import * as duel from "./views/duel.js";
import * as paint from "./views/paint.js";
import * as sketches from "./views/generate_drawing.js";

const VIEWS = [drawing, sketches, duel, paint];

const root = document.getElementById("view");
const nav = document.getElementById("views");
let leave = () => {};

function show() {
  const view = VIEWS.find(({ id }) => location.hash === `#/${id}`) ?? VIEWS[0];
  leave();
  root.replaceChildren();
  leave = view.mount(root);
  document.title = VIEWS.length > 1 ? `${view.title} · Atelier` : "Atelier";
  for (const link of nav.children) {
    if (link.hash === `#/${view.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

nav.hidden = VIEWS.length < 2;
nav.append(...VIEWS.map(({ id, title }) => Object.assign(document.createElement("a"), { href: `#/${id}`, textContent: title })));
// Other fragments (the skip link's) do not change the view.
addEventListener("hashchange", () => (location.hash.startsWith("#/") || !location.hash) && show());
show();
