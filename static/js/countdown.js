// Counts down what is left of the time: minutes, and seconds in the last one. Warns now and then, not every second.
// Looks for [data-countdown][data-remaining-ms] with [data-countdown-clock], -voice and -hide, and at the end submits
// form[data-finish-form] after saving. It measures with performance.now(), never with the computer's clock, and asks
// the server again ([data-sync]) when the computer seems to have slept.

const MINUTE = 60000;
const SPOKEN = [30, 15, 5, 1, 0.5, 1 / 6].map((minutes) => minutes * MINUTE);

const inWords = (ms) => {
  const minutes = Math.ceil(ms / MINUTE);
  if (ms > MINUTE) return `${minutes} minutes left`;
  const seconds = Math.ceil(ms / 1000);
  return `${seconds} second${seconds === 1 ? "" : "s"} left`;
};

function attach(element) {
  const clock = element.querySelector("[data-countdown-clock]");
  const voice = element.querySelector("[data-countdown-voice]");
  const hide = element.querySelector("[data-countdown-hide]");
  let end = performance.now() + Number(element.dataset.remainingMs);
  let before = end - performance.now();
  let tickedAt = Date.now();

  async function ask() {
    const response = await fetch(element.dataset.sync).catch(() => null);
    const left = response?.ok ? (await response.json()).remaining_ms : null;
    if (typeof left === "number") end = performance.now() + left;
  }

  function finish() {
    clearInterval(timer);
    clock.textContent = voice.textContent = "The time is over. Saving and finishing.";
    const form = document.querySelector("[data-finish-form]");
    const box = document.querySelector("[data-autosave]");
    document.documentElement.dataset.leaving = ""; // no question about leaving now
    const submit = () => form?.submit();
    const event = new CustomEvent("draft:flush", { cancelable: true, detail: { done: submit } });
    if (!box || box.dispatchEvent(event)) submit();
  }

  function tick() {
    const left = Math.max(0, end - performance.now());
    if (Date.now() - tickedAt > 10000) ask();
    tickedAt = Date.now();
    clock.textContent = inWords(left);
    element.dataset.near = left <= MINUTE ? "end" : left <= 5 * MINUTE ? "soon" : "";
    if (SPOKEN.some((moment) => left <= moment && before > moment)) voice.textContent = inWords(left);
    before = left;
    if (left === 0) finish();
  }

  hide.hidden = false;
  hide.addEventListener("click", () => {
    clock.hidden = !clock.hidden;
    hide.textContent = clock.hidden ? "Show the time left" : "Hide";
  });
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  const timer = setInterval(tick, 1000);
  tick();
}

document.querySelectorAll("[data-countdown]").forEach(attach);
