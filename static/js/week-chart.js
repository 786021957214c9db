// Draws means week by week with their 95 % intervals, from the rows of the table beside it: the table is the data.
// Looks for [data-week-chart="<id of the table>"] on a canvas and for data-week, data-mean, data-low, data-high on rows;
// data-small on a row marks a week of too few candidates, which is drawn hollow. A week without answers is a gap.

import { animation, colour, draw } from "./charts.js";

const values = (rows, name) => rows.map((row) => (row.dataset[name] ? Number(row.dataset[name]) : null));

// The edges of the interval are lines that nobody sees; between them lies its colour.
const edge = (rows, name, own) => ({
  label: name,
  data: values(rows, name),
  borderWidth: 0,
  pointRadius: 0,
  pointHitRadius: 0,
  backgroundColor: colour("--green-line"),
  ...own,
});

const settings = (rows) => {
  const isSmall = rows.map((row) => "small" in row.dataset);
  const green = colour("--green");
  return {
    type: "line",
    data: {
      labels: rows.map((row) => row.dataset.week),
      datasets: [
        {
          label: "Mean",
          data: values(rows, "mean"),
          borderColor: green,
          backgroundColor: green,
          pointRadius: 4,
          pointBackgroundColor: isSmall.map((small) => (small ? colour("--surface") : green)),
          segment: { borderDash: (at) => (isSmall[at.p0DataIndex] || isSmall[at.p1DataIndex] ? [4, 4] : undefined) },
        },
        edge(rows, "high", { fill: "+1" }),
        edge(rows, "low"),
      ],
    },
    options: {
      animation: animation(),
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: { legend: { display: false } },
      scales: {
        y: { min: 0, max: 100, ticks: { stepSize: 25, color: colour("--ink-muted") }, grid: { color: colour("--line") } },
        x: { ticks: { color: colour("--ink-muted"), maxRotation: 0, maxTicksLimit: 6 }, grid: { display: false } },
      },
    },
  };
};

for (const canvas of document.querySelectorAll("[data-week-chart]")) {
  const rows = [...document.getElementById(canvas.dataset.weekChart).querySelectorAll("[data-week]")];
  draw(canvas, () => settings(rows));
}
