// The form of a new run: what was changed, what presets set, the check before the start, and errors at their fields.
import { bytes, calmly, h, kept, say, send, span } from "/static/api.js";
import { differs, find, guardEnter, mark as markFields, plain, showProblems as show } from "/static/form.js";
import { pictures, setUp } from "/static/pictures.js";

const form = document.getElementById("new-run");
const start = document.getElementById("start");
const enqueue = document.getElementById("enqueue");
const own = document.getElementById("own");
let presets = {};
let base = {};
let asked = 0;
let ok = false;
/** Settings that the form has no field for: of a run that is done again. */
let others = {};

const fields = () => [...form.querySelectorAll("[data-default]")];
const isOwn = () => form.elements.start.value === "own";

/** What train is asked: presets, and every setting that differs from what these give. */
function request() {
  const experiments = [];
  const set = { ...others };
  if (isOwn()) {
    const chosen = form.elements.experiment.value;
    if (chosen) {
      experiments.push(chosen);
    }
    const typed = form.elements["data.pairs"].value.trim();
    const pairs = typed || base.pairs;
    if (pairs) {
      set["data.pairs"] = pairs;
    }
    const mode = form.elements["licence.mode"].value;
    if (mode !== "licensed") {
      set["licence.mode"] = mode;
    }
  }
  for (const field of fields()) {
    if (differs(field) && field.name !== "data.pairs" && (isOwn() || !own.contains(field))) {
      set[field.name] = plain(field);
    }
  }
  return experiments.length ? { experiment: experiments, set } : { set };
}

/** Shows the values that the chosen presets give, where nobody has written another. */
function applyPresets() {
  const given = new Map();
  const take = (group, option) => {
    for (const [key, value] of Object.entries(presets[group]?.[option] || {})) {
      given.set(key, { value: value === "null" || value === '""' ? "" : value, by: group + "=" + option });
    }
  };
  for (const field of fields().filter((each) => each.dataset.group)) {
    if (field.value !== field.dataset.chosen) {
      take(field.name, field.value);
    }
  }
  if (isOwn()) {
    take("experiment", form.elements.experiment.value);
  }
  for (const field of fields().filter((each) => !each.dataset.group)) {
    const before = field.dataset.default;
    const preset = given.get(field.name);
    const next = preset ? preset.value : (isOwn() ? field.dataset.own : field.dataset.demo) ?? before;
    const by = field.closest(".field")?.querySelector(".by");
    if (field.value.trim() === before) {
      field.value = next;
    }
    field.dataset.default = next;
    if (by) {
      by.hidden = !preset;
      by.textContent = preset ? "set by " + preset.by : "";
    }
  }
}

function mark() {
  own.hidden = !isOwn();
  markFields(form);
  kept.set("new", { values: values(), others, folder: pictures.folder });
}

const showProblems = (list, focus) => show(form, list, focus);

function values() {
  const all = { start: form.elements.start.value, experiment: form.elements.experiment.value, "licence.mode": form.elements["licence.mode"].value };
  for (const field of fields()) {
    if (differs(field)) {
      all[field.name] = field.value;
    }
  }
  return all;
}

function fill(saved) {
  for (const [name, value] of Object.entries(saved)) {
    const field = form.elements[name];
    if (field) {
      field.value = value;
      if (field.tagName === "SELECT" && field.value !== value) {
        field.append(h("option", { value }, value));
        field.value = value;
      }
    } else {
      others[name] = value;
    }
  }
}

function showPlan(result) {
  const text = (id, value) => (document.getElementById(id).textContent = value);
  const size = result.size;
  text("command-line", result.command || "");
  text("plan-steps", size ? size.steps.toLocaleString("en") + ", " + size.pictures_per_step + (size.pictures_per_step === 1 ? " picture each" : " pictures each") : "–");
  text("plan-epochs", size ? size.epochs.toFixed(1) : "–");
  text("plan-time", !size ? "–" : size.seconds ? "about " + span(size.seconds) + ", as " + size.like + " took" : "not known before the first run of this kind; the run tells it after some steps");
  const free = size?.free_memory_bytes > 0;
  text("plan-memory", !size ? "–" : "about " + bytes(size.memory_bytes) + (size.on_card ? " of the graphics card" : "") + (free ? "; " + bytes(size.free_memory_bytes) + " are free" : "") + (free && size.memory_bytes > size.free_memory_bytes ? ": too much" : ""));
  text("plan-disk", !size ? "–" : "about " + bytes(size.disk_bytes));
  document.getElementById("notes").replaceChildren(...(result.notes || []).map((note) => h("p", { class: "small quiet" }, note)));
  showConsent(result);
}

