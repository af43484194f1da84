// Texts on the board, flagged words marked: always as text and elements, never as HTML. It judges no text.
import { h } from "./shared.js";
import { KINDS, sampleItem } from "./kinds.js";

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

/** @param {import("./store.js").Item} item */
function textFace(item) {
  const text = item.text ?? "";
  const words = h("p", { dir: "auto" }, ...marked(text, item.marks), item.cut ? "…" : null);
  const title = "The whole text, in the details (Enter)";
  const about = { type: "button", class: "cm-read", "data-action": "read", title };
  const read = item.cut || isLong(text) ? h("button", about, "Read all") : null;
  const count = item.marks?.length ?? 0;
  const flagged = count ? h("span", { class: "cm-unseen" }, flaggedWords(count)) : null;
  return h("div", { class: "cm-picture cm-text" }, words, flagged, read);
}

KINDS.set("Text", {
  nouns: ["text", "texts"],
  pictures: false,
  least: 264,
  sample: sampleItem({ text: "" }),
  make: (item) => textFace(item),
  paint: () => {},
});
