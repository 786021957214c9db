// Says how the draft stands, in words, with an icon and in the row of numbered questions, and warns before leaving while
// something is unsaved, only then.
// Looks for [data-save-state] with an icon and [data-save-state-words], and for .palette__item[aria-current]; hears
// draft:state from the form's textarea. The words change only when they must, so that a screen reader is not told of
// every save.

const ICONS = { saved: "saved", typing: "saving", retry: "offline", refused: "alert", conflict: "alert", closed: "clock" };

function markInPalette(isDraft) {
  const item = document.querySelector(".palette__item[aria-current]");
  item.classList.toggle("palette__item--draft", isDraft);
  item.classList.toggle("palette__item--open", !isDraft);
  item.querySelector("[data-palette-words]").textContent = isDraft ? ", draft" : ", not answered";
}

for (const element of document.querySelectorAll("[data-save-state]")) {
  const words = element.querySelector("[data-save-state-words]");
  const use = element.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];
  const box = element.closest("form").querySelector("[data-autosave]");

  box.addEventListener("draft:state", ({ detail }) => {
    element.dataset.state = detail.state;
    use.setAttribute("href", `${sprite}#${ICONS[detail.state]}`);
    if (detail.words && words.textContent !== detail.words) words.textContent = detail.words;
    if (detail.state === "saved") markInPalette(box.value !== "");
  });

  addEventListener("beforeunload", (event) => {
    const isLeaving = "leaving" in document.documentElement.dataset;
    if (!isLeaving && !["saved", "closed", undefined].includes(element.dataset.state)) event.preventDefault();
  });
}
