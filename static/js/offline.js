// Says above the answer when the browser is offline, and what becomes of the text meanwhile.
// Looks for [data-offline] (a status region) with [data-offline-words].

import { isShared } from "./copies.js";

const region = document.querySelector("[data-offline]");
const KEPT = "You are offline. What you type is kept on this device and saved when you are back.";
const IN_PAGE = "You are offline. What you type is kept in this page: leave it open; it is saved when you are back.";
const STAY = "You are offline: other pages open when you are back. What you type here is kept.";

function say(words) {
  region.querySelector("[data-offline-words]").textContent = words;
  region.firstElementChild.hidden = !words;
}

const isKept = () => !isShared() && document.documentElement.dataset.copies !== "none";
const update = () => say(navigator.onLine ? "" : isKept() ? KEPT : IN_PAGE);

// Tells whether another page can be opened; says so where it cannot. A browser that is sure to be offline would show
// its own error in place of the answer.
export function mayLeave() {
  if (navigator.onLine) return true;
  say(STAY);
  return false;
}

addEventListener("offline", update);
addEventListener("online", update);
update();
