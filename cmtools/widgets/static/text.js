// Texts on the board, flagged words marked: always as text and elements, never as HTML. It judges no text.
import { h, setText } from "./shared.js";
import { KINDS, sampleItem } from "./kinds.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Item} Item */
/** @typedef {[number, number][]} Marks where each mark starts and ends, in the order of the text */

/**
 * A text as nodes, its flagged words in <mark>. Marks that cannot be (past the end, overlapping) are left out.
 * @param {string} text
 * @param {Marks} [marks]
 * @returns {(string | HTMLElement)[]}
 */
export function marked(text, marks = []) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (start < at || end <= start || start >= text.length) continue;
    if (start > at) nodes.push(text.slice(at, start));
    nodes.push(h("mark", { class: "cm-flagged" }, text.slice(start, end)));
    at = end;
  }
  if (at < text.length) nodes.push(text.slice(at));
  return nodes;
}

/**
 * "3 flagged words", for those who cannot see the marks.
 * @param {number} count
 */
export function flaggedWords(count) {
  return `${count} flagged ${count === 1 ? "word" : "words"}`;
}

/** About how many characters a line of a tile has, and how many lines there is room for. */
const LINE = 42;
const ROOM = 7;

/**
 * Whether a text is longer than its tile shows.
 * @param {string} text
 */
function isLong(text) {
  const lines = text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE)), 0);
  return lines > ROOM;
}

/** @type {WeakMap<Store, Set<string>>} texts whose flagged words are to be looked for in all disguises, by board */
const ASKING = new WeakMap();

/**
 * Ask for all marks of a text: those that it came with are the plain ones. What is asked for at once goes together.
 * @param {Item} item
 * @param {Store} store
 */
function askMarks(item, store) {
  if (!item.flagged || item.asked) return;
  item.asked = true;
  const known = ASKING.get(store);
  const ids = known ?? new Set();
  if (!known) {
    ASKING.set(store, ids);
    store.listeners.add((topic, detail) => topic === "kind" && detail.type === "marks" && takeMarks(store, detail));
  }
  if (!ids.size) {
    setTimeout(() => {
      store.model.send({ type: "marks", ids: [...ids] });
      ids.clear();
    });
  }
  ids.add(item.id);
}

/**
 * @param {Store} store
 * @param {import("./shared.js").Message} message
 */
function takeMarks(store, { found }) {
  const ids = Object.keys(found).filter((id) => store.items.has(id));
  for (const id of ids) Object.assign(store.items.get(id) ?? {}, { marks: found[id] });
  store.tell("tags", ids);
}

/**
 * @param {HTMLElement} face
 * @param {Item} item
 */
function drawWords(face, item) {
  const drawn = JSON.stringify(item.marks ?? []);
  const [words, flagged] = face.children;
  if (face.dataset.drawn === drawn) return;
  face.dataset.drawn = drawn;
  const count = item.marks?.length ?? 0;
  words.replaceChildren(...marked(item.text ?? "", item.marks), item.cut ? "…" : "");
  setText(flagged, count ? flaggedWords(count) : "");
}

/** @param {Item} item */
function textFace(item) {
  const text = item.text ?? "";
  const title = "The whole text, in the details (Enter)";
  const about = { type: "button", class: "cm-read", "data-action": "read", title };
  const read = item.cut || isLong(text) ? h("button", about, "Read all") : null;
  const words = h("p", { dir: "auto" });
  const face = h("div", { class: "cm-picture cm-text" }, words, h("span", { class: "cm-unseen" }), read);
  drawWords(face, item);
  return face;
}

KINDS.set("Text", {
  nouns: ["text", "texts"],
  pictures: false,
  least: 264,
  sample: sampleItem({ text: "" }),
  make: (item) => textFace(item),
  paint: (face, item, store) => {
    askMarks(item, store);
    drawWords(face, item);
  },
});
