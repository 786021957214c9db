// Adds and removes the rows of a Django formset in place.
// Looks for [data-formset="<prefix>"] with [data-formset-rows], [data-formset-template] and [data-formset-add]; a row is
// [data-formset-row] with [data-formset-number], a DELETE checkbox and [data-formset-remove].

function attach(set) {
  const prefix = set.dataset.formset;
  const rows = set.querySelector("[data-formset-rows]");
  const add = set.querySelector("[data-formset-add]");
  const voice = set.querySelector("[data-formset-voice]");
  const template = set.querySelector("[data-formset-template]");
  const total = set.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  const most = Number(set.querySelector(`[name="${prefix}-MAX_NUM_FORMS"]`).value);
  const shown = () => [...rows.querySelectorAll("[data-formset-row]:not([hidden])")];

  function number() {
    const present = shown();
    present.forEach((row, index) =>
      row.querySelectorAll("[data-formset-number]").forEach((place) => (place.textContent = index + 1)),
    );
    add.hidden = present.length >= most;
  }

  // A removed row stays in the form, marked: the server must hear of it. Its fields ask for nothing any more.
  function remove(row) {
    const name = row.querySelector("legend").textContent.trim().replace(/\s+/g, " ");
    row.querySelector('[name$="-DELETE"]').checked = true;
    row.querySelectorAll("[required]").forEach((field) => (field.required = false));
    row.hidden = true;
    voice.textContent = `${name} is removed once you save.`;
    number();
    (shown().at(-1) ?? add).focus();
    set.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function prepare(row) {
    const button = row.querySelector("[data-formset-remove]");
    button.hidden = false;
    button.addEventListener("click", () => remove(row));
    if (row.querySelector('[name$="-DELETE"]').checked) remove(row);
  }

  add.addEventListener("click", () => {
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.firstElementChild;
    rows.append(row);
    total.value = Number(total.value) + 1;
    prepare(row);
    number();
    row.querySelector("input:not([type=hidden]), textarea").focus();
  });

  shown().forEach(prepare);
  number();
}

document.querySelectorAll("[data-formset]").forEach(attach);
