// Parts of the details pane: tables, answers, scores, notes, history, JSON. They are made anew whenever they change.
import { h, icon, setText, timeCode } from "./shared.js";

/**
 * What several reviewers said, without names: an answer of each for every tag, and for frames and tags that differ.
 * @typedef {{of: number, rows: [string, boolean[]][], frames: [number, string, boolean[]][], left_out: number}} Answers
 */

const HISTORY_IS_FOR = "Leads, administrators and auditors see the history.";

/**
 * @param {"prev" | "next" | "close"} sign
 * @param {string} title
 * @param {() => void} click
 * @param {string} [action]
 */
export function quietButton(sign, title, click, action) {
  const props = { type: "button", class: "cm-quiet", "aria-label": title, title, "data-action": action, click };
  return h("button", props, icon(sign));
}

/**
 * @param {string} title
 * @param {...(Node | false)} children
 */
export function partSection(title, ...children) {
  return h("section", { "aria-label": title }, h("h3", {}, title), ...children);
}

/** @param {string[][]} rows */
export function factTable(rows) {
  const value = (/** @type {string} */ text) => h("td", { dir: "auto" }, text);
  const lines = rows.map(([key, text]) => h("tr", {}, h("th", { scope: "row" }, key), value(text)));
  return h("table", {}, h("tbody", {}, ...lines));
}

/** @param {[code: string, name: string, score: number]} score */
export function scoreBar([code, name, score]) {
  const fill = h("span", { class: "cm-bar-fill" });
  fill.style.width = `${Math.min(1, Math.max(0, score)) * 100}%`;
  return h(
    "div",
    { class: "cm-score" },
    h("span", { class: "cm-score-name", title: `${name} (${code})` }, name),
    h("span", { class: "cm-bar", "aria-hidden": "true" }, fill),
    h("span", { class: "cm-number" }, score.toFixed(2)),
  );
}

/**
 * @param {string} part
 * @param {any} found
 * @returns {HTMLElement[]}
 */
export function partRows(part, found) {
  if (part === "frame") return [factTable(found)];
  if (part === "notes") return listOf(found, noteRow, "No notes yet.");
  if (part === "history") return listOf(found ?? [], eventRow, found ? "Nothing is recorded." : HISTORY_IS_FOR);
  return rawRows(found);
}

/**
 * @param {any[]} rows
 * @param {(row: any) => HTMLElement} make
 * @param {string} none
 */
function listOf(rows, make, none) {
  return rows.length ? [h("ol", { class: "cm-list" }, ...rows.map(make))] : [h("p", { class: "cm-soft" }, none)];
}

/** @param {{who: string, at: string, text: string}} note */
function noteRow({ who, at, text }) {
  const head = h("div", { class: "cm-list-head" }, h("b", {}, who), when(at));
  return h("li", {}, head, h("p", { class: "cm-note-text", dir: "auto" }, text));
}

/** @param {{who: string, at: string, what: string, more: string}} event */
function eventRow({ who, at, what, more }) {
  const said = h("span", {}, what, more ? h("span", { class: "cm-soft" }, ` · ${more}`) : null);
  return h("li", {}, h("div", { class: "cm-list-head" }, said, when(at)), who ? h("p", { class: "cm-soft" }, who) : null);
}

/**
 * The answers of all reviewers side by side, those that differ marked by a sign and words, not by colour alone.
 * @param {Answers} answers
 * @returns {HTMLElement[]}
 */
export function answerTables({ of, rows, frames, left_out: leftOut }) {
  const framed = frames.map(([at, name, said]) => /** @type {[string, boolean[]]} */ ([`${timeCode(at)} ${name}`, said]));
  const made = [answerTable("Tag", of, rows)];
  if (framed.length) made.push(answerTable("Frame and tag", of, framed));
  const more = `Reviewers differ on ${leftOut.toLocaleString("en")} more frames.`;
  return leftOut ? [...made, h("p", { class: "cm-soft" }, more)] : made;
}

/**
 * @param {string} what
 * @param {number} of
 * @param {[string, boolean[]][]} rows
 */
function answerTable(what, of, rows) {
  const numbers = Array.from({ length: of }, (_, index) => index + 1);
  const heads = numbers.map((number) => h("th", { scope: "col" }, `Answer ${number}`));
  const lines = rows.map(([name, said]) => {
    const split = said.includes(true) && said.includes(false);
    const words = split ? h("span", { class: "cm-unseen" }, ", answers differ") : null;
    const head = h("th", { scope: "row" }, split ? icon("split") : null, h("span", {}, name), words);
    return h("tr", { "data-split": split }, head, ...said.map((on) => h("td", {}, answer(on))));
  });
  const head = h("tr", {}, h("th", { scope: "col" }, what), ...heads);
  const table = h("table", { class: "cm-answers" }, h("thead", {}, head), h("tbody", {}, ...lines));
  return h("div", { class: "cm-answers-around", role: "region", "aria-label": `Answers, by ${what.toLowerCase()}`, tabindex: 0 }, table);
}

/** @param {boolean} on */
function answer(on) {
  return h("span", { class: "cm-answer", "data-on": String(on) }, on ? icon("check") : null, on ? "on" : "off");
}

/** @param {{json: string, left_out: number}} found */
function rawRows({ json, left_out: leftOut }) {
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": "The review as JSON" }, json);
  const done = h("span", { class: "cm-soft", role: "status" });
  const copied = async () => setText(done, (await copyText(code, json)) ? "Copied" : "Select and copy it by hand");
  const copy = h("button", { type: "button", class: "cm-button", "data-action": "copy-json", click: copied }, "Copy");
  const more = `${leftOut.toLocaleString("en")} more frames are left out.`;
  const less = leftOut ? [h("p", { class: "cm-soft" }, more)] : [];
  return [h("div", { class: "cm-list-head" }, copy, done), ...less, code];
}

/**
 * Into the clipboard; where a page may not (no https), the text is selected and copied as a person would.
 * @param {HTMLElement} element
 * @param {string} text
 */
async function copyText(element, text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return document.execCommand("copy");
  }
}

/** @param {string} at a moment as the service writes it */
export function momentText(at) {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** @param {string} at */
function when(at) {
  return h("time", { datetime: at, title: at, class: "cm-soft" }, momentText(at));
}
