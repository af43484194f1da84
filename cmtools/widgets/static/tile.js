// One tile: a picture or a text with its tags. It is made once and painted again when a tag changes.
import { h, icon, setAttribute, setText } from "./shared.js";

/** @typedef {import("./store.js").Item} Item */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./store.js").Tag} Tag */

/** Keys with a meaning of their own, which no tag gets. */
const TAKEN = "npufm";

/**
 * A key for each tag: the first letter or digit of its code that is free, else of its name, else any.
 * @param {Tag[]} tags
 * @returns {Map<string, string>} tag code by key
 */
export function keysOf(tags) {
  /** @type {Map<string, string>} */
  const keys = new Map();
  for (const tag of tags) {
    const candidates = `${tag.code}${tag.name}1234567890abcdefghijklmnopqrstuvwxyz`.toLowerCase();
    const letters = [...candidates].filter((letter) => /[a-z0-9]/.test(letter) && !TAKEN.includes(letter));
    const key = letters.find((letter) => !keys.has(letter));
    if (key) keys.set(key, tag.code);
  }
  return keys;
}

/**
 * What the automatic side said of a tag, as a sentence.
 * @param {Item} item
 * @param {string} code
 */
export function autoSaid(item, code) {
  if (!(code in item.auto)) return "auto said nothing";
  return item.auto[code] ? "auto said on" : "auto said off";
}

/**
 * Whether a person switched a tag away from what the automatic side said; nothing said counts as off.
 * @param {Item} item
 * @param {string} code
 */
export function differs(item, code) {
  return item.on.has(code) !== Boolean(item.auto[code]);
}

/**
 * @param {Item} item
 * @param {number} index
 * @param {State} state
 * @param {Map<string, string>} keys
 */
export function makeTile(item, index, state, keys) {
  const keyOf = new Map([...keys].map(([key, code]) => [code, key]));
  const chips = state.tags.map((tag) => makeChip(tag, keyOf.get(tag.code) ?? ""));
  const face =
    item.text === undefined
      ? h("div", { class: "cm-picture" })
      : h("div", { class: "cm-picture cm-text" }, h("p", {}, item.text));
  const about = { "data-action": "more", "aria-haspopup": "menu", "aria-label": "More", title: "More" };
  const more = h("button", { type: "button", class: "cm-more", ...about }, icon("more"));
  return h(
    "div",
    { class: "cm-tile", role: "gridcell", "data-review-id": item.id, "data-index": index },
    h("span", { class: "cm-unseen cm-said" }),
    face,
    h("div", { class: "cm-caption" }, h("span", { class: "cm-name", title: item.name }, item.name), more),
    h("div", { class: "cm-tags" }, ...chips),
  );
}

/**
 * @param {Tag} tag
 * @param {string} key
 */
function makeChip(tag, key) {
  return h(
    "button",
    { type: "button", class: "cm-tag", "data-tag": tag.code, "aria-keyshortcuts": key || null },
    h("span", { class: "cm-box", "aria-hidden": "true" }, icon("check")),
    h("span", { class: "cm-tag-name" }, tag.name),
    h("span", { class: "cm-unseen" }),
    key ? h("kbd", { "aria-hidden": "true" }, key) : null,
  );
}

/**
 * Bring a tile up to date: tags, marks, picture.
 * @param {HTMLElement} tile
 * @param {Item} item
 * @param {import("./store.js").Store} store
 */
export function paintTile(tile, item, store) {
  const { state, thumbs } = store;
  if (!state) return;
  const lost = state.lost.includes(item.id);
  const unsaved = store.unsavedOf(item.id);
  for (const tag of state.tags) paintChip(tile, item, tag, lost, unsaved.has(tag.code));
  const on = state.tags.filter((tag) => item.on.has(tag.code)).map((tag) => tag.name);
  const what = item.text === undefined ? "picture" : "text";
  const said = on.length ? `tagged ${on.join(", ")}` : "no tag";
  const place = Number(tile.dataset.index) + 1;
  tell(tile, ".cm-said", `${what} ${place}, ${said}${lost ? ", no longer yours" : ""}.`);
  tile.classList.toggle("cm-tagged", on.length > 0);
  tile.classList.toggle("cm-lost", lost);
  if (item.text === undefined) paintPicture(tile, item, thumbs.url(item.id));
}

