// Asks the page's textarea[data-autosave] to save now; gives whether nothing is left unsaved.
export function flushDraft() {
  const box = document.querySelector("[data-autosave]");
  return new Promise((done) => {
    const event = new CustomEvent("draft:flush", { cancelable: true, detail: { done } });
    // Where no autosave listens, nobody claims the event and there is nothing to wait for.
    if (!box || box.dispatchEvent(event)) done(true);
  });
}
