// Logging out leaves no copy of this person's texts in the browser: what can be saved is saved, then all are wiped.
// Looks for form[data-log-out="<person>"].
//
// Why not the header Clear-Site-Data: it would also forget the theme, the shortcuts switched off and that the computer
// is shared, which are the browser's.

import { wipe } from "./copies.js";
import { renewTokens } from "./csrf.js";
import { drain } from "./drain.js";
import { flushDraft } from "./flush-draft.js";

for (const form of document.querySelectorAll("form[data-log-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await flushDraft();
    await drain();
    document.documentElement.dataset.copies = "none"; // the page writes no more
    await wipe(form.dataset.logOut).catch(() => null);
    renewTokens();
    form.submit();
  });
}
