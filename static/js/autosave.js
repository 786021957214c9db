// Saves what is typed: a second after typing stops, every five seconds while it goes on, and when the page is left.
// Looks for textarea[data-autosave="<address to PUT to>"][data-revision]. Each save names the revision it is based on.
//
// It tells others by events on the textarea: draft:state {state, words} and draft:conflict {text, revision}; it listens
// for draft:flush {done(saved)} and draft:resolved {text, saved, revision}. One save is under way at a time, never two.

import { csrfToken } from "./csrf.js";
import { outcomeOf } from "./draft-outcome.js";

const IDLE = 1000;
const LONGEST = 5000;
const RETRY_AFTER = [2000, 5000, 15000, 30000];

function attach(box) {
  const form = box.form;
  let revision = Number(box.dataset.revision);
  let saved = "unsaved" in box.dataset ? null : box.value;
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
    const body = JSON.stringify({ text, revision });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken(form) };
    const keepalive = body.length < 20000; // outlives the page; browsers allow it for small bodies alone
    const options = { method: "PUT", headers, body, keepalive, signal: AbortSignal.timeout(15000) };
    const response = await fetch(box.dataset.autosave, options).catch(() => null);
    settle(text, response?.status ?? 0, (await response?.json().catch(() => null)) ?? {});
  }

  function settle(text, status, answer) {
    const { kind, words } = outcomeOf(status, answer);
    failures = kind === "retry" ? failures + 1 : 0;
    if (kind === "saved") baseOn(answer.revision, text);
    if (kind === "refused") refused = text;
    if (kind === "retry") retry = setTimeout(save, RETRY_AFTER[Math.min(failures, RETRY_AFTER.length) - 1]);
    stopped = kind === "conflict" || kind === "closed";
    box.readOnly = kind === "closed";
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
    tell("draft:state", { state: failures ? "retry" : "typing" });
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
    if (isUnsaved()) save();
    else tell("draft:state", { state: "saved", words: "The other text is here. It is saved." });
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("pagehide", save);
  addEventListener("online", save);
  if (isUnsaved()) tell("draft:state", { state: "typing" });
}

document.querySelectorAll("textarea[data-autosave]").forEach(attach);
