// Makes a row of each line of a list that is pasted into a blank field of a formset.
// Looks for [data-formset="<prefix>"][data-paste-lines="<field>"]; rows are added by js/formset.js. A list with more
// lines than there is room for is pasted as it is.

const BULLET = /^\s*(?:[-*•–]|\d+[.)])\s+/;

const linesOf = (text) =>
  text
    .split(/\r?\n/)
    .map((line) => line.replace(BULLET, "").trim())
    .filter(Boolean);

function attach(set) {
  const ending = `-${set.dataset.pasteLines}`;
  const add = set.querySelector("[data-formset-add]");
  const voice = set.querySelector("[data-formset-voice]");
  const most = Number(set.querySelector('[name$="-MAX_NUM_FORMS"]').value);
  const fields = () => [...set.querySelectorAll(`[data-formset-row]:not([hidden]) [name$="${ending}"]`)];

  function fill(lines, field, blank) {
    for (const line of lines) {
      if (!blank.length) add.click();
      const place = blank.shift() ?? fields().at(-1);
      place.value = line;
      for (const name of ["input", "change"]) place.dispatchEvent(new Event(name, { bubbles: true }));
    }
    field.focus();
    voice.textContent = `${lines.length} lines, each in a row of its own.`;
  }

  set.addEventListener("paste", (event) => {
    const field = event.target;
    if (!field.name?.endsWith(ending) || field.value.trim()) return;
    const lines = linesOf(event.clipboardData.getData("text/plain"));
    const there = fields();
    const blank = there.slice(there.indexOf(field)).filter((one) => !one.value.trim());
    if (lines.length < 2 || lines.length > blank.length + most - there.length) return;
    event.preventDefault();
    fill(lines, field, blank);
  });
}

document.querySelectorAll("[data-paste-lines]").forEach(attach);
