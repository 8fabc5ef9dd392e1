// Requests to the studio, and what it says when it refuses one.

/** An answer that is an error: its message is a sentence for people, problems are those of single fields. */
export class Refused extends Error {
  constructor(status, error) {
    super(error.message || "The studio answered " + status + ".");
    this.status = status;
    this.problems = error.problems || [];
  }
}

/** Sends JSON, and gives the answer's JSON; null where it has none. */
export async function send(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof Blob) {
    options.body = body;
    options.headers["Content-Type"] = body.type || "application/octet-stream";
  } else if (method !== "GET") {
    options.body = JSON.stringify(body ?? {});
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused(0, { message: "The studio does not answer. Start it again with scripts/atelier studio." });
  }
  const text = await answer.text();
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    json = { error: { message: text } };
  }
  if (!answer.ok) {
    throw new Refused(answer.status, json?.error || {});
  }
  return json;
}

/** Makes an element: h("p", {class: "note"}, "text", other). Texts stay texts. */
export function h(name, attributes, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (value === true) {
      element.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...content.filter((each) => each !== null && each !== undefined));
  return element;
}

/** Tells people who listen, and shows it for a while. */
export function say(text) {
  const place = document.getElementById("status");
  place.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (place.textContent = ""), 6000);
}

/** Calls what was asked for last, once there has been silence for so many milliseconds. */
export function calmly(milliseconds, action) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}

/** Something kept in this browser; nothing where it keeps nothing. */
export const kept = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem("atelier." + name));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem("atelier." + name, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing loses a form on reload, and nothing else.
    }
  },
};

export function bytes(count) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = count;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return (unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + " " + units[unit];
}

export function span(seconds) {
  if (seconds < 60) {
    return Math.max(1, Math.round(seconds)) + " s";
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return minutes + " min";
  }
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? hours + " h " + (minutes % 60) + " min" : Math.floor(hours / 24) + " d " + (hours % 24) + " h";
}
