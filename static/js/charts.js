// What the charts of Greenroom share: the page's colours, and drawing again when its theme changes.
/* global Chart */

export const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color; // light-dark() and color-mix() are worked out by the browser
  probe.remove();
  return found;
};

// Nothing moves for people who asked for less motion.
export const animation = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 300 });

// settings: a function, asked again after each change of theme.
export const draw = (canvas, settings) => {
  let chart = new Chart(canvas, settings());
  const redraw = () => {
    chart.destroy();
    chart = new Chart(canvas, settings());
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
};
