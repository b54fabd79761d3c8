// Elements made in code.

export const create = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

// A <details> that is closed at first.
export function fold(name, content) {
  const details = Object.assign(document.createElement("details"), { className: "fold" });
  details.append(create("summary", name), content);
  return details;
}
