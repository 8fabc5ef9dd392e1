// Pictures that are dropped onto the page or chosen: they go to a folder of the studio, with captions beside them.
import { calmly, h, send } from "/static/api.js";

const TYPES = /\.(png|jpe?g|webp|gif|bmp|tiff?)$/i;
let folder = null;
let changed = () => {};

/** Which folder the pictures lie in; null before the first. */
export const pictures = {
  get folder() {
    return folder;
  },
  /** Calls back with the pairs' path whenever pictures or captions change. */
  onChange(action) {
    changed = action;
  },
  /** Shows a folder that an earlier visit made. */
  async open(name) {
    try {
      const listed = await send("GET", "/api/v1/pictures/" + encodeURIComponent(name));
      folder = listed.name;
      list.replaceChildren(...(listed.pictures || []).map((each) => tile(each.file, each.caption || "")));
      return listed.pairs;
    } catch {
      folder = null;
      return null;
    }
  },
  forget() {
    folder = null;
    list.replaceChildren();
  },
};

const list = document.getElementById("pictures");
const drop = document.getElementById("drop");
const note = document.getElementById("upload");

function address(file) {
  return "/api/v1/pictures/" + encodeURIComponent(folder) + "/" + encodeURIComponent(file);
}

/** A picture with its caption. The caption is saved while it is written. */
function tile(file, caption) {
  const id = "caption-" + crypto.randomUUID();
  const problem = h("p", { class: "field-error", role: "alert" });
  const text = h("textarea", { id, rows: 3, placeholder: "What it shows" });
  text.value = caption;
  const save = calmly(500, async () => {
    try {
      await send("PUT", address(file) + "/caption", { caption: text.value });
      problem.textContent = "";
      changed();
    } catch (refused) {
      problem.textContent = refused.message;
    }
  });
  text.addEventListener("input", save);
  const item = h(
    "li",
    { "data-file": file },
    h("img", { src: address(file), alt: file, loading: "lazy" }),
    h("label", { for: id, class: "hidden" }, "Caption of " + file),
    text,
    problem,
    h(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-label": "Remove " + file,
        onclick: async () => {
          try {
            await send("DELETE", address(file));
            (item.nextElementSibling || item.previousElementSibling)?.querySelector("textarea")?.focus();
            item.remove();
            changed();
          } catch (refused) {
            problem.textContent = refused.message;
          }
        },
      },
      "Remove",
    ),
  );
  return item;
}

/** Captions in .txt files of the same names are taken with their pictures. */
async function add(files) {
  const images = files.filter((file) => TYPES.test(file.name));
  const captions = new Map(files.filter((file) => /\.txt$/i.test(file.name)).map((file) => [file.name.replace(/\.txt$/i, ""), file]));
  const problems = [];
  if (images.length === 0) {
    note.textContent = "None of these files is a picture (PNG, JPEG, WebP, GIF, BMP or TIFF).";
    return;
  }
  try {
    if (folder === null) {
      folder = (await send("POST", "/api/v1/pictures", { name: "pictures" })).name;
    }
  } catch (refused) {
    note.textContent = refused.message;
    return;
  }
  let done = 0;
  for (const file of images) {
    note.textContent = "Taking in " + (done + 1) + " of " + images.length;
    try {
      const saved = await send("PUT", address(file.name), new Blob([file], { type: file.type || "application/octet-stream" }));
      const name = saved?.file || file.name;
      const beside = captions.get(file.name.replace(/\.[^.]+$/, ""));
      const caption = beside ? (await beside.text()).trim() : saved?.caption || "";
      if (beside) {
        await send("PUT", address(name) + "/caption", { caption });
      }
      list.querySelector(`[data-file="${CSS.escape(name)}"]`)?.remove();
      list.append(tile(name, caption));
      done++;
    } catch (refused) {
      problems.push(file.name + ": " + refused.message);
    }
  }
  note.textContent = done + (done === 1 ? " picture" : " pictures") + " taken in." + (problems.length ? " " + problems.join(" ") : "");
  changed();
}

export function setUp() {
  document.getElementById("files").addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
}
