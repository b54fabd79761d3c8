// The view of the API: every address with its parts, from the OpenAPI document.
import { retry } from "../api_models.js";
import { request } from "../api.js";

export const id = "api";
export const title = "API";

const HTML = `
  <section class="reading" aria-labelledby="view-title">
    <div class="heading"><h1 id="view-title">API</h1>
      <p><a href="docs">Try it in Swagger UI</a> · <a href="docs.json">OpenAPI document</a> · <a href="metrics">Metrics</a></p></div>
    <p class="muted">What a view has just done stands under it as code, for curl and for Python.</p>
    <p class="notice" id="notice" role="status" hidden></p>
    <div id="paths" aria-busy="true"></div>
  </section>`;

export function mount(root) {
  root.innerHTML = HTML;
  const notice = root.querySelector("#notice");
  const notify = (message) => Object.assign(notice, { textContent: message, hidden: !message });
  return { open: () => show(root.querySelector("#paths"), notify), close: () => {} };
}

async function show(list, notify) {
  if (list.childElementCount) return;
  const { paths } = await retry(() => request("docs.json"), notify);
  notify("");
  list.setAttribute("aria-busy", false);
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
  const details = Object.assign(document.createElement("details"), { className: "fold" });
  details.append(create("summary", "Answers"), createList(answers));
  article.append(details);
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

const create = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });
