// Says that a form is on its way: its button shows “Sending…” until the next page is there.
// Looks for button[data-sending], whose value is what to show meanwhile.

const sent = new Map();

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button?.matches("[data-sending]")) return;
  // A second click sends nothing more. The button is not disabled: its name and value belong to the form.
  if (sent.has(button)) return event.preventDefault();
  sent.set(button, [...button.childNodes]);
  button.setAttribute("aria-busy", "true");
  button.replaceChildren(button.dataset.sending);
});

// Whoever comes back to the page finds the button as it was.
addEventListener("pageshow", () => {
  for (const [button, words] of sent) {
    button.removeAttribute("aria-busy");
    button.replaceChildren(...words);
  }
  sent.clear();
});
