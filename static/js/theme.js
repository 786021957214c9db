// Light or dark, as the person last chose; otherwise as their system says.
// Looks for [data-theme-toggle]. A classic script in the head, so that no page flashes in the other theme.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const themes = ["light", "dark"];

  // Storage can be switched off in a browser; then the choice lasts for the page.
  const remembered = () => {
    try {
      return localStorage.getItem("greenroom:theme");
    } catch {
      return null;
    }
  };
  const remember = (theme) => {
    try {
      localStorage.setItem("greenroom:theme", theme);
    } catch {
      // Nothing to do: the page has its theme all the same.
    }
  };

  if (themes.includes(remembered())) root.dataset.theme = remembered();
  root.dataset.scripts = "on";

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const present = root.dataset.theme ?? (system.matches ? "dark" : "light");
    root.dataset.theme = present === "dark" ? "light" : "dark";
    remember(root.dataset.theme);
  });
})();
