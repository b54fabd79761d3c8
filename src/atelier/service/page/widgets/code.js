// A request as code: what the page has just sent, for curl and for Python.

const EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png" };

// request: see `send` in api.js. base: the address of the service, with a slash at its end
export function asCurl({ path, json, form, accept }, base) {
  const parts = json ? [`--json ${quote(JSON.stringify(json))}`] : partsOf(form).map(asOption);
  if (accept) parts.push(`--header ${quote(`Accept: ${accept}`)}`);
  return [`curl ${quote(base + path)}`, ...parts, ...(accept ? [`--output result.${EXTENSIONS[accept]}`] : [])].join(" \\\n  ");
}

export function asPython({ path, json, form, accept }, base) {
  const lines = ["import requests", "", "response = requests.post(", `    ${literal(base + path)},`];
  if (json) lines.push(`    json=${literal(json)},`);
  if (form) {
    const [files, data] = [partsOf(form).filter(isFile), partsOf(form).filter((part) => !isFile(part))];
    lines.push("    files=[", ...files.map(([name, { name: file }]) => `        (${literal(name)}, open(${literal(file)}, "rb")),`), "    ],");
    if (data.length) lines.push(`    data=${literal(Object.fromEntries(data.map(([name, value]) => [name, String(value)])))},`);
  }
  if (accept) lines.push(`    headers={"Accept": ${literal(accept)}},`);
  lines.push(")", "response.raise_for_status()");
  lines.push(accept ? `open("result.${EXTENSIONS[accept]}", "wb").write(response.content)` : "print(response.json())");
  return lines.join("\n");
}

const partsOf = (form) => Object.entries(form).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
const isFile = ([, value]) => Boolean(value.blob);

// --form-string takes a value as it is; --form would give a meaning to some characters.
const asOption = ([name, value]) =>
  value.blob ? `--form ${quote(`${name}=@"${value.name.replace(/[\\"]/g, "\\$&")}"`)}` : `--form-string ${quote(`${name}=${value}`)}`;

// For POSIX shells.
const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

// A JSON value in Python. Strings of JSON are strings of Python.
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each)}`).join(", ")}}`;
}

// Show a request in a <details> that is hidden until there is one.
export function showCode(details, request) {
  const base = new URL(".", document.baseURI).href;
  const blocks = details.querySelector("div");
  blocks.replaceChildren(block("curl", asCurl(request, base)), block("Python", asPython(request, base)));
  details.hidden = false;
}

function block(language, code) {
  const [section, pre, button] = ["section", "pre", "button"].map((name) => document.createElement(name));
  Object.assign(pre, { textContent: code, tabIndex: 0 });
  pre.setAttribute("aria-label", `${language} code`);
  Object.assign(button, { type: "button", textContent: `Copy for ${language}` });
  button.addEventListener("click", () => copy(pre, button));
  section.append(button, pre);
  return section;
}

// Browsers let a page write to the clipboard only where it came over https or from this computer.
async function copy(pre, button) {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(pre);
    button.textContent = "Selected: copy it with Ctrl C";
  }
}
