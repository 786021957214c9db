// Keeps the marks that exemplars should get in step with the key points, as those are added, reworded, moved and removed.
// Looks for [data-formset="exemplars"], whose rows have [data-marks="<name>"] with [data-mark-row="<row of the key point>"],
// and [data-mark-template]. A folded exemplar is brought up to date when it is opened; what it lacks till then is a key
// point that it does not judge. Each one's twin is chosen among the others that stay. Hears exemplar:add {kind, text,
// marks} from the bench, and puts in where it went.

const set = document.querySelector('[data-formset="exemplars"]');
const points = document.querySelector('[data-formset="key_points"]');
const template = document.querySelector("[data-mark-template]");
const START = { strong: ["stated", "90"], half: ["", "50"], wrong: ["missing", "10"] }; // mark and score of a new one

const field = (row, name) => row.querySelector(`[name^="exemplars-"][name$="-${name}"]`);
const isNew = (row) => !field(row, "slug").value;
const rows = () => [...set.querySelectorAll("[data-formset-rows] > [data-formset-row]")];
const shown = () => rows().filter((row) => !row.hidden);

function keyPoints() {
  const staying = [...points.querySelectorAll("[data-formset-rows] > [data-formset-row]:not([hidden])")];
  return staying.map((row, index) => {
    const claim = row.querySelector('[name$="-claim"]');
    return { row: claim.name.split("-")[1], number: index + 1, claim: claim.value.trim() };
  });
}

function choice(marks, point, mark) {
  const made = template.content.firstElementChild.cloneNode(true);
  const select = made.querySelector("select");
  made.dataset.markRow = point.row;
  select.name = `${marks.dataset.marks}-${point.row}`;
  select.id = `id_${select.name}`;
  select.value = mark;
  made.querySelector("label").htmlFor = select.id;
  return made;
}

function update(row) {
  const marks = row.querySelector("[data-marks]");
  const start = isNew(row) ? (START[field(row, "kind").value]?.[0] ?? "") : "";
  const current = keyPoints();
  for (const point of current) {
    const there = marks.querySelector(`[data-mark-row="${point.row}"]`) ?? choice(marks, point, start);
    there.querySelector("[data-mark-number]").textContent = point.number;
    there.querySelector("[data-mark-claim]").textContent = point.claim || "A key point that says nothing yet";
    there.hidden = false;
    marks.append(there);
  }
  const staying = new Set(current.map((point) => point.row));
  for (const child of marks.children) child.hidden = !staying.has(child.dataset.markRow);
}

// An exemplar is the twin of another that stays: by its name, or while it has none by its row.
function updateTwins() {
  const named = shown().map((row, index) => ({
    row,
    value: field(row, "slug").value || `#${field(row, "slug").name.split("-")[1]}`,
    words: `Exemplar ${index + 1}: ${row.querySelector("[data-exemplar-summary]").textContent.trim()}`,
  }));
  for (const { row } of named) {
    const select = field(row, "twin_of");
    const chosen = select.value;
    const others = named.filter((other) => other.row !== row).map(({ value, words }) => new Option(words, value));
    select.replaceChildren(new Option("None", ""), ...others);
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = "";
  }
}

function head(row) {
  const kind = field(row, "kind");
  row.querySelector("[data-exemplar-summary]").textContent =
    `${kind.selectedOptions[0]?.textContent ?? ""}, ${field(row, "score").value} of 100`;
  row.querySelector("[data-exemplar-start]").textContent = field(row, "text").value.slice(0, 90);
}

// Another kind begins with another score and other marks, unless somebody has chosen their own.
function begin(row, before) {
  const [was, now] = [START[before], START[field(row, "kind").value]];
  if (!isNew(row) || !was || !now) return;
  if (field(row, "score").value === was[1]) field(row, "score").value = now[1];
  row.querySelectorAll("[data-marks] select").forEach((select) => select.value === was[0] && (select.value = now[0]));
}

// The row that says this already, else a blank one of its kind, else a new one.
function rowFor(kind, text) {
  const said = (row) => field(row, "text").value.trim();
  const same = shown().find((row) => said(row) === text.trim());
  const blank = shown().find((row) => isNew(row) && !said(row) && field(row, "kind").value === kind);
  const add = set.querySelector("[data-formset-add]");
  if (same || blank || add.hidden) return same ?? blank;
  add.click();
  return rows().at(-1);
}

function addFrom(detail) {
  const { kind, text, marks } = detail;
  const row = rowFor(kind, text);
  if (!row) return;
  if (field(row, "kind").value !== kind) field(row, "score").value = START[kind][1];
  Object.entries({ kind, text }).forEach(([name, value]) => (field(row, name).value = value));
  update(row);
  for (const [point, mark] of Object.entries(marks)) {
    const select = row.querySelector(`[data-mark-row="${point}"] select`);
    if (select) select.value = mark; // the key point may be gone since
  }
  row.open = true;
  head(row);
  set.dispatchEvent(new Event("input", { bubbles: true }));
  detail.added = { number: shown().indexOf(row) + 1, id: field(row, "text").id };
}

function updateThoseSeen() {
  rows().filter((row) => row.open || isNew(row)).forEach(update);
  updateTwins();
}

const kinds = new WeakMap();

points.addEventListener("change", updateThoseSeen);
document.addEventListener("formset:changed", updateThoseSeen);
set.addEventListener("toggle", ({ target }) => target.open && update(target), true);
set.addEventListener("focusin", ({ target }) => target.name?.endsWith("-kind") && kinds.set(target, target.value));
set.addEventListener("change", ({ target }) => {
  const row = target.closest("[data-formset-row]");
  if (target.name?.endsWith("-kind")) begin(row, kinds.get(target));
  kinds.set(target, target.value);
  if (row) head(row);
  updateTwins();
});
document.addEventListener("exemplar:add", ({ detail }) => addFrom(detail));
