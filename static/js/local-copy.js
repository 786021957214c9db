// Keeps what the server has not acknowledged in this browser too, half a second after it is typed, so that a crash or
// a closed lid loses nothing; and brings back what an earlier page has left.
// Looks for textarea[data-local-copy="<person:interview:question>"][data-local-copy-title="<the interview's>"] and the
// form's [data-local-copy-words].
//
// What is brought back is saved over the revision that it was based on. Has the server another text by now, it says so,
// and the person chooses, as between two tabs.

import { acknowledge, all, claim, drop, isShared, keep } from "./copies.js";

const PAUSE = 400;
const NO_STORE = "This browser keeps no copy of what you type. It is saved on the server alone, as you type.";
const page = document.documentElement.dataset;

async function attach(box) {
  const [person, interview, position] = box.dataset.localCopy.split(":");
  const words = box.form.querySelector("[data-local-copy-words]");
  let acknowledged = "unsaved" in box.dataset ? null : box.value;
  let id = `${interview}:${position}:${Math.random().toString(36).slice(2)}`;
  let waiting;

  function sayNone() {
    page.copies = "none";
    words.textContent = NO_STORE;
  }

  function write() {
    clearTimeout(waiting);
    waiting = undefined;
    if (page.copies === "none" || isShared()) return;
    const [address, revision] = [box.dataset.autosave, Number(box.form.elements.revision.value)];
    const title = box.dataset.localCopyTitle;
    const where = { id, person, interview, position, title, address, page: location.pathname };
    const copy = { ...where, text: box.value, revision, at: Date.now() };
    (box.value === acknowledged ? drop(id) : keep(copy)).catch(sayNone);
  }

  // Newest first. An older one waits for the next visit, and is offered beside what is saved by then. Whoever may open
  // this interview wrote them, as a guest perhaps, before there was an account.
  async function bringBack() {
    const left = (await all()).filter((copy) => copy.interview === interview && copy.position === position);
    for (const copy of left.reverse()) {
      if (!(await claim(copy.id))) continue;
      if (copy.text === acknowledged) drop(copy.id);
      else if (box.value === acknowledged) return takeOver(copy);
    }
  }

  function takeOver(copy) {
    id = copy.id;
    const detail = { text: copy.text, saved: null, revision: copy.revision };
    box.dispatchEvent(new CustomEvent("draft:resolved", { detail }));
    words.textContent = "Restored from this device.";
  }

  claim(id);
  box.addEventListener("input", () => (waiting ??= setTimeout(write, PAUSE)));
  box.addEventListener("draft:acknowledged", ({ detail }) => {
    acknowledged = detail.text;
    acknowledge(id, detail.text, detail.revision).catch(() => null);
  });
  box.addEventListener("draft:resolved", ({ detail }) => (acknowledged = detail.saved ?? acknowledged));
  addEventListener("pagehide", () => waiting && write());
  document.addEventListener("visibilitychange", () => waiting && write());
  await bringBack().catch(sayNone);
}

document.querySelectorAll("textarea[data-local-copy]").forEach(attach);
