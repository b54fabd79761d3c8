// The page is a list of views, one module each. A view exports { id, title, mount(root) }; mount is called once, when the
// view is first shown, and returns an object with open(params), which is called each time that the view is shown, and
// close(), which is called when it is left: see view.js. To add a view, add its module here.
import { readAddress } from "./address.js";
import * as api from "./views/api.js";
import * as classifyDrawing from "./views/classify_drawing.js";
import * as classifyPhoto from "./views/classify_photo.js";
import * as duel from "./views/duel.js";
import * as faces from "./views/faces.js";
import * as generateDrawing from "./views/generate_drawing.js";
import * as models from "./views/models.js";
import * as paint from "./views/paint.js";

const VIEWS = [classifyDrawing, generateDrawing, duel, paint, faces, classifyPhoto];
const FOOTER = [models, api]; // their links are in the footer

const root = document.getElementById("view");
const nav = document.getElementById("views");
const mounted = new Map(); // id → { element, view }
let shown = null;

function show() {
  const { view: id, params } = readAddress();
  const module = [...VIEWS, ...FOOTER].find((each) => each.id === id) ?? VIEWS[0];
  shown?.view.close();
  shown = mounted.get(module.id);
  shown ? root.replaceChildren(shown.element) : mount(module);
  shown.view.open(params);
  document.title = `${module.title} · Atelier`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${module.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// A view that is mounted before it is in the document could not focus or measure anything.
function mount(module) {
  const element = Object.assign(document.createElement("div"), { className: "mounted" });
  root.replaceChildren(element);
  shown = { element, view: module.mount(element) };
  mounted.set(module.id, shown);
}

nav.hidden = false;
nav.append(...VIEWS.map(({ id, title }) => Object.assign(document.createElement("a"), { href: `#/${id}`, textContent: title })));
// Other fragments, such as that of the skip link, do not change the view.
addEventListener("hashchange", () => (location.hash.startsWith("#/") || !location.hash) && show());
show();
