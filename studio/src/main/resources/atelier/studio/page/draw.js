// The Draw screen: asks for pictures, shows them as they come, and lets one compare them.
import { h, kept, say, send, span } from "/static/api.js";
import { writing } from "/static/app.js";
import { Brush } from "/static/mask.js";

const form = document.getElementById("draw");
const $ = (id) => document.getElementById(id);
const brush = new Brush($("brush"));
const SHOWN = 24;
const WORDS = { queued: "waits for other drawings", waiting: "waits until the run or evaluation that works has ended", loading: "loads the model", drawing: "draws", done: "done", interrupted: "stopped", failed: "failed" };
/** Pictures that can be looked at, newest first: {url, title, record, seed}. */
let shown = [];
let at = -1;
let current = null;

function fail(problem) {
  $("draw-error").hidden = !problem;
  $("draw-error").textContent = problem ? problem.message : "";
}

function adapters() {
  return [...form.querySelectorAll(".strength")]
    .filter((each) => each.querySelector("[type=checkbox]").checked)
    .map((each) => ({ name: each.dataset.adapter, weight: Number(each.querySelector("[type=range]").value) }));
}

function number(name) {
  const text = form.elements[name].value.trim();
  return text === "" ? null : Number(text);
}

/** What generate's keys are set to; what stands as it was at first is not sent. */
async function request() {
  const set = { prompt: form.elements.prompt.value };
  const put = (key, value, otherwise) => {
    if (value !== null && value !== otherwise) {
      set[key] = value;
    }
  };
  put("negative_prompt", form.elements.negative_prompt.value, "");
  put("seed", number("seed") ?? -1, null);
  put("count", number("count"), 1);
  put("width", number("width"), null);
  put("height", number("height"), null);
  put("steps", number("steps"), null);
  put("guidance_scale", number("guidance_scale"), null);
  put("sampler", form.elements.sampler.value, "");
  const body = { set };
  if (brush.picture) {
    body.init_image = await brush.pictureBase64();
    set.strength = Number($("denoise").value);
    if ($("inpaint").checked && brush.painted) {
      body.mask = brush.maskBase64();
    }
  }
  return body;
}

async function ask(body) {
  fail(null);
  $("draw-now").disabled = $("draw-grid").disabled = true;
  try {
    current = await send("POST", "/api/v1/draws", body);
    progress(current);
    if (matchMedia("(max-width: 62rem)").matches) {
      $("progress").scrollIntoView({ block: "start" });
    }
    look();
  } catch (refused) {
    fail(refused);
  } finally {
    $("draw-now").disabled = $("draw-grid").disabled = false;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = await request();
  const chosen = adapters();
  if (chosen.length) {
    body.set.adapters = chosen.map((each) => each.name + ":" + each.weight);
  }
  ask(body);
});
const MOST_ROWS = 12;

/** The adapters of a run's saved steps, evenly thinned where there are very many; the last is always among them. */
function savedSteps(option) {
  const all = JSON.parse(option.dataset.steps);
  const every = Math.ceil(all.length / MOST_ROWS);
  return all.filter((each, index) => (all.length - 1 - index) % every === 0).map((step) => option.value + "/state/step-" + String(step).padStart(6, "0"));
}

$("draw-grid").addEventListener("click", async () => {
  const what = $("grid-what").selectedOptions[0];
  const names = what.value ? savedSteps(what) : adapters().map((each) => each.name);
  if (names.length === 0) {
    fail(new Error("Tick the adapters whose strengths are to be compared, or choose a run whose saved steps are."));
    return;
  }
  const body = await request();
  delete body.set.count;
  body.grid = { adapters: names, strengths: $("grid-strengths").value.split(/[\s,;]+/).filter(Boolean).map(Number) };
  ask(body);
});
$("interrupt").addEventListener("click", async () => {
  try {
    await send("POST", "/api/v1/draws/" + current.id + "/stop");
    $("bar-text").textContent = "stops after this step";
  } catch (refused) {
    fail(refused);
  }
});

const ended = (drawing) => ["done", "interrupted", "failed"].includes(drawing.state);

