// Texts with flagged words marked: always as text and elements, never as HTML. It decides nothing about a text.
import { h } from "./shared.js";

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
 * Where any of some words stands in a text, whatever the case; whole words only.
 * @param {string} text
 * @param {string[]} words
 * @returns {Marks}
 */
export function marksOf(text, words) {
  const good = words.filter((word) => word.trim()).sort((a, b) => b.length - a.length);
  if (!good.length) return [];
  const any = good.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const found = text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, "giu"));
  return [...found].map((match) => [match.index, match.index + match[0].length]);
}

/**
 * "3 flagged words", for those who cannot see the marks.
 * @param {number} count
 */
export function flaggedWords(count) {
  return `${count} flagged ${count === 1 ? "word" : "words"}`;
}
