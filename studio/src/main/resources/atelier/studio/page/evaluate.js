// The form of an evaluation: what was changed is sent, and what is wrong stands at its field.
import { say, send } from "/static/api.js";
import { differs, find, guardEnter, mark, plain, showProblems } from "/static/form.js";

const form = document.getElementById("evaluate-form");

function changes() {
  return Object.fromEntries([...form.querySelectorAll("[data-default]")].filter(differs).map((field) => [field.name, plain(field)]));
}

async function start(event) {
  event.preventDefault();
  const error = document.getElementById("start-error");
  const button = document.getElementById("start");
  error.textContent = "";
  button.disabled = true;
  try {
    const answer = await send("POST", "/api/v1/runs/" + encodeURIComponent(form.dataset.run) + "/evaluate", { set: changes() });
    showProblems(form, [], false);
    say(answer.evaluation.state === "waiting" ? "Put in the queue" : "Started");
    document.getElementById("settings").open = false;
    document.dispatchEvent(new CustomEvent("atelier:changed"));
    document.getElementById("title").focus();
  } catch (refused) {
    const named = refused.problems.map((each) => ({ ...each, key: each.key || keyOf(each) }));
    if (named.some((each) => each.key)) {
      showProblems(form, named, true);
    } else {
      error.textContent = refused.message;
    }
  } finally {
    button.disabled = false;
  }
}

/** The field that a problem is about: the key that its place or its fact begins with or names. */
function keyOf(problem) {
  const text = " " + problem.place + " " + problem.fact + " ";
  const names = [...form.querySelectorAll("[data-default]")].map((field) => field.name).filter((name) => text.split(/[^A-Za-z0-9_.]+/).includes(name));
  return names.sort((a, b) => b.length - a.length)[0];
}

if (form) {
  form.addEventListener("submit", start);
  form.addEventListener("input", (event) => (["find", "changed-only"].includes(event.target.id) ? find() : mark(form)));
  guardEnter(form);
  mark(form);
  if (location.hash === "#settings") {
    document.getElementById("settings").open = true;
  }
}
