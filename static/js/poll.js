// Manners for the parts of a page that ask for news (htmx, hx-trigger="every …"): they are silent while nobody looks,
// and what changed is said once to screen readers.
// Looks for [data-poll-voice], and for [data-announce] in what arrives.

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});

document.addEventListener("htmx:after:swap", () => {
  const voice = document.querySelector("[data-poll-voice]");
  const words = document.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " ");
  if (voice && words && voice.textContent !== words) voice.textContent = words;
});
