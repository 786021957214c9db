// Warns before a page with a changed form is left without saving.
// Looks for form[data-leave-warning].

for (const form of document.querySelectorAll("form[data-leave-warning]")) {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}