function progress(drawing) {
  const box = $("progress");
  box.hidden = ended(drawing);
  $("interrupt").hidden = ended(drawing);
  $("bar").value = drawing.progress || 0;
  const parts = [WORDS[drawing.state] || drawing.state];
  if (drawing.state === "drawing") {
    parts.push("picture " + Math.min(drawing.picture + 1, drawing.pictures) + " of " + drawing.pictures, "step " + drawing.step + " of " + drawing.steps);
    if (drawing.seconds_left > 1) {
      parts.push(span(drawing.seconds_left) + " left");
    }
  }
  $("bar-text").textContent = parts.join(", ");
}

/** Events tell how far it is; where one is missed, asking does. */
let asking = false;
async function look() {
  if (!current || asking) {
    return;
  }
  asking = true;
  try {
    while (current && !ended(current)) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      current = await send("GET", "/api/v1/draws/" + current.id);
      progress(current);
      if (current.state === "drawing" && !(current.files || []).length) {
        preview(current.id);
      }
    }
    finish(current);
  } catch (refused) {
    fail(refused);
    $("progress").hidden = $("interrupt").hidden = true;
  } finally {
    asking = false;
  }
}
document.addEventListener("atelier:draw", (event) => {
  if (current && event.detail.id === current.id && !ended(current)) {
    progress({ ...current, ...event.detail });
  } else if (!current && !ended(event.detail)) {
    current = event.detail;
    progress(current);
    look();
  }
});

let previewing = false;
async function preview(id) {
  if (previewing) {
    return;
  }
  previewing = true;
  try {
    const answer = await fetch("/api/v1/draws/" + id + "/preview");
    if (answer.ok && current?.id === id && !ended(current)) {
      const url = URL.createObjectURL(await answer.blob());
      const image = h("img", { src: url, alt: "The picture as far as it is" });
      image.addEventListener("load", () => URL.revokeObjectURL(url));
      $("canvas").replaceChildren(image);
    }
  } catch {
    // The next one may come.
  } finally {
    previewing = false;
  }
}

/** A row of a grid in words: an adapter's name, or the step of a run. */
function rowName(name) {
  const step = /\/state\/step-0*(\d+)$/.exec(name);
  return step ? "step " + Number(step[1]).toLocaleString("en") : name;
}

/** Where a file stands in a grid. */
function cellLabel(grid, file) {
  const row = grid.cells.findIndex((line) => line.includes(file.name));
  return (grid.rows.length > 1 && file.strength > 0 && row >= 0 ? rowName(grid.rows[row]) + ", " : "") + "strength " + file.strength;
}

function entries(drawing) {
  return (drawing.files || []).map((file, index) => ({
    url: file.url,
    name: file.name,
    title: file.prompt || "picture " + (index + 1),
    label: drawing.grid ? cellLabel(drawing.grid, file) : "seed " + file.seed,
    record: file.record || { prompt: file.prompt, seed: file.seed },
    id: drawing.id,
  }));
}

function finish(drawing) {
  progress(drawing);
  if (drawing.state === "failed") {
    fail(new Error(drawing.error?.message || "The drawing failed."));
  }
  const fresh = entries(drawing);
  shown = [...fresh, ...shown.filter((each) => each.id !== drawing.id)].slice(0, Math.max(SHOWN, fresh.length));
  strip();
  if (drawing.grid) {
    showGrid(drawing);
  } else if (fresh.length) {
    choose(0);
  }
  for (const notice of drawing.notices || []) {
    say(notice);
  }
  say(drawing.state === "done" ? (fresh.length === 1 ? "The picture is drawn" : fresh.length + " pictures are drawn") : WORDS[drawing.state]);
}

function strip() {
  $("strip").replaceChildren(...shown.map((each, index) => h("li", {}, h("button", { type: "button", "aria-pressed": String(index === at), "aria-label": each.title + ", " + each.label, onclick: () => choose(index) }, h("img", { src: each.url, alt: "", loading: "lazy" }), h("span", {}, each.label)))));
  const options = () => shown.map((each, index) => h("option", { value: index }, index + 1 + ": " + each.label + ", " + each.title.slice(0, 40)));
  $("ab").hidden = shown.length < 2;
  const [left, right] = [$("ab-left").value, $("ab-right").value];
  $("ab-left").replaceChildren(...options());
  $("ab-right").replaceChildren(...options());
  $("ab-left").value = left && left < shown.length ? left : "0";
  $("ab-right").value = right && right < shown.length ? right : "1";
  compare();
}

