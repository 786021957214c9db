// Copies a text to the clipboard and says so.
// Looks for button[data-copy="#id of the text"]; the button is hidden until this module runs.
for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.querySelector("[data-copy-label]");
  const status = document.querySelector("[data-copy-status]");
  const source = document.querySelector(button.dataset.copy);
  let back;

  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      label.textContent = "Copied";
      status.textContent = "Copied to the clipboard.";
    } catch {
      // No permission, or a page without TLS: select the text, so that the person's own copy command takes it.
      getSelection().selectAllChildren(source);
      label.textContent = "Press Ctrl+C";
      status.textContent = "The text is selected. Copy it with your keyboard.";
    }
    clearTimeout(back);
    back = setTimeout(() => (label.textContent = "Copy"), 3000);
  });

  button.hidden = !source;
}
