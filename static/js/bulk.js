// Ticks all questions of a list at once, and says how many are ticked.
// Looks for [data-bulk], a form with boxes named "question", and in it [data-bulk-chosen] with [data-bulk-all] and
// [data-bulk-count].

for (const form of document.querySelectorAll("[data-bulk]")) {
  const boxes = [...form.querySelectorAll('input[type="checkbox"][name="question"]')];
  const all = form.querySelector("[data-bulk-all]");
  const count = form.querySelector("[data-bulk-count]");

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    count.textContent = ticked ? `${ticked} ticked` : "";
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener("change", (event) => {
    if (event.target !== all) tell();
  });
  // A browser that goes back brings the ticks back after this has run.
  window.addEventListener("pageshow", tell);
  form.querySelector("[data-bulk-chosen]").hidden = false;
  tell();
}