function choose(index) {
  if (!shown.length) {
    return;
  }
  at = Math.max(0, Math.min(shown.length - 1, index));
  const picture = shown[at];
  $("canvas").replaceChildren(h("img", { src: picture.url, alt: picture.title }));
  $("equal").hidden = true;
  [...$("strip").querySelectorAll("button")].forEach((each, place) => each.setAttribute("aria-pressed", String(place === at)));
  $("record").hidden = false;
  $("save").href = picture.url;
  $("save").download = picture.name || "picture.png";
  $("record-facts").replaceChildren(...facts(picture.record));
}

/** A record's values as a list; what is nested is named by all its keys. */
function facts(record, before = "") {
  return Object.entries(record || {}).flatMap(([key, value]) => {
    if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) {
      return [];
    }
    const name = before + key.replaceAll("_", " ");
    if (Array.isArray(value) && value.every((each) => typeof each !== "object")) {
      return [h("dt", {}, name), h("dd", {}, value.join(", "))];
    }
    if (typeof value === "object") {
      return Array.isArray(value) ? value.flatMap((each, index) => facts(each, name + (value.length > 1 ? " " + (index + 1) : "") + ": ")) : facts(value, name + ": ");
    }
    return [h("dt", {}, name), h("dd", {}, String(value))];
  });
}

function showGrid(drawing) {
  const files = new Map(entries(drawing).map((each) => [each.name, each]));
  const grid = drawing.grid;
  const equal = new Set();
  const names = (grid.equal || []).map((group) => group.map((cell) => {
    equal.add(cell.row + "," + cell.column);
    const strength = "strength " + grid.columns[cell.column];
    return cell.row < 0 ? "strength 0" : grid.rows.length > 1 ? rowName(grid.rows[cell.row]) + " at " + strength : strength;
  }).join(" and "));
  const cells = grid.cells.flatMap((line, row) => line.map((name, column) => {
    const picture = files.get(name);
    if (!picture || (grid.columns[column] === 0 && row > 0)) {
      return null;
    }
    const base = grid.columns[column] === 0;
    const same = equal.has((base ? -1 : row) + "," + column);
    const label = base ? "0, without adapter" : (grid.rows.length > 1 ? rowName(grid.rows[row]) + " at " : "") + grid.columns[column];
    return h("figure", { class: same ? "equal" : null }, h("button", { type: "button", "aria-label": "Look at " + label, onclick: () => choose(shown.findIndex((each) => each.url === picture.url)) }, h("img", { src: picture.url, alt: picture.title + ", strength " + label })), h("figcaption", {}, label + (same ? " (same picture)" : "")));
  })).filter(Boolean);
  $("canvas").replaceChildren(h("div", { class: "grid-view" }, ...cells));
  $("record").hidden = true;
  $("equal").hidden = names.length === 0;
  $("equal").textContent = names.length ? "The very same picture: " + names.join("; ") + ". The adapter has no effect between these strengths." : "";
}

// Two pictures, with a line that can be moved.
const images = new Map();
function image(url) {
  if (!images.has(url)) {
    const loaded = new Image();
    loaded.src = url;
    images.set(url, loaded);
  }
  return images.get(url);
}
async function compare() {
  const [left, right] = [shown[$("ab-left").value], shown[$("ab-right").value]];
  if (!left || !right) {
    return;
  }
  const [a, b] = [image(left.url), image(right.url)];
  try {
    await Promise.all([a.decode(), b.decode()]);
  } catch {
    return;
  }
  const canvas = $("ab-canvas");
  canvas.width = Math.max(a.naturalWidth, 512);
  canvas.height = (canvas.width * a.naturalHeight) / a.naturalWidth;
  const pen = canvas.getContext("2d");
  const share = $("ab-at").value / 100;
  pen.drawImage(b, 0, 0, canvas.width, canvas.height);
  pen.drawImage(a, 0, 0, a.naturalWidth * share, a.naturalHeight, 0, 0, canvas.width * share, canvas.height);
  pen.fillStyle = "#fff";
  pen.fillRect(canvas.width * share - 3, 0, 6, canvas.height);
  pen.fillStyle = "#000";
  pen.fillRect(canvas.width * share - 1, 0, 2, canvas.height);
}
for (const id of ["ab-left", "ab-right", "ab-at"]) {
  $(id).addEventListener("input", compare);
}

