// What every screen has: keys, buttons that send something, and the list of keys.
import { say, send } from "/static/api.js";
import "/static/live.js";

document.documentElement.classList.add("js");

const SCREENS = { r: "/", n: "/new", d: "/draw", l: "/library" };
let first = "";

/** Whether keys belong to a field that is being filled in. */
export function writing(target) {
  return target.closest?.("textarea, select, [contenteditable]") || (target.matches?.("input") && !["radio", "checkbox", "range", "button"].includes(target.type));
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const button = document.querySelector("#start, #draw-now");
    if (button && !button.disabled) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target) || document.querySelector("dialog[open]")) {
    return;
  }
  if (first === "g" && SCREENS[event.key]) {
    first = "";
    location.href = SCREENS[event.key];
    return;
  }
  first = event.key === "g" ? "g" : "";
  if (event.key === "?") {
    event.preventDefault();
    document.getElementById("keys").showModal();
  }
});
document.getElementById("show-keys").addEventListener("click", () => document.getElementById("keys").showModal());

// <button data-post="/api/v1/..." data-body="{}" data-method="DELETE">
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-post]");
  if (!button) {
    return;
  }
  button.disabled = true;
  button.parentElement.querySelector(".field-error")?.remove();
  try {
    await send(button.dataset.method || "POST", button.dataset.post, JSON.parse(button.dataset.body || "{}"));
    say(button.textContent.trim() + ": done");
    document.dispatchEvent(new CustomEvent("atelier:changed"));
  } catch (problem) {
    const line = document.createElement("p");
    line.className = "field-error";
    line.setAttribute("role", "alert");
    line.textContent = problem.message;
    button.parentElement.append(line);
  } finally {
    button.disabled = false;
  }
});
