// Ctrl+Enter, or ⌘+Enter, presses the form's main button. Enter alone never does.
// Looks for button[data-submit-shortcut] and listens in the fields of its form.

for (const button of document.querySelectorAll("[data-submit-shortcut]")) {
  button.form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    button.form.requestSubmit(button);
  });
}
