// Draws the chart of scores over time beside its table, from the table's own rows: the table is the data.
// Looks for [data-score-chart="<id of the table>"] on a canvas and for data-day, data-score, data-trend on rows.

import { animation, colour, draw } from "./charts.js";

const line = (label, data, own) => ({ label, data, borderColor: own.borderColor ?? own.backgroundColor, ...own });

const settings = (rows) => ({
  type: "line",
  data: {
    labels: rows.map((row) => row.dataset.day),
    datasets: [
      line("Mean of five", rows.map((row) => Number(row.dataset.trend)), {
        borderColor: colour("--green"),
        backgroundColor: colour("--green"),
        pointRadius: 0,
        tension: 0.3,
      }),
      line("Answer", rows.map((row) => Number(row.dataset.score)), {
        backgroundColor: colour("--ink-muted"),
        showLine: false,
        pointRadius: 3,
        clip: false, // the dots of 0 and 100 lie half outside
      }),
    ],
  },
  options: {
    animation: animation(),
    maintainAspectRatio: false,
    color: colour("--ink"),
    interaction: { mode: "index", intersect: false },
    plugins: { legend: { align: "start", labels: { usePointStyle: true, boxHeight: 6 } } },
    scales: {
      y: { min: 0, max: 100, ticks: { stepSize: 25, color: colour("--ink-muted") }, grid: { color: colour("--line") } },
      x: { ticks: { color: colour("--ink-muted"), maxRotation: 0, maxTicksLimit: 6 }, grid: { display: false } },
    },
  },
});

for (const canvas of document.querySelectorAll("[data-score-chart]")) {
  const table = document.getElementById(canvas.dataset.scoreChart);
  const rows = [...table.querySelectorAll("[data-score]")].reverse(); // the table has the newest first
  draw(canvas, () => settings(rows));
}
