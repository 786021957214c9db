// Saves what is typed: a second after typing stops, every four seconds while it goes on, and when the page is left.
// Looks for textarea[data-autosave="<address to PUT to>"][data-revision]. Each save names the revision it is based on.
//
// It tells others by events on the textarea: draft:state {state, words}, draft:acknowledged {text, revision} and
// draft:conflict {text, revision}. It listens for draft:flush {done(saved)}, draft:retry and draft:resolved {text,
// saved, revision}, saved being what the server has. One save is under way at a time, never two.

import { csrfToken, renewTokens } from "./csrf.js";
import { putDraft } from "./put-draft.js";

const IDLE = 1000;
const LONGEST = 4000;
const RETRY_AFTER = [2000, 5000, 15000, 30000];

function attach(box) {
  const form = box.form;
  let revision = Number(box.dataset.revision);
  let saved = "unsaved" in box.dataset ? null : box.value;
  let unanswered = []; // texts that were sent and whose reply never came: the server may have one of them
  let refused = null; // a text that the server does not take; it is not sent again unchanged
  let stopped = false; // a conflict waits for the person's choice, or the time is over
  let flight = null;
  let failures = 0;
  let idle, longest, retry;

  const tell = (name, detail) => box.dispatchEvent(new CustomEvent(name, { detail }));
  const isUnsaved = () => box.value !== saved;
  const mayTry = () => isUnsaved() && !stopped && box.value !== refused;

  function baseOn(number, text) {
    form.elements.revision.value = revision = number; // for a submission without this module's help, too
    saved = text;
  }

  async function send(text) {
    renewTokens();
    settle(text, await putDraft(box.dataset.autosave, { text, revision }, csrfToken(form)));
  }

  // Where the other text is one of one's own, there is nothing to choose: what is typed by now comes after it.
  function settle(text, { kind, words, answer }) {
    if (kind === "conflict" && unanswered.includes(answer.text)) {
      baseOn(answer.revision, answer.text);
      kind = "typing";
      words = undefined;
    }
    const isEnd = kind === "closed" || kind === "late";
    const isDelay = kind === "retry" || kind === "login";
    failures = isDelay ? failures + 1 : 0;
    if (kind === "saved") baseOn(answer.revision, text);
    if (kind === "saved") unanswered = [];
    if (kind === "retry") unanswered.push(text);
    if (kind === "refused") refused = text;
    if (isDelay) retry = setTimeout(save, RETRY_AFTER[Math.min(failures, RETRY_AFTER.length) - 1]);
    stopped = kind === "conflict" || isEnd;
    box.readOnly = isEnd;
    if (kind === "saved" || kind === "late") tell("draft:acknowledged", { text, revision });
    tell("draft:state", { state: kind === "saved" && isUnsaved() ? "typing" : kind, words });
    if (kind === "conflict") tell("draft:conflict", { text: answer.text, revision: answer.revision });
  }

  async function save() {
    [idle, longest, retry].forEach(clearTimeout);
    idle = longest = retry = undefined;
    if (flight) await flight;
    if (flight || !mayTry()) return;
    flight = send(box.value).finally(() => (flight = null));
    await flight;
    if (mayTry() && !retry) soon();
  }

  function soon() {
    clearTimeout(idle);
    idle = setTimeout(save, IDLE);
    longest ??= setTimeout(save, LONGEST);
  }

  // A save that is under way is waited for, and what was typed meanwhile is sent after it.
  async function flush() {
    do await save();
    while ((flight || mayTry()) && !failures);
    return !isUnsaved() || box.readOnly;
  }

  box.addEventListener("input", () => {
    if (!isUnsaved() || stopped) return;
    if (!failures) tell("draft:state", { state: "typing" });
    if (!retry) soon();
  });
  box.addEventListener("draft:flush", async (event) => {
    event.preventDefault();
    event.detail.done(await flush());
  });
  box.addEventListener("draft:resolved", ({ detail }) => {
    baseOn(detail.revision, detail.saved);
    box.value = detail.text;
    stopped = false;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    if (isUnsaved()) save();
    else tell("draft:state", { state: "saved", words: "The other text is here. It is saved." });
  });
  box.addEventListener("draft:retry", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("pagehide", save);
  addEventListener("online", save);
  if (isUnsaved()) tell("draft:state", { state: "typing" });
}

document.querySelectorAll("textarea[data-autosave]").forEach(attach);
