// A message for the user, such as an error. An unchanged text is not set again, because screen readers would repeat it.
export function showNotice(element, message) {
  if (element.textContent !== message) element.textContent = message;
  element.hidden = !message;
}
