// The view of the API: every address with its parts, from the OpenAPI document.
import { retry } from "../api_models.js";
import { request } from "../api.js";
import { create, fold } from "../widgets/elements.js";
import { mountReading } from "./reading.js";

export const id = "api";
export const title = "API";

const LEAD = '<p><a href="docs">Try it in Swagger UI</a> · <a href="docs.json">OpenAPI document</a> · <a href="metrics">Metrics</a></p>';
const NOTE = '<p class="muted">What a view has just done stands under it as code, for curl and for Python.</p>';

export const mount = (root) => mountReading(root, { heading: title, lead: LEAD, note: NOTE, fill });

async function fill(list, notify) {
  if (list.childElementCount) return;
  const { paths } = await retry(() => request("docs.json"), notify);
  const operations = Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, each]) => [method, path, each]));
  list.replaceChildren(...operations.filter(([, , { tags }]) => tags?.includes("atelier")).map(createOperation));
}

function createOperation([method, path, { description, requestBody, responses }]) {
  const article = document.createElement("article");
  article.setAttribute("aria-label", path);
  const heading = create("h2", "");
  heading.append(create("span", method.toUpperCase(), "muted"), ` ${path}`);
  article.append(heading, create("p", (description ?? "").replaceAll("`", "")));
  const bodies = Object.entries(requestBody?.content ?? {});
  for (const [type, { schema }] of bodies) article.append(create("p", type, "muted"), createParts(schema));
  const answers = Object.entries(responses).map(([status, each]) => [status, each.description]);
  article.append(fold("Answers", createList(answers)));
  return article;
}

const createParts = ({ properties, required = [] }) =>
  createList(Object.entries(properties).map(([name, part]) => [name, `${typeOf(part)}${required.includes(name) ? ", needed" : ""}`, part.description ?? ""]));

function typeOf({ type, format, enum: values, anyOf }) {
  if (values) return `one of: ${values.filter((value) => value !== null).join(", ")}`;
  if (anyOf) return anyOf.map(typeOf).filter((name) => name !== "null").join(" or ");
  return format === "binary" ? "file" : (type ?? "any value");
}

// rows: [term, ...texts]
function createList(rows) {
  const list = document.createElement("dl");
  for (const [term, ...texts] of rows) {
    const row = document.createElement("div");
    const [first, ...others] = texts.filter(Boolean);
    row.append(create("dt", term), create("dd", [first, ...others].join(". ")));
    list.append(row);
  }
  return list;
}
