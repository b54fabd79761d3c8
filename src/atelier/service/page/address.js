// The address after "#": which view is shown, and what it shows, such as #/sketches?label=cat&seed=7.

// { view: its id, "" for the first one; params: name → text }
export function readAddress() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  return { view: path.replace(/^\//, ""), params: Object.fromEntries(new URLSearchParams(query)) };
}

// Replaces the address, so that the back button leads to the view before, not to each step within this one.
// Parameters that are empty are left out.
export function writeAddress(view, params) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "" && value != null));
  const hash = query.size ? `#/${view}?${query}` : `#/${view}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
}
