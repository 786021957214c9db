// Two texts for one answer: shows both in place and lets the person choose. Nothing is overwritten before that.
// Looks for [data-draft-conflict] with [data-conflict-mine], [data-conflict-other] and [data-conflict-choose] buttons;
// hears draft:conflict from the form's textarea and answers with draft:resolved.

for (const panel of document.querySelectorAll("[data-draft-conflict]")) {
  const box = panel.closest("form").querySelector("[data-autosave]");
  let other;

  box.addEventListener("draft:conflict", ({ detail }) => {
    other = detail;
    panel.querySelector("[data-conflict-mine]").textContent = box.value;
    panel.querySelector("[data-conflict-other]").textContent = other.text;
    panel.hidden = false;
    panel.focus();
  });

  box.addEventListener("input", () => {
    if (!panel.hidden) panel.querySelector("[data-conflict-mine]").textContent = box.value;
  });

  panel.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-conflict-choose]")?.dataset.conflictChoose;
    if (!choice) return;
    const texts = { mine: box.value, other: other.text, both: `${other.text}\n\n${box.value}` };
    panel.hidden = true;
    const detail = { text: texts[choice], saved: other.text, revision: other.revision };
    box.dispatchEvent(new CustomEvent("draft:resolved", { detail }));
    box.focus();
  });
}
