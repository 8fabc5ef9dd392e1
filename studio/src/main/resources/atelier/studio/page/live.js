// Keeps a page as a reload would show it: on an event the page is fetched again, and the parts that changed are put in place.
import { say } from "/static/api.js";

const SILENCE_MS = 9000;
const AGAIN_MS = 3000;
const BETWEEN_MS = 1500;
const STEPS = 10;
let wanted = new Set();
let running = false;
let last = 0;
let told = -STEPS;

async function refresh() {
  if (running || document.hidden || wanted.size === 0) {
    return;
  }
  running = true;
  const kinds = wanted;
  wanted = new Set();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const next = page.getElementById(part.id);
        if (next && part.dataset.live.split(" ").some((kind) => kinds.has(kind))) {
          replace(part, next);
        }
      }
      document.dispatchEvent(new CustomEvent("atelier:refreshed"));
    }
  } catch {
    // The stream of events tells that the studio is away.
  } finally {
    running = false;
    last = Date.now();
    if (wanted.size > 0) {
      later();
    }
  }
}

/** Puts new content in place; what has the focus, what is open and where one has scrolled stay. */
function replace(part, next) {
  if (part.dataset.was === next.innerHTML) {
    return;
  }
  part.dataset.was = next.innerHTML;
  for (const [name, value] of Object.entries(next.dataset)) {
    part.dataset[name] = value;
  }
  const focus = part.contains(document.activeElement) ? document.activeElement : null;
  const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
  const atEnd = part.scrollTop + part.clientHeight >= part.scrollHeight - 4;
  const top = part.scrollTop;
  part.innerHTML = next.innerHTML;
  part.scrollTop = atEnd ? part.scrollHeight : top;
  open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  if (focus) {
    [...part.querySelectorAll(focus.tagName)].find((each) => isSame(each, focus))?.focus();
  }
}

/** Whether an element of the new content is what one of the old was: by its id, or where it has none by what it leads to and says. */
function isSame(one, other) {
  if (one.id || other.id) {
    return one.id === other.id;
  }
  return one.getAttribute("href") === other.getAttribute("href") && one.textContent === other.textContent;
}

let timer;
function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(0, last + BETWEEN_MS - Date.now()));
}

function want(kind) {
  wanted.add(kind);
  later();
}

/** Tells at most every ten steps how far the run of this page is, and each change of its state. */
let state = "";
function tell(run) {
  const head = document.querySelector("[data-run]");
  if (!head || head.dataset.run !== run.name) {
    return;
  }
  if (run.state !== state) {
    if (state) {
      say(run.name + ": " + run.word);
    }
    state = run.state;
    told = run.step;
  } else if (run.step >= told + STEPS) {
    told = run.step;
    say("step " + run.step + " of " + run.steps);
  }
}

let events;
let away;
let opened = false;

function listen() {
  events = new EventSource("/api/v1/events");
  events.addEventListener("run", onRun);
  events.addEventListener("queue", () => want("queue"));
  events.addEventListener("evaluation", () => want("evaluation"));
  events.addEventListener("reset", everything);
  events.addEventListener("draw", (event) => document.dispatchEvent(new CustomEvent("atelier:draw", { detail: JSON.parse(event.data) })));
  events.addEventListener("error", onError);
  events.addEventListener("open", onOpen);
}

function onRun(event) {
  try {
    tell(JSON.parse(event.data));
  } catch {
    // A page older than the studio; a reload mends it.
  }
  want("run");
}

function everything() {
  ["run", "queue", "evaluation"].forEach(want);
}

/** A browser tries again by itself where the connection broke, but not where the studio answered no. */
function onError() {
  if (events.readyState === EventSource.CLOSED) {
    setTimeout(listen, AGAIN_MS);
  }
  away ??= setTimeout(() => (document.getElementById("away").hidden = false), SILENCE_MS);
}

function onOpen() {
  clearTimeout(away);
  away = undefined;
  document.getElementById("away").hidden = true;
  if (opened) {
    everything();
  }
  opened = true;
}

listen();
addEventListener("pagehide", () => events.close());
addEventListener("pageshow", (event) => event.persisted && listen());
document.addEventListener("visibilitychange", refresh);
document.addEventListener("atelier:changed", everything);
