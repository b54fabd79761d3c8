// The view of all models: versions, metrics with intervals, history, lineage and card.
import { retry } from "../api_models.js";
import { request } from "../api.js";
import { create, fold } from "../widgets/elements.js";
import { capitalise } from "../widgets/guesses.js";
import { createLineage, metricRows } from "../widgets/lineage.js";
import { mountReading } from "./reading.js";

export const id = "models";
export const title = "Models";

const LEAD = '<p><a href="models">As JSON</a></p>';

export const mount = (root) => mountReading(root, { heading: title, lead: LEAD, fill });

// Asked for each time that the view is shown, because the service may have been restarted with other versions.
async function fill(list, notify) {
  const { models } = await retry(() => request("models"), notify);
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

const append = (parent, child) => (parent.append(child), parent);
