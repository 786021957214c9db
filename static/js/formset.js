// Adds, moves and removes the rows of a Django formset in place.
// Looks for [data-formset="<prefix>"][data-formset-name] with [data-formset-rows], [data-formset-template] and
// [data-formset-add]; a row is [data-formset-row] with [data-formset-number], a DELETE checkbox, [data-formset-remove]
// and, where rows have an ORDER, [data-formset-move="-1" or "1"]. Tells others by formset:changed.

function attach(set) {
  const { formset: prefix, formsetName: name } = set.dataset;
  const rows = set.querySelector("[data-formset-rows]");
  const add = set.querySelector("[data-formset-add]");
  const voice = set.querySelector("[data-formset-voice]");
  const template = set.querySelector("[data-formset-template]");
  const total = set.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  const most = Number(set.querySelector(`[name="${prefix}-MAX_NUM_FORMS"]`).value);
  const shown = () => [...rows.querySelectorAll("[data-formset-row]:not([hidden])")];
  const part = (row, ending) => row.querySelector(`[name^="${prefix}-"][name$="-${ending}"]`);

  function number() {
    const present = shown();
    present.forEach((row, index) => {
      row.querySelectorAll("[data-formset-number]").forEach((place) => (place.textContent = index + 1));
      row.querySelectorAll("[data-formset-move]").forEach((button) => {
        button.disabled = !present[index + Number(button.dataset.formsetMove)];
      });
    });
    [...rows.children].forEach((row, index) => part(row, "ORDER") && (part(row, "ORDER").value = index + 1));
    add.hidden = present.length >= most;
  }

  function changed(words) {
    voice.textContent = words;
    number();
    set.dispatchEvent(new CustomEvent("formset:changed", { bubbles: true }));
    set.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A removed row stays in the form, marked: the server must hear of it.
  function remove(row) {
    const next = shown()[shown().indexOf(row) + 1];
    const words = `${name} ${shown().indexOf(row) + 1} is removed once you save.`;
    part(row, "DELETE").checked = true;
    row.hidden = true;
    changed(words);
    (next ?? shown().at(-1) ?? add).focus();
  }

  function move(row, button) {
    const step = Number(button.dataset.formsetMove);
    const from = shown().indexOf(row);
    const other = shown()[from + step];
    if (step < 0) other.before(row);
    else other.after(row);
    changed(`${name} ${from + 1} is now ${from + step + 1} of ${shown().length}.`);
    // Moving takes the focus away; at an end the button that led there is of no more use.
    (button.disabled ? row.querySelector("[data-formset-move]:not([disabled])") : button)?.focus();
  }

  function prepare(row) {
    row.querySelectorAll("[data-formset-remove], [data-formset-move]").forEach((button) => (button.hidden = false));
    row.hidden = part(row, "DELETE").checked;
  }

  set.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-formset-remove], [data-formset-move]");
    if (!button) return;
    const row = button.closest("[data-formset-row]");
    if ("formsetMove" in button.dataset) move(row, button);
    else remove(row);
  });

  add.addEventListener("click", () => {
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.firstElementChild;
    rows.append(row);
    total.value = Number(total.value) + 1;
    prepare(row);
    changed("");
    row.querySelector("input:not([type=hidden], [hidden]), select, textarea").focus();
  });

  [...rows.children].forEach(prepare);
  number();
}

document.querySelectorAll("[data-formset]").forEach(attach);
