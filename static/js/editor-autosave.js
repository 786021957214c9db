// Saves the whole form of the editor: 1.5 seconds after typing stops, every five while it goes on, and when it is left.
// Looks for form[data-autosave="<address to POST to>"], whose fields seen, page and took say what it is based on, and for
// form[data-drop-copy], which gives up what is saved.
//
// The server writes it into the draft, or keeps it beside the draft and says why. Speaks the events of autosave.js:
// draft:state {state, words} on the form; listens for draft:flush {done(saved)} and draft:retry. One save is under way at
// a time, never two.

import { csrfToken, renewTokens } from "./csrf.js";

const IDLE = 1500;
const LONGEST = 5000;
const RETRY_AFTER = [2000, 5000, 15000, 30000];
const KEEPALIVE = 60000; // browsers let no larger body outlive its page

const KEPT = {
  draft: ["saved", (time) => `Saved ${time}`],
  copy: ["saved", (time) => `Saved ${time}. It goes into a draft once it is complete and you save.`],
  changed: ["conflict", (time) => `Kept ${time}, not in the draft: it has changed meanwhile. Save to compare and choose.`],
  in_review: ["conflict", (time) => `Kept ${time}, not in the draft: the version is in review by now.`],
  elsewhere: ["conflict", () => "Not kept: something else you typed for this question is. Save the draft to keep this."],
};
const LOGGED_OUT = "Not saved yet: you are logged out. Log in above. Your text is kept in this page.";
const TOO_LONG = "Not saved: it is too long, or holds a broken character. Your text is kept in this page.";
const NO_ANSWER = "Not saved yet: there is no connection. Your text is kept in this page, and saved when it is back.";
const TROUBLE = "Not saved yet: the server has trouble. Your text is kept in this page; saving again in a moment.";

document.documentElement.dataset.copies = "none"; // this page keeps no copy on the device: js/offline.js must not say so

const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

async function post(address, body, token) {
  const headers = { "X-CSRFToken": token };
  const options = { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(15000) };
  const reply = await fetch(address, { ...options, keepalive: String(body).length < KEEPALIVE }).catch(() => null);
  if (!reply) return { state: "retry", words: NO_ANSWER, lost: true };
  if (reply.type === "opaqueredirect" || reply.status === 403) return { state: "login", words: LOGGED_OUT };
  const answer = await reply.json().catch(() => null);
  if (answer && answer.kept in KEPT) {
    const [state, words] = KEPT[answer.kept];
    return { state, words: words(clock(answer.saved_at)), answer };
  }
  if ([400, 413].includes(reply.status)) return { state: "refused", words: TOO_LONG };
  return { state: "retry", words: TROUBLE };
}

function attach(form) {
  const { seen } = form.elements;
  const fields = () => new URLSearchParams([...new FormData(form)].filter(([name]) => !/^(bench|lint)-/.test(name)));
  // What is typed, without what only says where it stands.
  const typed = () => String(fields()).replace(/(^|&)(csrfmiddlewaretoken|seen)=[^&]*/g, "");
  let saved = "unsaved" in form.dataset ? null : typed();
  let refused = null; // it is not sent again unchanged
  let lost = null; // was sent and never answered: sent again as it was, the server knows it if it came
  let flight = null;
  let failures = 0;
  let dropped = false; // what is typed here is given up: nothing may bring it back
  let idle, longest, retry;

  const tell = (detail) => form.dispatchEvent(new CustomEvent("draft:state", { detail }));
  const mayTry = () => !dropped && typed() !== saved && typed() !== refused;

  async function send() {
    const now = lost ?? { typed: typed(), body: fields() };
    renewTokens();
    const { state, words, answer, lost: isLost } = await post(form.dataset.autosave, now.body, csrfToken(form));
    lost = isLost ? now : null;
    const isDelay = state === "retry" || state === "login";
    failures = isDelay ? failures + 1 : 0;
    if (answer) {
      seen.value = answer.seen;
      if (answer.kept !== "elsewhere") saved = now.typed;
    }
    if (state === "refused" || answer?.kept === "elsewhere") refused = now.typed;
    if (isDelay) retry = setTimeout(save, RETRY_AFTER[Math.min(failures, RETRY_AFTER.length) - 1]);
    tell({ state: state === "saved" && mayTry() ? "typing" : state, words });
  }

  async function save() {
    [idle, longest, retry].forEach(clearTimeout);
    idle = longest = retry = undefined;
    if (flight) await flight;
    if (flight || !mayTry()) return;
    flight = send().finally(() => (flight = null));
    await flight;
    if (mayTry() && !retry) soon();
  }

  function soon() {
    clearTimeout(idle);
    idle = setTimeout(save, IDLE);
    longest ??= setTimeout(save, LONGEST);
  }

  // The server says more to what it could not keep than this module can: the form goes there, apart from what no reply
  // came to, or one that it is too long.
  async function flush() {
    refused = null;
    do await save();
    while ((flight || mayTry()) && !failures);
    return !failures && form.querySelector("[data-save-state]").dataset.state !== "refused";
  }

  function edited() {
    if (!mayTry()) return;
    if (!failures) tell({ state: "typing" });
    if (!retry) soon();
  }

  // No save may come after the word that drops what is saved.
  async function drop(event) {
    event.preventDefault();
    dropped = true;
    document.documentElement.dataset.leaving = "";
    await flight;
    event.target.submit();
  }

  form.addEventListener("input", edited);
  document.querySelector("form[data-drop-copy]")?.addEventListener("submit", drop);
  form.addEventListener("draft:flush", async (event) => {
    event.preventDefault();
    event.detail.done(await flush());
  });
  form.addEventListener("draft:retry", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("pagehide", save);
  addEventListener("online", save);
  if (mayTry()) edited();
}

document.querySelectorAll("form[data-autosave]").forEach(attach);
