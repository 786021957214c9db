// Prints the whole page: what is folded is opened for it, and folded again afterwards.
// Looks for button[data-print], which is hidden until this module runs; the browser's own print command does the same.

let opened = [];

addEventListener("beforeprint", () => {
  opened.push(...document.querySelectorAll("main details:not([open])"));
  for (const details of opened) details.open = true;
});

addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  opened = [];
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
  button.hidden = false;
}
