// Keys for marking answers: 1 to 4 set the mark of the key point that has the focus and go on to the next one; every
// other key presses the button that names it. Arrows move between key points like j and k; Escape leaves a field.
// Looks for form[data-review-keys] with [data-key-point], and for buttons [data-review-key="<letter>"].

import { counts, isInField } from "./shortcuts.js";

const form = document.querySelector("form[data-review-keys]");
const points = [...form.querySelectorAll("[data-key-point]")];
let current = -1;

function go(to) {
  current = Math.min(Math.max(to, 0), points.length - 1);
  points[current]?.focus();
}

function set(number) {
  const point = points[Math.max(current, 0)];
  const radio = point?.querySelectorAll("input[type=radio]")[number - 1];
  if (!radio) return;
  radio.click();
  go(Math.max(current, 0) + 1);
}

function letterOf(event) {
  const moves = { ArrowDown: "j", ArrowUp: "k" };
  // Elsewhere arrows scroll the page, and on a mark they choose another one.
  if (event.key in moves) return event.target.matches("[data-key-point]") ? moves[event.key] : "";
  return /^[a-z]$/.test(event.key) ? event.key : "";
}

const acts = {
  j: () => go(current + 1),
  k: () => go(current - 1),
  f: () => form.querySelector("textarea").focus(),
};

for (const button of document.querySelectorAll("[data-review-key]")) {
  const act = acts[button.dataset.reviewKey];
  if (act) button.addEventListener("click", act);
}

form.addEventListener("focusin", (event) => {
  const inside = points.findIndex((point) => point.contains(event.target));
  if (inside >= 0) current = inside;
});

document.addEventListener("keydown", (event) => {
  if (!counts(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isInField(event)) {
    if (event.key === "Escape") go(current);
    return;
  }
  if (/^[1-4]$/.test(event.key)) set(Number(event.key));
  else {
    const button = document.querySelector(`[data-review-key="${letterOf(event)}"]`);
    if (!button) return;
    button.click();
  }
  event.preventDefault();
});
