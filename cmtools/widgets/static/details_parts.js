// Parts of the details pane: tables, scores, notes, callbacks, history, JSON. They are made anew whenever they change.
import { h, icon, setText } from "./shared.js";

/** @type {Record<string, string>} */
const STATES = { waiting: "Will be tried again", delivered: "Delivered", failed: "Failed", cancelled: "Cancelled" };

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
  if (part === "callbacks") return listOf(found, callbackRow, "The caller is told once the decision is final.");
  if (part === "history") return listOf(found, eventRow, "Nothing is recorded.");
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
  return h("li", {}, h("div", { class: "cm-list-head" }, said, when(at)), h("p", { class: "cm-soft" }, who));
}

/** @param {{state: string, tries: number, answer: string, at: string}} attempt */
function callbackRow({ state, tries, answer, at }) {
  const told = `try ${tries}${answer ? `: ${answer}` : ""}`;
  const sign = state === "delivered" ? "check" : state === "failed" ? "warning" : "info";
  const head = h("b", { class: "cm-call", "data-state": state }, icon(sign), STATES[state] ?? state);
  return h("li", {}, h("div", { class: "cm-list-head" }, head, when(at)), h("p", {}, told));
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
