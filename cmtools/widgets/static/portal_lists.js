// Settings of subteams, golden items and breaks, and how a small form works. They ask through the section's `act`.
import { h } from "./shared.js";
import { labelled, line, pushButton } from "./portal_parts.js";

/** @typedef {(action: string, values?: Record<string, unknown>) => Promise<boolean>} Act */
/** @typedef {Record<string, any>} Told */

/**
 * A form whose fields are emptied when what it asked for was done.
 * @param {string} title
 * @param {HTMLElement[]} fields
 * @param {string} words
 * @param {() => Promise<boolean>} submit
 */
export function smallForm(title, fields, words, submit) {
  const go = h("button", { type: "submit", class: "cm-button cm-primary" }, words);
  const form = h("form", { class: "cm-small-form", "aria-label": title });
  form.append(...fields, go);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.getAttribute("aria-disabled") === "true") return;
    go.setAttribute("aria-disabled", "true");
    const done = await submit();
    go.setAttribute("aria-disabled", "false");
    if (done) form.reset();
  });
  return h("div", { class: "cm-block" }, h("h5", {}, title), form);
}

/** @param {Act} act */
export function subteamForm(act) {
  const name = line("subteam-name", { required: true });
  return smallForm("Add a subteam", [labelled("Name", name)], "Add subteam", () => act("add_subteam", { name: name.value }));
}

/** @param {Told} told */
export function subteamList(told) {
  const list = h("ul", { class: "cm-names", "aria-label": "Subteams" });
  for (const name of told.subteams) list.append(h("li", {}, name));
  return list;
}

/** @param {Act} act */
export function careForm(act) {
  const minutes = line("break-minutes", { type: "number", min: "1", step: "any", inputmode: "decimal" });
  const most = line("most-reveals", { type: "number", min: "1", step: "1", inputmode: "numeric" });
  const number = (/** @type {HTMLInputElement} */ field) => (field.value === "" ? null : field.valueAsNumber);
  const go = pushButton("keep-wellness", "Keep", () => act("set_wellness", { break_minutes: number(minutes), most_reveals: number(most) }), "cm-primary");
  const form = h("div", { class: "cm-small-form" }, labelled("Remind of a break after (minutes)", minutes, "empty: never"), labelled("Pictures a reviewer may reveal in a day", most, "empty: as many as they like"), go);
  const paint = (/** @type {Told} */ told) => {
    if (form.contains(document.activeElement) && document.activeElement !== go) return;
    minutes.value = told.break_minutes ?? "";
    most.value = told.most_reveals ?? "";
  };
  return { element: h("div", { class: "cm-block" }, form), paint };
}

/**
 * Whether reviewers are told of known answers: it holds as soon as it is switched.
 * @param {Act} act
 */
export function goldenForm(act) {
  const box = h("input", { type: "checkbox", "data-role": "golden-feedback" });
  let kept = false;
  box.addEventListener("change", async () => {
    if (!(await act("set_golden_feedback", { on: box.checked }))) box.checked = kept;
  });
  const words = h("span", {}, "Tell reviewers when a known answer differs from theirs");
  const about = "Once their decision is final, on the board, in words that blame nobody. Switched off, nothing is said.";
  const element = h("div", { class: "cm-block" }, h("label", { class: "cm-check" }, box, words), h("p", { class: "cm-hint" }, about));
  const paint = (/** @type {Told} */ told) => {
    kept = Boolean(told.golden_feedback);
    box.checked = kept;
  };
  return { element, paint };
}
