// Says how the time stands when asked, also while the clock is hidden.
// Looks for button[data-say-time]; the words are those of [data-time-words].

import { say } from "./say.js";

const words = document.querySelector("[data-time-words]");

for (const button of document.querySelectorAll("[data-say-time]")) {
  button.addEventListener("click", () => say(words.textContent));
}
