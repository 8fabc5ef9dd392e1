// Values of a chart's curves at a step: under the pointer, or with the slider below the chart.
import { send } from "/static/api.js";

const figures = new Map();
/** The steps that are read, by the chart's id: a refresh of the page keeps them. */
const read = new Map();

/** A run's figures, asked for anew once the chart shows later steps. */
function metrics(run, last) {
  let known = figures.get(run);
  if (!known || known.last < last) {
    known = { last, answer: send("GET", "/api/v1/runs/" + encodeURIComponent(run) + "/metrics") };
    figures.set(run, known);
  }
  return known.answer;
}

/** As the page writes losses and rates. */
function figure(value) {
  const size = Math.abs(value);
  return size !== 0 && size < 1e-3 ? value.toExponential(2) : value.toFixed(size >= 100 ? 1 : 4);
}

/** The row with a value nearest to a step; rows ascend. */
function nearest(rows, column, step) {
  let best = null;
  for (const row of rows) {
    if (row[column] !== null && (best === null || Math.abs(row[0] - step) < Math.abs(best[0] - step))) {
      best = row;
    }
  }
  return best;
}

async function show(chart, wanted) {
  const [first, last] = [Number(chart.dataset.first), Number(chart.dataset.last)];
  const curves = [...chart.querySelectorAll("[data-column]")];
  let answers;
  try {
    answers = await Promise.all(curves.map((each) => metrics(each.dataset.run, last)));
  } catch {
    return;
  }
  if (read.get(chart.id) !== wanted || !chart.isConnected) {
    return;
  }
  // The first curve has a value at every step; others are read where they have one.
  const lead = nearest(answers[0].rows, answers[0].columns.indexOf(curves[0].dataset.column), wanted);
  const step = lead ? lead[0] : wanted;
  const values = curves.map((each, index) => {
    const { columns, rows } = answers[index];
    const column = columns.indexOf(each.dataset.column);
    const row = nearest(rows, column, step);
    return row && each.dataset.name + " " + figure(row[column]) + (row[0] === step ? "" : " at step " + row[0].toLocaleString("en"));
  });
  const text = "step " + step.toLocaleString("en") + ": " + values.filter(Boolean).join(", ");
  const range = chart.querySelector("input[type=range]");
  range.value = step;
  range.setAttribute("aria-valuetext", text);
  chart.querySelector(".read output").textContent = text;
  const line = chart.querySelector(".at");
  line.hidden = false;
  line.style.left = (last === first ? 50 : (100 * (step - first)) / (last - first)) + "%";
}

function choose(chart, step) {
  read.set(chart.id, step);
  show(chart, step);
}

document.addEventListener("pointermove", (event) => {
  const plot = event.target.closest?.(".plot");
  if (plot) {
    const chart = plot.closest(".chart");
    const box = plot.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    const [first, last] = [Number(chart.dataset.first), Number(chart.dataset.last)];
    choose(chart, Math.round(first + share * (last - first)));
  }
});
document.addEventListener("input", (event) => {
  const chart = event.target.closest?.(".chart");
  if (chart && event.target.type === "range") {
    const from = read.get(chart.id) ?? Number(chart.dataset.last);
    step(chart, from, Number(event.target.value));
  }
});

/** Where rows are thinned, or start late, an arrow leads to the next one, not back to the same. */
async function step(chart, from, to) {
  const curve = chart.querySelector("[data-column]");
  try {
    const { columns, rows } = await metrics(curve.dataset.run, Number(chart.dataset.last));
    const column = columns.indexOf(curve.dataset.column);
    const steps = rows.filter((row) => row[column] !== null).map((row) => row[0]);
    const at = steps.indexOf(nearest(rows, column, from)?.[0]);
    const there = nearest(rows, column, to)?.[0];
    choose(chart, there === steps[at] && to !== from ? steps[Math.max(0, Math.min(steps.length - 1, at + Math.sign(to - from)))] : there);
  } catch {
    choose(chart, to);
  }
}

document.addEventListener("atelier:refreshed", () => {
  for (const [id, at] of read) {
    const chart = document.getElementById(id);
    if (chart) {
      show(chart, at);
    }
  }
});
