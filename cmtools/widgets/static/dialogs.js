// What opens over the board: the menu of a tile, the keys.
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
 * @param {{first: string[], afterwards: string[], note: string}} more keys that not every board has, and what a dot says
 */
export function fillHelp(body, tags, keys, more) {
  const names = new Map(tags.map((tag) => [tag.code, tag.name]));
  const rows = [
    "← → ↑ ↓: go from tile to tile (also Home, End, Page up and down)",
    ...more.first,
    ...[...keys].map(([key, code]) => `${key}: switch ${names.get(code)}`),
    "n: Next, submit everything on the screen",
    "p u: Prev, take the last submission back while the ring runs",
    "Space: held down, reveals (so do mouse and finger)",
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
    ...more.afterwards,
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
    h("p", {}, `Keys work while the board has the focus. A tag with a dot differs from what ${more.note} said.`),
  );
}

/**
 * A line of a menu; one that cannot be chosen says why.
 * @typedef {{label: string, action: string, hint?: string, why?: string, chosen: () => void}} Entry
 */

/** @typedef {{element: HTMLElement, draw: () => void}} Menu */

/**
 * @param {Entry} entry
 * @param {() => void} close
 */
function menuItem({ label, action, hint, why, chosen }, close) {
  const choose = () => {
    if (why) return;
    close();
    chosen();
  };
  const about = { role: "menuitem", "data-action": action, "aria-disabled": why ? "true" : null, title: why };
  const more = why ? h("span", { class: "cm-why", "aria-hidden": "true" }, why) : null;
  const key = hint ? h("kbd", { "aria-hidden": "true" }, hint) : null;
  return h("button", { type: "button", ...about, click: choose }, h("span", {}, label), more, key);
}

/**
 * A menu beside its button, unless there is nothing in it; `draw` brings it up to date while it is open.
 * @param {HTMLElement} root
 * @param {HTMLElement} button
 * @param {() => Entry[]} entries
 * @param {() => void} closed
 * @returns {Menu | null}
 */
export function openMenu(root, button, entries, closed) {
  if (!entries().length) return null;
  const element = h("div", { class: "cm-menu", role: "menu", popover: "auto" });
  let drawn = "";
  const items = () => /** @type {HTMLElement[]} */ ([...element.children]);
  const draw = () => {
    const now = entries();
    const text = JSON.stringify(now);
    if (text === drawn) return;
    drawn = text;
    const at = items().indexOf(/** @type {HTMLElement} */ (document.activeElement));
    element.replaceChildren(...now.map((entry) => menuItem(entry, () => element.hidePopover())));
    if (at >= 0) items()[Math.min(at, now.length - 1)]?.focus();
    if (element.isConnected) placeBeside(element, button);
  };
  draw();
  element.addEventListener("keydown", (event) => pressMenu(event, element, items()));
  element.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    element.remove();
    button.setAttribute("aria-expanded", "false");
    closed();
  });
  root.append(element);
  element.showPopover();
  button.setAttribute("aria-expanded", "true");
  placeBeside(element, button);
  items()[0].focus();
  return { element, draw };
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} menu
 * @param {HTMLElement[]} items
 */
function pressMenu(event, menu, items) {
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) items[(at + step + items.length) % items.length].focus();
  if (event.key === "Tab") menu.hidePopover();
  if (step || event.key === "Tab") event.preventDefault();
  if (event.key !== "Escape") event.stopPropagation();
}

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
function placeBeside(menu, button) {
  const place = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = place.bottom + size.height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, place.right - size.width)}px`;
  menu.style.top = `${below ? place.bottom + 4 : place.top - size.height - 4}px`;
}
