// Draws a histogram beside its table, from the table's own rows: the table is the data.
// Looks for [data-histogram="<id of the table>"] on a canvas and for data-band, data-count on rows: an empty count is a gap;
// data-of on the canvas names what is counted, else candidates; data-along what the bands are of, else the score.

import { animation, colour, draw } from "./charts.js";

const axis = (title, own) => ({
  title: { display: true, text: title, color: colour("--ink-muted") },
  ticks: { color: colour("--ink-muted"), maxRotation: 0, precision: 0 },
  ...own,
});

const settings = (rows, of, along) => ({
  type: "bar",
  data: {
    labels: rows.map((row) => row.dataset.band),
    datasets: [
      {
        label: of,
        data: rows.map((row) => (row.dataset.count ? Number(row.dataset.count) : null)),
        backgroundColor: colour("--green"),
        categoryPercentage: 1,
        barPercentage: 0.94,
      },
    ],
  },
  options: {
    animation: animation(),
    maintainAspectRatio: false,
    plugins: { legend: { display: false } },
    scales: {
      y: axis(of, { beginAtZero: true, grid: { color: colour("--line") } }),
      x: axis(along, { grid: { display: false } }),
    },
  },
});

for (const canvas of document.querySelectorAll("[data-histogram]")) {
  const rows = [...document.getElementById(canvas.dataset.histogram).querySelectorAll("[data-count]")];
  draw(canvas, () => settings(rows, canvas.dataset.of ?? "Candidates", canvas.dataset.along ?? "Score"));
}
