// The samples of a run: one step at a time, beside the base once the run has drawn it.
import { writing } from "/static/app.js";
import "/static/chart.js";

let chosen = null;

/** Shows one step; the newest until somebody chooses another. */
function show() {
  const box = document.getElementById("samples");
  if (!box) {
    return;
  }
  const steps = [...box.querySelectorAll("li:not(.both)")];
  const range = document.getElementById("sample-step");
  range.closest(".slider").hidden = steps.length < 2;
  const at = chosen === null ? steps.length - 1 : Math.min(chosen, steps.length - 1);
  range.max = Math.max(0, steps.length - 1);
  range.value = at;
  steps.forEach((each, index) => each.classList.toggle("now", index === at));
  box.querySelector("li.both")?.classList.add("beside");
  const step = steps[at]?.dataset.step ?? "";
  document.getElementById("sample-at").textContent = "step " + Number(step).toLocaleString("en") + ", " + (at + 1) + " of " + steps.length;
  range.setAttribute("aria-valuetext", "step " + step);
}

function choose(value) {
  const range = document.getElementById("sample-step");
  const most = Number(range.max);
  const next = Math.max(0, Math.min(most, value));
  chosen = next === most ? null : next;
  show();
}

document.addEventListener("input", (event) => {
  if (event.target.id === "sample-step") {
    choose(Number(event.target.value));
  }
});
addEventListener("keydown", (event) => {
  const range = document.getElementById("sample-step");
  if (!range || event.target.matches("input") || writing(event.target) || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !event.target.closest("pre, dialog")) {
    event.preventDefault();
    choose(Number(range.value) + (event.key === "ArrowRight" ? 1 : -1));
  }
});
document.addEventListener("atelier:refreshed", show);
show();
const log = document.getElementById("log");
log.scrollTop = log.scrollHeight;
