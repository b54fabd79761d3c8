// The view of all models: versions, metrics with intervals, history, lineage and card.
import { retry } from "../api_models.js";
import { request } from "../api.js";
import { capitalise } from "../widgets/guesses.js";
import { createLineage, metricRows } from "../widgets/lineage.js";

export const id = "models";
export const title = "Models";

const HTML = `
  <section class="reading" aria-labelledby="view-title">
    <div class="heading"><h1 id="view-title">Models</h1><p><a href="models">As JSON</a></p></div>
    <p class="notice" id="notice" role="status" hidden></p>
    <div id="models" aria-busy="true"></div>
  </section>`;

export function mount(root) {
  root.innerHTML = HTML;
  const notice = root.querySelector("#notice");
  const notify = (message) => Object.assign(notice, { textContent: message, hidden: !message });
  return { open: () => show(root.querySelector("#models"), notify), close: () => {} };
}

// Asked for each time that the view is shown, because the service may have been restarted with other versions.
async function show(list, notify) {
  const { models } = await retry(() => request("models"), notify);
  notify("");
  list.setAttribute("aria-busy", false);
  const shown = JSON.stringify(models);
  if (list.dataset.shown === shown) return; // what the user has opened stays open
  list.dataset.shown = shown;
  list.replaceChildren(...models.map(createModel));
}

function createModel(model) {
  const { family, version, ready, reason, card, history } = model;
  const article = document.createElement("article");
  article.setAttribute("aria-label", family);
  article.append(create("h2", capitalise(family.replaceAll("_", " "))));
  article.append(create("p", ready ? `${family} v${version}, champion` : "no champion", "muted"));
  if (!ready) return append(article, create("p", reason));
  article.append(create("p", card.spec.intended_use), createTable(["On the test data", "Value", "95 % interval"], metricRows(card)));
  const lineage = createLineage(model);
  lineage.querySelector("summary").textContent = "Lineage";
  article.append(lineage);
  if (history?.length) article.append(fold("History", createTable(["Version", "Champion from", "Until", "Why"], history.map(periodRow))));
  article.append(fold("Card", Object.assign(create("pre", JSON.stringify(card, null, 2)), { tabIndex: 0 })));
  return article;
}

const day = (time, none) => (time ? new Date(time).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" }) : none);
const periodRow = ({ version, since, until, began, ended }) => [`v${version}`, day(since, "unknown"), day(until, "now"), [began, ended].filter(Boolean).join("; ")];

function createTable(titles, rows) {
  const table = document.createElement("table");
  table.createTHead().insertRow().append(...titles.map((text) => Object.assign(create("th", text), { scope: "col" })));
  const body = table.createTBody();
  for (const row of rows) body.insertRow().append(...row.map((text) => create("td", text)));
  const wide = Object.assign(document.createElement("div"), { className: "wide", tabIndex: 0 });
  return append(wide, table);
}

function fold(name, content) {
  const details = Object.assign(document.createElement("details"), { className: "fold" });
  details.append(create("summary", name), content);
  return details;
}

const create = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });
const append = (parent, child) => (parent.append(child), parent);
