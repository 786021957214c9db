// Keeps what is not saved yet in this browser too, so that a crash or a closed lid loses nothing.
// Looks for textarea[data-local-copy="<person:interview:question>"] and the form's [data-local-copy-offer].
// The copy goes when the server has acknowledged the text (draft:state "saved"), never before.

for (const box of document.querySelectorAll("textarea[data-local-copy]")) {
  const key = `greenroom:draft:${box.dataset.localCopy}`;
  const offer = box.form.querySelector("[data-local-copy-offer]");

  // Storage may be full or switched off: then there is no copy, and nothing else changes.
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  const keep = () => attempt(() => localStorage.setItem(key, JSON.stringify({ text: box.value, at: Date.now() })));
  const drop = () => attempt(() => localStorage.removeItem(key));
  const kept = attempt(() => JSON.parse(localStorage.getItem(key)));

  const close = () => {
    offer.hidden = true;
    box.focus();
  };

  if (kept && kept.text.trim() && kept.text !== box.value) {
    const at = new Date(kept.at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
    offer.querySelector("[data-local-copy-when]").textContent = `, from ${at}`;
    offer.querySelector("[data-local-copy-text]").textContent = kept.text;
    offer.hidden = false;
  } else drop();

  offer.querySelector("[data-local-copy-use]").addEventListener("click", () => {
    box.value = kept.text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  });
  offer.querySelector("[data-local-copy-drop]").addEventListener("click", () => {
    drop();
    close();
  });
  box.addEventListener("input", keep);
  box.addEventListener("draft:state", ({ detail }) => detail.state === "saved" && offer.hidden && drop());
}
