// A view to read: a heading with links, a message, and a list that is filled when the view is shown.

// fill: called with the list and with a function that shows a message
export function mountReading(root, { heading, lead, note = "", fill }) {
  root.innerHTML = `
    <section class="reading" aria-labelledby="view-title">
      <div class="heading"><h1 id="view-title">${heading}</h1>${lead}</div>
      ${note}
      <p class="notice" id="notice" role="status" hidden></p>
      <div id="list" aria-busy="true"></div>
    </section>`;
  const notice = root.querySelector("#notice");
  const notify = (message) => Object.assign(notice, { textContent: message, hidden: !message });
  const list = root.querySelector("#list");
  const open = async () => {
    await fill(list, notify);
    notify("");
    list.setAttribute("aria-busy", false);
  };
  return { open, close: () => {} };
}
