// Keeps the row of numbered questions up to date for the question that is open: its state and flag, in shape and in
// words, and how many are answered.
// Looks for .palette__item[aria-current][data-state] with [data-palette-flag], for [data-palette-count] and
// [data-palette-bar]; hears draft:state from the page's textarea.

const WORDS = { open: "not answered", draft: "draft", submitted: "submitted" };
const box = document.querySelector("[data-autosave]");
const item = document.querySelector(".palette__item[aria-current]");
const flag = item.querySelector("[data-palette-flag]");
const count = document.querySelector("[data-palette-count]");
const bar = document.querySelector("[data-palette-bar]");

function name() {
  const words = [`Question ${item.textContent.trim()}`, WORDS[item.dataset.state], ...(flag.hidden ? [] : ["flagged"])];
  item.setAttribute("aria-label", words.join(", "));
}

export function showFlag(isFlagged) {
  flag.hidden = !isFlagged;
  name();
}

box?.addEventListener("draft:state", ({ detail }) => {
  if (detail.state !== "saved") return;
  item.dataset.state = box.value.trim() ? "draft" : "open";
  name();
  bar.value = document.querySelectorAll(".palette__item:not([data-state=open])").length;
  count.textContent = `${bar.value} of ${bar.max} answered`;
});