/**
 * @param {HTMLElement} tile
 * @param {Item} item
 * @param {Tag} tag
 * @param {boolean} lost
 * @param {boolean} unsaved
 */
function paintChip(tile, item, tag, lost, unsaved) {
  const chip = tile.querySelector(`.cm-tag[data-tag="${CSS.escape(tag.code)}"]`);
  if (!chip) return;
  const on = item.on.has(tag.code);
  const changed = differs(item, tag.code);
  const marks = [changed ? `${autoSaid(item, tag.code)}, you said ${on ? "on" : "off"}` : autoSaid(item, tag.code)];
  if (unsaved) marks.push("not saved yet");
  setAttribute(chip, "aria-pressed", String(on));
  setAttribute(chip, "data-changed", changed);
  setAttribute(chip, "data-unsaved", unsaved);
  setAttribute(chip, "aria-disabled", lost ? "true" : null);
  tell(chip, ".cm-unseen", `${changed ? "changed by you" : ""}${unsaved ? " not saved yet" : ""}`);
  const about = tag.description ? ` - ${tag.description}` : "";
  setAttribute(chip, "title", `${tag.name}${about}\n${marks.join("; ")}`);
}

/**
 * Words for screen readers; what can be seen says the same by its looks.
 * @param {Element} parent
 * @param {string} selector
 * @param {string} text
 */
function tell(parent, selector, text) {
  const element = parent.querySelector(selector);
  if (element) setText(element, text);
}

/**
 * @param {HTMLElement} tile
 * @param {Item} item
 * @param {string | null | undefined} url
 */
function paintPicture(tile, item, url) {
  const face = tile.querySelector(".cm-picture");
  if (!(face instanceof HTMLElement) || face.dataset.url === String(url)) return;
  face.dataset.url = String(url);
  if (url === undefined) return;
  if (url === null) {
    showBroken(face, "This picture cannot be shown");
    return;
  }
  const image = h("img", {
    alt: "",
    decoding: "async",
    draggable: "false",
    load: () => image.classList.add("cm-loaded"),
    error: () => showBroken(face, "This picture cannot be read"),
  });
  image.src = url;
  if (image.complete) image.classList.add("cm-loaded");
  face.replaceChildren(image);
}

/**
 * @param {HTMLElement} face
 * @param {string} reason
 */
function showBroken(face, reason) {
  face.replaceChildren(h("div", { class: "cm-broken" }, icon("broken"), h("span", {}, reason)));
}

/**
 * The least width of a tile: more for texts, and where there are many tags.
 * @param {State | null} state
 */
export function leastWidth(state) {
  const tags = state?.tags.length ?? 0;
  return Math.min(280, (state?.kind === "Text" ? 240 : 172) + 16 * Math.max(0, tags - 4));
}

/**
 * How high a tile of that width is, with these tags: measured on one that nobody sees.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Map<string, string>} keys
 * @param {number} width
 */
export function tileHeight(root, state, keys, width) {
  const text = state.kind === "Text" ? "" : undefined;
  const tile = makeTile({ id: "", name: "x", subteam: "", auto: {}, on: new Set(), text }, 0, state, keys);
  tile.classList.add("cm-sample");
  tile.style.width = `${width}px`;
  setAttribute(tile, "aria-hidden", "true");
  root.append(tile);
  const height = Math.ceil(tile.getBoundingClientRect().height);
  tile.remove();
  return height;
}

/**
 * Whether an item passes a filter.
 * @param {Item} item
 * @param {string} filter
 */
export function passes(item, filter) {
  return filter === "all" || item.on.size > 0 === (filter === "tagged");
}

