// Counts down what is left of the time: minutes, and seconds in the last one. Warns now and then, not every second.
// Looks for [data-countdown][data-remaining-ms] with [data-time-words] and [data-countdown-hide], and at the end submits
// form[data-finish-form] after saving. It measures with performance.now(), never with the computer's clock, and asks
// the server again ([data-sync]) every minute, when the computer seems to have slept, and before the end: somebody may
// have been given more time.

import { flushDraft } from "./flush-draft.js";
import { say } from "./say.js";

const MINUTE = 60000;
// At the end of the time, together shorter than the server's grace of 30 seconds.
const ATTEMPTS = 10;
const AGAIN = 2000;
const SPOKEN = [30, 15, 5, 1, 0.5, 1 / 6].map((minutes) => minutes * MINUTE);
const OVER = "The time is over. Saving and finishing.";
const OFFLINE = "The time is over. You are offline: what was saved counts, and this page goes on when you are back.";

const inWords = (ms) => {
  const minutes = Math.ceil(ms / MINUTE);
  if (ms > MINUTE) return `${minutes} minutes left`;
  const seconds = Math.ceil(ms / 1000);
  return `${seconds} second${seconds === 1 ? "" : "s"} left`;
};

// Saved within the grace, the interview is finished; a save that fails is tried again as long as the grace lasts.
// A text that comes too late stays in sight, with what became of it.
async function finish(attempt = 1) {
  const box = document.querySelector("[data-autosave]");
  document.documentElement.dataset.leaving = ""; // no question about leaving now
  const isSaved = await flushDraft();
  if (!navigator.onLine) addEventListener("online", () => finish(), { once: true });
  else if (!isSaved && attempt < ATTEMPTS) setTimeout(() => finish(attempt + 1), AGAIN);
  else if (!box?.readOnly) document.querySelector("[data-finish-form]")?.submit();
}

function attach(element) {
  const clock = element.querySelector("[data-time-words]");
  const hide = element.querySelector("[data-countdown-hide]");
  let end = performance.now() + Number(element.dataset.remainingMs);
  let before = end - performance.now();
  let tickedAt = Date.now();
  let askedAt = performance.now();
  let timer;

  async function ask(atMost = 30000) {
    askedAt = performance.now();
    const response = await fetch(element.dataset.sync, { signal: AbortSignal.timeout(atMost) }).catch(() => null);
    const left = response?.ok ? (await response.json()).remaining_ms : undefined;
    if (left === null) noLimit();
    if (typeof left !== "number") return;
    if (performance.now() + left > end + MINUTE / 2) say(`You have more time: ${inWords(left)}`);
    end = performance.now() + left;
  }

  function noLimit() {
    clearInterval(timer);
    end = Infinity;
    clock.textContent = "No time limit";
    element.dataset.near = "";
    say("You have no time limit now.");
  }

  async function over() {
    clearInterval(timer);
    await ask(3000);
    if (end === Infinity) return;
    if (end > performance.now()) {
      timer = setInterval(tick, 1000);
      return;
    }
    clock.hidden = false;
    clock.textContent = navigator.onLine ? OVER : OFFLINE;
    say(clock.textContent);
    finish();
  }

  function tick() {
    const left = Math.max(0, end - performance.now());
    if (Date.now() - tickedAt > 10000 || performance.now() - askedAt > MINUTE) ask();
    tickedAt = Date.now();
    clock.textContent = inWords(left);
    element.dataset.near = left <= MINUTE ? "end" : left <= 5 * MINUTE ? "soon" : "";
    if (SPOKEN.some((moment) => left <= moment && before > moment)) say(inWords(left));
    before = left;
    if (left === 0) over();
  }

  hide.hidden = false;
  hide.addEventListener("click", () => {
    clock.hidden = !clock.hidden;
    hide.textContent = clock.hidden ? "Show the time left" : "Hide";
  });
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  timer = setInterval(tick, 1000);
  tick();
}

document.querySelectorAll("[data-countdown]").forEach(attach);
