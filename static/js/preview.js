// Shows the prompt as candidates see it, a moment after typing stops: the server makes safe HTML of it.
// Looks for [data-preview="<address to POST to>"] with [data-preview-place], beside a field named prompt of the same form.

import { csrfToken } from "./csrf.js";

const PAUSE = 300;

function attach(preview) {
  const field = preview.closest("form").elements.prompt;
  const place = preview.querySelector("[data-preview-place]");
  let pause, flight;

  async function show() {
    flight?.abort();
    flight = new AbortController();
    const headers = { "X-CSRFToken": csrfToken(field.form) };
    const options = { method: "POST", headers, body: new URLSearchParams({ prompt: field.value }), redirect: "manual" };
    const reply = await fetch(preview.dataset.preview, { ...options, signal: flight.signal }).catch(() => null);
    if (reply?.ok) place.innerHTML = await reply.text(); // anything else: the last one stays, autosave says what is wrong
  }

  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(show, PAUSE);
  });
}

document.querySelectorAll("[data-preview]").forEach(attach);
