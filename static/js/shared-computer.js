// "This is a shared computer": keeps no copies in this browser from then on, and wipes those that are there.
// Looks for input[data-shared-computer]. The choice is the browser's, not the person's: it outlives a logout.

import { isShared, setShared, wipeAll } from "./copies.js";

for (const box of document.querySelectorAll("[data-shared-computer]")) {
  box.checked = isShared();
  box.addEventListener("change", () => {
    setShared(box.checked);
    if (box.checked) wipeAll().catch(() => null);
  });
}
