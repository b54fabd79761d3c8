// The lineage of a model, from its card.

const NAMES = {
  top1: "Top-1 accuracy",
  top3: "Top-3 accuracy",
  map3: "MAP@3",
  macro_f1: "Macro F1",
  ece: "Calibration error",
  unsure: "Unsure of drawings or photos of its classes",
  false_alarms: "Sure of photos of none of its classes",
  label_accuracy: "Label accuracy, by the judge",
  diversity: "Diversity, real is 1",
  frechet: "Fréchet distance",
  kernel: "Kernel distance",
  memorization_rate: "Memorization rate",
  accuracy_score: "Accuracy score",
  content: "Content distance",
  style: "Style distance",
  gap_closed: "Style gap closed, Gatys' method is 1",
  shift_instability: "Shift instability",
};
const short = (hash) => `<code title="${escape(hash)}">${escape(hash.replace(/\.dir$/, "").slice(0, 10))}</code>`;
const number = (value, digits = 3) => Number(value).toLocaleString("en", { maximumFractionDigits: digits });
// Of all parts of the model together.
const total = (cost, name) => Object.values(cost).reduce((sum, part) => sum + part[name], 0);
const metric = (value) => Number(value).toFixed(3);

function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// A <details> with the lineage of a model.
export function createLineage(model) {
  const details = Object.assign(document.createElement("details"), { className: "fold lineage" });
  details.innerHTML = `<summary></summary><dl>${lineageHtml(model)}</dl>`;
  details.querySelector("summary").textContent = `${model.family} v${model.version}`;
  return details;
}

// [name, value, interval] of each metric that has a name for people.
export const metricRows = ({ metrics }) =>
  Object.entries(metrics)
    .filter(([name]) => name in NAMES)
    .map(([name, { value, low, high }]) => [NAMES[name], metric(value), `${metric(low)} to ${metric(high)}`]);

function lineageHtml({ card }) {
  const { lineage: from, cost, parameters, spec } = card;
  const rows = [
    ["Size", `${number(parameters)} parameters, ${number(total(cost, "size_mb"), 1)} MB`],
    ...metricRows(card).map(([name, value, interval]) => [name, `${value} <span class="muted">(95 % interval ${interval})</span>`]),
    ["Latency", `${number(total(cost, "latency_p50_ms"), 1)} ms <span class="muted">(95 % within ${number(total(cost, "latency_p95_ms"), 1)} ms)</span>`],
    ...(from.adopted ? [["Adopted from", `${escape(from.adopted.name)} ${short(from.adopted.sha256)}`]] : []),
    ...Object.entries(from.data).map(([name, hash]) => ["Trained on", `${escape(name)} ${short(hash)}`]),
    ...Object.entries(from.generated ?? {}).map(([role, version]) => ["Generated items", `${escape(role)} ${escape(version)}`]),
    ...Object.values(from.licences).map((licence) => ["Data licence", escape(licence)]),
    ...Object.entries(from.judges ?? {}).map(([name, version]) => ["Judged by", `${escape(name)} v${escape(version)}`]),
    ["Run", `${short(from.run_id)} <span class="muted">in ${escape(from.experiment)}</span>`],
    ["Commit", from.git_commit ? short(from.git_commit) : "unknown"],
    ["Created", escape(new Date(from.created).toLocaleDateString("en", { dateStyle: "long" }))],
    ["Intended use", escape(spec.intended_use)],
    ["Limits", escape(spec.limits)],
  ];
  return rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
}
