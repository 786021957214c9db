// A clock for practice, for those who want one: it counts up, can be paused and hidden, and goes on where it stopped
// when the question is opened again in this tab.
// Looks for [data-practice-clock="<question>"][data-minutes] with [data-time-words], -show and -pause, and for
// [data-practice-nudge], which says one sentence when the suggested time is over. Differences of performance.now() are
// counted, never the computer's clock.

import { recall, remember } from "./remember.js";

const MINUTE = 60000;
const OVER = "The suggested time is over. Take the time you need.";
const element = document.querySelector("[data-practice-clock]");
const clock = element.querySelector("[data-time-words]");
const show = element.querySelector("[data-practice-clock-show]");
const pause = element.querySelector("[data-practice-clock-pause]");
const nudge = document.querySelector("[data-practice-nudge]");
const key = `greenroom:clock:${element.dataset.practiceClock}`;
const minutes = Number(element.dataset.minutes);
const state = JSON.parse(recall(key, "sessionStorage")) ?? { isShown: false, isRunning: false, ms: 0 };
let since = performance.now();

function count() {
  const now = performance.now();
  if (state.isRunning) state.ms += now - since;
  since = now;
}

function draw() {
  count();
  const seconds = Math.floor(state.ms / 1000);
  const figure = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const hasStarted = state.isRunning || state.ms > 0;
  if (hasStarted) clock.textContent = `${figure} of about ${minutes} minutes${state.isRunning ? "" : ", paused"}`;
  clock.hidden = pause.hidden = !state.isShown;
  show.textContent = state.isShown ? "Hide" : "Show a clock";
  pause.textContent = state.isRunning ? "Pause" : "Go on";
  const words = state.isShown && state.ms > minutes * MINUTE ? OVER : "";
  if (nudge.textContent !== words) nudge.textContent = words;
}

function change(name, isSo) {
  count();
  state[name] = isSo;
  keep();
  draw();
}

function keep() {
  count();
  remember(key, JSON.stringify(state), "sessionStorage");
}

show.addEventListener("click", () => {
  if (state.ms === 0) change("isRunning", true);
  change("isShown", !state.isShown);
});
pause.addEventListener("click", () => change("isRunning", !state.isRunning));
addEventListener("pagehide", keep);
addEventListener("pageshow", () => (since = performance.now())); // time in the browser's back-and-forward cache
setInterval(draw, 1000);
draw();