function showConsent(result) {
  const counts = result.counts;
  document.getElementById("consent").hidden = !counts && !result.refused;
  document.getElementById("verdicts").replaceChildren(...["included", "excluded", "failed"].filter((verdict) => counts?.[verdict] > 0).map((verdict) => [verdict, counts[verdict]]).map(([verdict, count]) => h("span", { class: "count " + verdict }, h("b", {}, count.toLocaleString("en")), " " + verdict)));
  const refused = document.getElementById("refused-set");
  refused.hidden = !result.refused;
  refused.textContent = result.refused || "";
  const out = (result.left || []).map((each) => ({ ...each.row, remedy: each.remedy }));
  const box = document.getElementById("left-out");
  box.hidden = out.length === 0;
  box.querySelector("summary").textContent = out.length === 1 ? "1 picture is left out" : out.length + " pictures are left out";
  box.querySelector("ul").replaceChildren(...out.map((each) => h(
    "li",
    {},
    h("code", {}, each.image),
    h("div", {}, each.reason),
    h("div", { class: "quiet small" }, "rule " + each.rule + (each.list ? ", " + each.list + (each.line ? ", line " + each.line : "") : "")),
    each.remedy ? h("div", { class: "small" }, each.remedy) : null,
  )));
}

const checking = document.getElementById("checking");

/** Asks the studio what would happen, without starting anything. */
async function check() {
  const turn = ++asked;
  checking.textContent = "Checking";
  try {
    const result = await send("POST", "/api/v1/runs/check", request());
    if (turn !== asked) {
      return;
    }
    ok = result.ok;
    showProblems(result.problems || [], false);
    showPlan(result);
    checking.textContent = ok ? "Checked. Nothing has been started." : "Not ready yet.";
  } catch (refused) {
    if (turn === asked) {
      ok = false;
      checking.textContent = "";
      if (refused.problems.length) {
        showProblems(refused.problems, false);
      } else {
        showProblems([{ fact: refused.message }], false);
      }
    }
  }
}

const soon = calmly(400, check);

function changed() {
  applyPresets();
  mark();
  soon();
}

async function go(queue) {
  const error = document.getElementById("start-error");
  error.textContent = "";
  start.disabled = enqueue.disabled = true;
  try {
    const answer = await send("POST", "/api/v1/runs", { ...request(), queue });
    kept.set("new", null);
    say(queue ? "Put in the queue" : "Started");
    location.href = answer.name && !queue ? "/runs/" + encodeURIComponent(answer.name) : "/";
  } catch (refused) {
    if (refused.problems.length) {
      showProblems(refused.problems, true);
    }
    error.textContent = refused.message;
  } finally {
    start.disabled = enqueue.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  go(false);
});
enqueue.addEventListener("click", () => go(true));
document.getElementById("afresh").addEventListener("click", () => {
  kept.set("new", null);
  location.href = "/new";
});
form.addEventListener("input", (event) => {
  if (event.target.id === "find" || event.target.id === "changed-only") {
    find();
  } else if (!event.target.closest("#pictures") && event.target.id !== "files") {
    changed();
  }
});
guardEnter(form);

setUp();
pictures.onChange(async () => {
  base.pairs = await pairsOf(pictures.folder);
  changed();
});

async function pairsOf(folder) {
  return folder ? (await send("GET", "/api/v1/pictures/" + encodeURIComponent(folder))).pairs : null;
}

async function begin() {
  const described = await send("GET", "/api/v1/settings/train");
  for (const group of described.groups) {
    presets[group.name] = Object.fromEntries(group.options.map((option) => [option.name, option.sets]));
  }
  const asks = new URLSearchParams(location.search);
  const saved = kept.get("new");
  if (asks.get("from")) {
    const changes = await send("GET", "/api/v1/runs/" + encodeURIComponent(asks.get("from")) + "/changes");
    const set = { ...changes.set };
    const experiment = [].concat(changes.experiment || []);
    fill({ start: set["data.pairs"] ? "own" : "demo" });
    if (experiment.length === 1 && [...form.elements.experiment].some((each) => each.value === experiment[0])) {
      fill({ experiment: experiment[0] });
    } else if (experiment.length) {
      others.experiment = experiment;
    }
    applyPresets();
    delete set["run.name"];
    for (const [key, value] of Object.entries(set)) {
      fill({ [key]: value === null ? "" : Array.isArray(value) ? "[" + value.join(", ") + "]" : String(value) });
    }
  } else if (saved) {
    others = saved.others || {};
    fill({ start: saved.values.start, experiment: saved.values.experiment, "licence.mode": saved.values["licence.mode"] });
    applyPresets();
    fill(saved.values);
    if (saved.folder) {
      base.pairs = await pictures.open(saved.folder);
    }
  }
  if (asks.get("start")) {
    form.elements.start.value = asks.get("start");
  }
  applyPresets();
  mark();
  check();
}

begin().catch((refused) => showProblems([{ fact: refused.message }], false));
