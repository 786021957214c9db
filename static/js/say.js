// Says something once, politely: to screen readers, and on the screen too while the clock is hidden.
// Looks for [data-voice], a status region.

const voice = document.querySelector("[data-voice]");
let silence;

export function say(words) {
  clearTimeout(silence);
  voice.textContent = "";
  setTimeout(() => (voice.textContent = words), 50); // emptied first, the same words are news again
  silence = setTimeout(() => (voice.textContent = ""), 8000);
}
