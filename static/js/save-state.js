// Says how the draft stands, in words and with an icon, and warns before leaving while something is unsaved, only then.
// Looks for [data-save-state] with an icon and [data-save-state-words], and for [data-when-over], which shows when no text
// is taken any more; hears draft:state from what saves itself: the form, or its textarea. The words change only when they
// must, so that a screen reader is not told of every save.

const ICONS = {
  saved: "saved",
  typing: "saving",
  retry: "offline",
  login: "alert",
  refused: "alert",
  conflict: "alert",
  closed: "clock",
  late: "clock",
};
const OVER = ["closed", "late"];

for (const element of document.querySelectorAll("[data-save-state]")) {
  const words = element.querySelector("[data-save-state-words]");
  const use = element.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];
  const form = element.closest("form");
  const box = form.matches("[data-autosave]") ? form : form.querySelector("[data-autosave]");

  box.addEventListener("draft:state", ({ detail }) => {
    element.dataset.state = detail.state;
    use.setAttribute("href", `${sprite}#${ICONS[detail.state]}`);
    if (detail.words && words.textContent !== detail.words) words.textContent = detail.words;
    document.querySelectorAll("[data-when-over]").forEach((part) => (part.hidden = !OVER.includes(detail.state)));
  });

  addEventListener("beforeunload", (event) => {
    const isLeaving = "leaving" in document.documentElement.dataset;
    if (!isLeaving && !["saved", ...OVER, undefined].includes(element.dataset.state)) event.preventDefault();
  });
}
