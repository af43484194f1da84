// What opens over the board: the menu of a tile, the details of a review, the keys.
import { h, icon } from "./shared.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {import("./store.js").Tag} Tag */

/**
 * A dialog with a title and a way out; Escape closes it, and focus goes where `closed` puts it.
 * @param {HTMLElement} root
 * @param {string} title
 * @param {() => void} closed
 */
export function openDialog(root, title, closed) {
  const body = h("div", { class: "cm-dialog-body" });
  const leave = h(
    "button",
    { type: "button", class: "cm-quiet", "aria-label": "Close", title: "Close (Esc)", click: () => dialog.close() },
    icon("close"),
  );
  const dialog = h(
    "dialog",
    {
      class: "cm-dialog",
      "aria-label": title,
      close: () => {
        dialog.remove();
        closed();
      },
      click: (/** @type {MouseEvent} */ event) => event.target === dialog && dialog.close(),
    },
    h("header", {}, h("h2", {}, title), leave),
    body,
  );
  root.append(dialog);
  dialog.showModal();
  return { dialog, body };
}

/**
 * @param {HTMLElement} body
 * @param {Tag[]} tags
 * @param {Map<string, string>} keys
 */
export function fillHelp(body, tags, keys) {
  const names = new Map(tags.map((tag) => [tag.code, tag.name]));
  const rows = [
    "← → ↑ ↓: go from tile to tile (also Home, End, Page up and down)",
    ...[...keys].map(([key, code]) => `${key}: switch ${names.get(code)}`),
    "n: Next, submit everything on the screen",
    "p u: Prev, take the last submission back while the ring runs",
    "Space: held down, reveals the picture (so does holding it with mouse or finger)",
    "Shift B: blur all, or none",
    "Shift G: black and white, or colour",
    "Enter: details of the review",
    "Shift ←: select on the way (also Shift or Ctrl with a click)",
    "Ctrl A: select all that are shown",
    "Ctrl Space: select this one too",
    "Ctrl Z: undo the last change of tags, of one or of many",
    "=: give all near-duplicates the tags of this one",
    "h: hold for 15 minutes; the menu has longer times",
    "/: find",
    "f: show all, tagged, untagged",
    "Shift O: the next order",
    "m: more: details, hold, move to a subteam",
    "?: this list",
    "Esc: close; select none",
  ];
  const list = h("dl", { class: "cm-keys" });
  for (const row of rows) {
    const at = row.indexOf(": ");
    const signs = row.slice(0, at).split(" ").map((sign) => h("kbd", {}, sign));
    list.append(h("dt", {}, ...signs), h("dd", {}, row.slice(at + 2)));
  }
  body.append(
    list,
    h("p", {}, "Keys work while the board has the focus. A tag with a dot differs from what the automatic side said."),
  );
}

/**
 * @param {HTMLElement} body
 * @param {import("./shared.js").Message} about
 */
export function fillDetails(body, about) {
  const face =
    about.kind === "Text"
      ? h("div", { class: "cm-full cm-full-text" }, about.content)
      : h("div", { class: "cm-full", "aria-busy": "true" });
  const facts = table("Review", [
    ["Id", about.id],
    ["Content id", about.name],
    ["Subteam", about.subteam],
    ["Created", about.created.replace("T", " ").replace("+00:00", " UTC")],
    ...(about.kind === "Text" ? [] : [["Content", about.content]]),
  ]);
  const scores = Object.entries(about.scores).map(([code, score]) => scoreRow(code, Number(score)));
  body.replaceChildren(
    face,
    h(
      "div",
      { class: "cm-facts" },
      facts,
      scores.length > 0 && h("section", {}, h("h3", {}, "Scores"), h("div", { class: "cm-scores" }, ...scores)),
      about.metadata.length > 0 && table("Metadata", about.metadata),
    ),
  );
}

/**
 * @param {string} title
 * @param {string[][]} rows
 */
function table(title, rows) {
  const lines = rows.map(([key, value]) => h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, value)));
  return h("section", {}, h("h3", {}, title), h("table", {}, h("tbody", {}, ...lines)));
}

/**
 * @param {string} code
 * @param {number} score
 */
function scoreRow(code, score) {
  const fill = h("span", { class: "cm-bar-fill" });
  fill.style.width = `${Math.min(1, Math.max(0, score)) * 100}%`;
  return h(
    "div",
    { class: "cm-score" },
    h("span", {}, code),
    h("span", { class: "cm-bar", "aria-hidden": "true" }, fill),
    h("span", { class: "cm-number" }, score.toFixed(2)),
  );
}

/**
 * Put the larger picture into open details, or why there is none.
 * @param {HTMLElement} body
 * @param {{buffer?: BufferSource, error?: string}} message
 * @returns {string} the object URL, for whoever closes the dialog to revoke
 */
export function showPicture(body, message) {
  const face = body.querySelector(".cm-full");
  if (!face) return "";
  face.removeAttribute("aria-busy");
  if (!message.buffer) {
    face.replaceChildren(h("div", { class: "cm-broken" }, icon("broken"), h("span", {}, message.error ?? "")));
    return "";
  }
  const url = URL.createObjectURL(new Blob([message.buffer]));
  face.replaceChildren(h("img", { src: url, alt: "The picture under review, larger" }));
  return url;
}

/**
 * The menu of a tile, beside its button.
 * @param {HTMLElement} root
 * @param {HTMLElement} button
 * @param {{label: string, action: string, hint?: string, chosen: () => void}[]} entries
 * @param {() => void} closed
 */
export function openMenu(root, button, entries, closed) {
  const menu = h("div", { class: "cm-menu", role: "menu", popover: "auto" });
  const items = entries.map((entry) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        "data-action": entry.action,
        click: () => {
          menu.hidePopover();
          entry.chosen();
        },
      },
      h("span", {}, entry.label),
      entry.hint ? h("kbd", { "aria-hidden": "true" }, entry.hint) : null,
    ),
  );
  menu.append(...items);
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(at + step + items.length) % items.length].focus();
    if (event.key === "Tab") menu.hidePopover();
    if (step || event.key === "Tab") event.preventDefault();
    if (event.key !== "Escape") event.stopPropagation();
  });
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    closed();
  });
  root.append(menu);
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  const place = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = place.bottom + size.height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, place.right - size.width)}px`;
  menu.style.top = `${below ? place.bottom + 4 : place.top - size.height - 4}px`;
  items[0].focus();
  return menu;
}