// Where it starts from.
async function take(file) {
  try {
    await brush.open(file);
    $("init-box").hidden = false;
    $("from").open = true;
  } catch {
    fail(new Error("This file is no picture that the browser can show."));
  }
}
$("init").addEventListener("change", (event) => event.target.files[0] && take(event.target.files[0]));
$("inpaint").addEventListener("change", (event) => {
  brush.activate(event.target.checked);
  $("brush-tools").hidden = !event.target.checked;
});
$("brush-size").addEventListener("input", (event) => {
  brush.size = Number(event.target.value);
  brush.show();
});
$("brush-clear").addEventListener("click", () => brush.clear());
$("brush-invert").addEventListener("click", () => brush.invert());
$("denoise").addEventListener("input", (event) => ($("denoise-at").textContent = event.target.value));
$("init-remove").addEventListener("click", () => {
  brush.picture = null;
  $("init-box").hidden = true;
  $("init").value = "";
});
$("use-init").addEventListener("click", async () => {
  const answer = await fetch(shown[at].url);
  await take(await answer.blob());
  $("from").scrollIntoView({ block: "center" });
});

// Draw again: the file itself says how.
async function again(file) {
  $("again-note").textContent = "Reads " + file.name;
  const other = new Brush(document.createElement("canvas"));
  other.file = file;
  try {
    shown.unshift({ url: URL.createObjectURL(file), name: file.name, title: file.name, label: "as it was", record: {}, id: "sent" + Date.now() });
    await ask({ from_image: await other.pictureBase64() });
    $("again-note").textContent = $("draw-error").hidden ? "It is drawn again from its record. Compare the two below." : "";
  } catch (problem) {
    fail(problem);
  }
}
$("again-file").addEventListener("change", (event) => event.target.files[0] && again(event.target.files[0]));
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  $("again-drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("again-drop").classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) {
      again(event.dataTransfer.files[0]);
    }
  });
}

// Adapters: a strength is asked for only of those that are used; a trigger word is put into the words.
for (const box of form.querySelectorAll(".strength")) {
  const [tick, range, output] = [box.querySelector("[type=checkbox]"), box.querySelector("[type=range]"), box.querySelector("output")];
  tick.addEventListener("change", () => {
    range.disabled = !tick.checked;
    const trigger = box.dataset.trigger;
    const prompt = form.elements.prompt;
    if (tick.checked && trigger && !prompt.value.includes(trigger)) {
      prompt.value = prompt.value ? trigger + ", " + prompt.value : trigger + ", ";
    }
  });
  range.addEventListener("input", () => (output.textContent = range.value));
}

addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key) || writing(event.target) || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, canvas") || document.querySelector("dialog[open]")) {
    return;
  }
  event.preventDefault();
  choose(at + (event.key === "ArrowRight" ? 1 : -1));
});

// What was written last stands here again, and what was drawn.
form.addEventListener("input", () => kept.set("draw", Object.fromEntries(["prompt", "negative_prompt", "width", "height", "seed", "count", "steps", "guidance_scale", "sampler"].map((name) => [name, form.elements[name].value]))));
for (const [name, value] of Object.entries(kept.get("draw") || {})) {
  if (form.elements[name]) {
    form.elements[name].value = value;
  }
}
const wanted = new URLSearchParams(location.search).get("adapter");
for (const box of form.querySelectorAll(".strength")) {
  if (box.dataset.adapter === wanted) {
    const tick = box.querySelector("[type=checkbox]");
    tick.checked = true;
    tick.dispatchEvent(new Event("change"));
  }
}

async function begin() {
  const { draws } = await send("GET", "/api/v1/draws");
  shown = draws.filter(ended).flatMap(entries).slice(0, SHOWN);
  strip();
  current = draws.find((each) => !ended(each)) || null;
  if (current) {
    progress(current);
    look();
  } else if (shown.length) {
    choose(0);
  }
}
begin().catch(fail);
