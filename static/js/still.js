// Stops htmx from asking for what is under way in `place`, and leaves what is shown there: a newer edit withdraws it on
// the server, where it is not found any more. htmx looks whether the element that asks is still in the page.

export function still(place) {
  const asking = place.querySelector("[hx-get][hx-trigger]");
  if (!asking) return;
  const shown = asking.cloneNode(true);
  ["hx-get", "hx-trigger"].forEach((name) => shown.removeAttribute(name));
  asking.replaceWith(shown);
}
