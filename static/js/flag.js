// Flags a question to come back to, without leaving the page.
// Looks for button[data-flag="<address to PUT to>"][aria-pressed] and [data-flag-words]; shows it in the row of numbered
// questions too.

import { csrfToken } from "./csrf.js";
import { showFlag } from "./palette.js";

const OFFLINE = "The flag is not saved: there is no connection.";

function show(button, flagged) {
  button.setAttribute("aria-pressed", flagged);
  button.value = flagged ? "unflag" : "flag"; // for a submission without this module's help
  showFlag(flagged);
}

async function put(button, flagged) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken(button.form) };
  const response = await fetch(button.dataset.flag, { method: "PUT", headers, body: JSON.stringify({ flagged }) });
  return response.ok ? "" : `The flag is not saved. ${(await response.json()).detail}`;
}

for (const button of document.querySelectorAll("[data-flag]")) {
  const words = document.querySelector("[data-flag-words]");
  let isBusy = false;

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const flagged = button.getAttribute("aria-pressed") !== "true";
    show(button, flagged);
    const problem = await put(button, flagged).catch(() => OFFLINE);
    if (problem) show(button, !flagged);
    words.textContent = problem || (flagged ? "Flagged" : "Flag taken away");
    isBusy = false;
  });
}
