// Draws means with their intervals beside their table, from the table's own cells: the table is the data.
// Looks for [data-interval-chart="<id of the table>"] on a canvas, data-series on column headings, data-label on rows,
// and data-mean, data-low, data-high, data-small on cells.

import { animation, colour, draw } from "./charts.js";

const COLOURS = ["--green", "--amber", "--red", "--ink-muted", "--green-line", "--amber-line"];
const SHAPES = ["circle", "rectRot", "triangle", "rect", "star", "crossRot"];
const ROW = 26; // px for each series of a row

const number = (text) => (text ? Number(text) : null);

const series = (rows, label, place) => {
  const cells = rows.map((row) => row.querySelectorAll("[data-mean]")[place].dataset);
  const ink = colour(COLOURS[place]);
  return {
    label,
    data: cells.map(({ low, high }) => (low ? [number(low), number(high)] : null)),
    means: cells.map(({ mean }) => number(mean)),
    backgroundColor: ink,
    pointStyle: SHAPES[place],
    barPercentage: 0.12, // a thin line in the middle of its own row
    minBarLength: 3,
  };
};

// A mark for each mean, on the bar of its interval: the shape tells the series as well as the colour.
const means = {
  id: "means",
  afterDatasetsDraw(chart) {
    chart.data.datasets.forEach((dataset, place) => {
      if (!chart.isDatasetVisible(place)) return;
      chart.getDatasetMeta(place).data.forEach((bar, row) => {
        if (dataset.means[row] === null) return;
        const options = { pointStyle: dataset.pointStyle, radius: 6, borderWidth: 2 };
        chart.ctx.fillStyle = chart.ctx.strokeStyle = dataset.backgroundColor;
        Chart.helpers.drawPoint(chart.ctx, options, chart.scales.x.getPixelForValue(dataset.means[row]), bar.y);
      });
    });
  },
};

const settings = (rows, labels) => ({
  type: "bar",
  data: {
    labels: rows.map((row) => row.dataset.label),
    datasets: labels.map((label, place) => series(rows, label, place)),
  },
  plugins: [means],
  options: {
    indexAxis: "y",
    animation: animation(),
    maintainAspectRatio: false,
    color: colour("--ink"),
    plugins: { legend: { align: "start", labels: { usePointStyle: true } }, tooltip: { enabled: false } },
    scales: {
      x: { min: 0, max: 100, ticks: { stepSize: 20, color: colour("--ink-muted") }, grid: { color: colour("--line") } },
      y: { ticks: { color: colour("--ink") }, grid: { display: false } },
    },
  },
});

for (const canvas of document.querySelectorAll("[data-interval-chart]")) {
  const table = document.getElementById(canvas.dataset.intervalChart);
  const rows = [...table.querySelectorAll("[data-label]")];
  const labels = [...table.querySelectorAll("[data-series]")].map((heading) => heading.dataset.series);
  canvas.parentElement.style.height = `${80 + rows.length * (labels.length * ROW + 10)}px`;
  draw(canvas, () => settings(rows, labels));
}
