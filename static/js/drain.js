// Sends what closed pages of this person have left in this browser, the oldest first: when a page opens, when the
// browser is online again, and when a page that still held a text is closed.
// Looks for [data-drain="<person>"], where it says what became of each text, and for template[data-drain-notice].

import { borrow, drop, ofPerson, whenFree } from "./copies.js";
import { csrfToken } from "./csrf.js";
import { putDraft } from "./put-draft.js";

const place = document.querySelector("[data-drain]");
const template = document.querySelector("template[data-drain-notice]");
const said = new Map(); // what is said of a copy, by the copy's id
const awaited = new Set(); // the copies that other pages hold

const WORDS = {
  saved: () => "It is saved now.",
  conflict: () => "It differs from the text that is saved. Open the question and choose.",
  other: (answer, words) => words.replace(/^Not saved\. /, ""),
};

// The page that shows the question brings its copies back itself.
const isOpenHere = ({ person, interview, position }) =>
  document.querySelector(`[data-local-copy="${person}:${interview}:${position}"]`);

function tell(copy, { kind, words }) {
  const notice = template.content.cloneNode(true).firstElementChild;
  const part = (name) => notice.querySelector(`[data-drain-${name}]`);
  const isHere = !["saved", "late", "conflict"].includes(kind); // here and nowhere else
  part("question").textContent = `question ${copy.position} of “${copy.title}”`;
  part("words").textContent = (WORDS[kind] ?? WORDS.other)(copy, words);
  part("text").textContent = copy.text;
  part("text").hidden = part("drop").hidden = !isHere;
  part("open").href = copy.page;
  notice.classList.toggle("notice--warning", kind !== "saved");
  part("drop").addEventListener("click", async () => {
    await drop(copy.id);
    notice.remove();
  });
  said.get(copy.id)?.remove();
  said.set(copy.id, notice);
  place.append(notice);
}

// Gives whether to go on with the next.
async function send(copy) {
  const outcome = await putDraft(copy.address, copy, csrfToken(document.querySelector("form[data-log-out]")));
  if (["retry", "login"].includes(outcome.kind)) return false;
  const isNothing = outcome.kind === "closed" && !copy.text.trim();
  if (isNothing || ["saved", "late"].includes(outcome.kind)) await drop(copy.id);
  if (!isNothing) tell(copy, outcome);
  return true;
}

function wait(id) {
  if (awaited.has(id)) return;
  awaited.add(id);
  whenFree(id).then(() => awaited.delete(id) && drain());
}

export async function drain() {
  const copies = await ofPerson(place.dataset.drain).catch(() => []);
  for (const copy of copies.filter((each) => !isOpenHere(each))) {
    const goesOn = await borrow(copy.id, () => send(copy));
    if (goesOn === undefined) wait(copy.id);
    if (goesOn === false) return;
  }
}

addEventListener("online", drain);
drain();
