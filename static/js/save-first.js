// Saves the draft before the page goes anywhere else; if it cannot be saved, the page stays, with its text.
// Looks for form[data-save-first] and a[data-save-first].

import { csrfToken } from "./csrf.js";
import { flushDraft } from "./flush-draft.js";
import { mayLeave } from "./offline.js";

const isReady = async () => (await flushDraft()) && mayLeave();

function leave(go) {
  document.documentElement.dataset.leaving = "";
  go();
  // The page may stay after all (a download, a stopped load): then the warning is wanted again.
  setTimeout(() => delete document.documentElement.dataset.leaving, 5000);
}

for (const form of document.querySelectorAll("form[data-save-first]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.saved) return delete form.dataset.saved;
    event.preventDefault();
    const button = event.submitter;
    if (form.dataset.saving) return;
    form.dataset.saving = "yes";
    const goes = await isReady();
    delete form.dataset.saving;
    if (!goes) return;
    form.elements.csrfmiddlewaretoken.value = csrfToken(form);
    form.dataset.saved = "yes";
    // In a task of its own: within the event that asked for it, a browser ignores a second submission.
    setTimeout(() => leave(() => form.requestSubmit(button)));
  });
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-save-first]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (await isReady()) leave(() => location.assign(link.href));
});
