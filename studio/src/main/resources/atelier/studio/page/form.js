// What the forms of settings share: which fields were changed, search among them, and problems at their fields.
import { h } from "/static/api.js";

/** A list is written [a, b], and may be written a, b. */
export function plain(field) {
  const text = field.value.trim();
  if (text === "" && field.dataset.nullable === "true") {
    return null;
  }
  return field.dataset.list === "true" && !text.startsWith("[") ? "[" + text + "]" : text;
}

export function differs(field) {
  return field.value.trim() !== field.dataset.default;
}

/** Shows settings whose words match, and only changed ones where asked. */
export function find() {
  const words = document.getElementById("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = document.getElementById("changed-only").checked;
  let found = 0;
  for (const field of document.querySelectorAll("#further .field")) {
    const text = (field.dataset.words || field.textContent).toLowerCase();
    const shown = words.every((word) => text.includes(word)) && (!only || field.classList.contains("changed"));
    field.hidden = !shown;
    found += shown ? 1 : 0;
  }
  for (const section of document.querySelectorAll("#further .settings")) {
    section.hidden = !section.querySelector(".field:not([hidden])");
  }
  document.getElementById("found").textContent = words.length || only ? found + (found === 1 ? " setting" : " settings") : "";
}

/** All problems at once: each at its field, and all in a list that leads there. */
export function showProblems(form, list, focus) {
  const problems = document.getElementById("problems");
  form.querySelectorAll(".field-error.of-check").forEach((each) => each.remove());
  form.querySelectorAll("[aria-invalid]").forEach((each) => {
    each.removeAttribute("aria-invalid");
    each.setAttribute("aria-describedby", each.id + "-help");
  });
  problems.hidden = list.length === 0;
  if (list.length === 0) {
    problems.replaceChildren();
    return;
  }
  const lines = list.map((problem) => {
    const sentence = [problem.fact, problem.remedy].filter(Boolean).join("; ");
    const place = problem.key && form.querySelector(`[data-key="${CSS.escape(problem.key)}"]`);
    const input = place?.querySelector("input, select, textarea");
    if (!input || input.closest("[hidden]:not(.field, .settings)")) {
      return h("li", {}, [problem.place, sentence].filter(Boolean).join(": "));
    }
    const id = "e-" + problem.key.replaceAll(".", "-");
    place.append(h("p", { class: "field-error of-check", id }, sentence));
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", (input.id ? input.id + "-help " : "") + id);
    const name = place.querySelector("label")?.firstChild.textContent.trim() || problem.key;
    return h("li", {}, h("a", { href: "#" + input.id, onclick: (event) => {
      event.preventDefault();
      place.hidden = false;
      place.closest(".settings")?.removeAttribute("hidden");
      for (let box = input.closest("details"); box; box = box.parentElement.closest("details")) {
        box.open = true;
      }
      input.focus();
    } }, name), ": " + sentence);
  });
  problems.replaceChildren(h("p", {}, h("strong", {}, list.length === 1 ? "One thing is not right yet" : list.length + " things are not right yet")), h("ul", {}, ...lines));
  if (focus) {
    problems.focus();
  }
}

/** Marks the fields that were changed; gives how many these are. */
export function mark(form) {
  let changes = 0;
  for (const field of form.querySelectorAll("[data-default]")) {
    const changed = differs(field);
    field.closest(".field")?.classList.toggle("changed", changed);
    changes += changed ? 1 : 0;
  }
  find();
  return changes;
}

/** Enter in a field must not start hours of work. */
export function guardEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=submit])") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
    }
  });
}
