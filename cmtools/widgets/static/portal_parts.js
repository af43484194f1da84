// Small parts of the portal: fields, tables, a button that asks back, a secret that is shown once. They ask no kernel.
import { h, icon, setText } from "./shared.js";

/** @typedef {import("./shared.js").Child} Child */
/** @typedef {import("./shared.js").Props} Props */

/**
 * A labelled control.
 * @param {string} name
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function labelled(name, control, hint = "") {
  return h("label", { class: "cm-field" }, h("span", {}, name), control, hint && h("span", { class: "cm-hint" }, hint));
}

/**
 * @param {string} role what `data-role` says
 * @param {Props} [props]
 */
export function line(role, props = {}) {
  return h("input", { type: "text", "data-role": role, autocomplete: "off", spellcheck: "false", ...props });
}

/**
 * @param {string} role what `data-role` says
 * @param {[string, string][]} options value and words
 * @param {Props} [props]
 */
export function picker(role, options, props = {}) {
  const select = h("select", { "data-role": role, ...props });
  for (const [value, words] of options) select.append(h("option", { value }, words));
  return select;
}

/**
 * @param {string} action what `data-action` says
 * @param {string} words
 * @param {() => void} click
 * @param {string} [look] more classes
 */
export function pushButton(action, words, click, look = "") {
  return h("button", { type: "button", class: `cm-button ${look}`.trim(), "data-action": action, click }, words);
}

/**
 * A button that asks back before it does what cannot be taken back. The focus goes to the safe answer, and comes back.
 * @param {string} action
 * @param {string} words
 * @param {string} question
 * @param {() => void} agreed
 */
export function asking(action, words, question, agreed) {
  const holder = h("span", { class: "cm-asking" });
  const rest = (/** @type {boolean} */ focus) => {
    const button = pushButton(action, words, ask, "cm-small");
    holder.replaceChildren(button);
    if (focus) button.focus();
  };
  const ask = () => {
    const keep = pushButton("keep", "Keep", () => rest(true), "cm-small");
    const sure = pushButton(`${action}-sure`, words, () => (rest(true), agreed()), "cm-small cm-danger");
    holder.replaceChildren(h("span", { role: "alert", class: "cm-question" }, question), keep, sure);
    holder.onkeydown = (event) => {
      if (event.key !== "Escape" || !holder.contains(keep)) return;
      event.stopPropagation();
      rest(true);
    };
    keep.focus();
  };
  rest(false);
  return holder;
}

/**
 * A table with a caption for those who cannot see what is above it.
 * @param {string} caption
 * @param {string[]} heads
 * @param {(Child | Node[])[][]} rows
 * @param {string} empty what to say when there is no row
 */
export function table(caption, heads, rows, empty) {
  if (!rows.length) return h("p", { class: "cm-none" }, empty);
  const head = h("tr", {});
  for (const name of heads) head.append(h("th", { scope: "col" }, name || h("span", { class: "cm-unseen" }, "Actions")));
  const body = h("tbody", {});
  for (const cells of rows) {
    const row = h("tr", {});
    cells.forEach((cell, at) => {
      const inside = Array.isArray(cell) ? cell : [cell];
      row.append(at ? h("td", { "data-head": heads[at] }, ...inside) : h("th", { scope: "row" }, ...inside));
    });
    body.append(row);
  }
  const whole = h("table", { class: "cm-list" }, h("caption", { class: "cm-unseen" }, caption), h("thead", {}, head), body);
  return h("div", { class: "cm-scroll", role: "region", "aria-label": caption, tabindex: 0 }, whole);
}

/** @param {string | null} iso */
export function moment(iso) {
  if (!iso) return "";
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** What goes wrong or well, in one line that screen readers hear. */
export class Notice {
  constructor() {
    this.text = h("span", {});
    this.sign = h("span", { class: "cm-notice-sign" });
    this.element = h("p", { class: "cm-notice-line", hidden: true });
    this.element.append(this.sign, this.text);
  }

  /**
   * @param {string} text empty to say nothing
   * @param {boolean} [bad]
   */
  say(text, bad = true) {
    this.element.hidden = !text;
    this.element.setAttribute("role", bad ? "alert" : "status");
    this.element.classList.toggle("cm-good", !bad);
    this.sign.replaceChildren(icon(bad ? "warning" : "done"));
    setText(this.text, text);
  }
}

/**
 * A secret, until somebody says that it is kept.
 * @param {{secret: string, told: string, once: boolean}} found
 * @param {() => void} done
 */
export function secretCard(found, done) {
  const code = h("code", { tabindex: 0 }, found.secret);
  const said = h("span", { role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(found.secret);
      setText(said, "Copied");
    } catch {
      getSelection()?.selectAllChildren(code);
      setText(said, "Selected: press Ctrl+C");
    }
  };
  const about = found.once
    ? "It is shown this once. Give it to its owner on a safe way: whoever has it acts in their name."
    : "Whoever receives callbacks checks their signatures with it.";
  const buttons = h("div", { class: "cm-row" }, pushButton("copy", "Copy", copy, "cm-primary"), pushButton("kept", "Done", done), said);
  return h("div", { class: "cm-secret", role: "group", "aria-label": found.told }, h("h4", {}, found.told), h("p", { class: "cm-hint" }, about), code, buttons);
}
