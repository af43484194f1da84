// Parts of the create form: a row, the switches of tags, the pane that shows what will be sent. They decide nothing.
import { h, icon, setAttribute, setText } from "./shared.js";

/** @typedef {import("./create_store.js").Form} Form */
/** @typedef {import("./create_store.js").Row} Row */
/** @typedef {import("./create_store.js").Cell} Cell */
/** @typedef {import("./create_store.js").View} View */

const STATES = /** @type {Record<string, string>} */ ({
  arriving: "Uploading",
  waiting: "Looking",
  ready: "Ready",
  refused: "Refused",
  created: "Created",
  failed: "Failed",
});
const SIGNS = /** @type {Record<string, "check" | "done" | "warning" | "more">} */ ({
  arriving: "more",
  waiting: "more",
  ready: "check",
  refused: "warning",
  created: "done",
  failed: "warning",
});
export const SAID = /** @type {Record<string, string>} */ ({
  hand: "set by hand",
  all: "set for all",
  auto: "said by the tagger",
  given: "as it came",
});

/**
 * "1 review", "2,000 reviews".
 * @param {number} number
 * @param {string} one
 */
export function many(number, one) {
  const noun = number === 1 ? one : one.endsWith("y") ? `${one.slice(0, -1)}ies` : `${one}s`;
  return `${number.toLocaleString("en")} ${noun}`;
}

/** @param {number} bytes */
export function sized(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Fill a list of choices, when they are others than before.
 * @param {HTMLSelectElement} select
 * @param {string[]} values
 * @param {string} chosenValue
 * @param {string} [first]
 */
export function fill(select, values, chosenValue, first = "") {
  const key = JSON.stringify(values);
  if (select.dataset.values !== key) {
    select.dataset.values = key;
    select.replaceChildren(...values.map((value) => h("option", { value }, value || first)));
  }
  if (document.activeElement !== select) select.value = chosenValue;
}

/**
 * Buttons of which one is pressed.
 * @param {string} name
 * @param {[string, string][]} choices
 * @param {string} hook
 * @param {(value: string) => void} choose
 */
export function choice(name, choices, hook, choose) {
  const buttons = choices.map(([value, text]) =>
    h("button", { type: "button", [`data-${hook}`]: value, "aria-pressed": "false", click: () => choose(value) }, text),
  );
  const element = h("div", { class: "cm-segments", role: "group", "aria-label": name }, ...buttons);
  return {
    element,
    /** @param {string} value */
    mark(value) {
      buttons.forEach((button, index) => setAttribute(button, "aria-pressed", String(choices[index][0] === value)));
    },
    /**
     * @param {string} value
     * @param {boolean} hidden
     */
    hide(value, hidden) {
      buttons[choices.findIndex(([known]) => known === value)].hidden = hidden;
    },
    /**
     * @param {string} value
     * @param {string} text
     */
    name(value, text) {
      setText(buttons[choices.findIndex(([known]) => known === value)], text);
    },
  };
}

/**
 * A tag that is on, off, or not named; pressing goes on to the next of the three.
 * @param {string} code
 * @param {string} name
 * @param {(on: boolean | null) => void} change
 */
export function tagSwitch(code, name, change) {
  const score = h("span", { class: "cm-score" });
  const words = h("span", { class: "cm-unseen" });
  /** @type {boolean | null} */
  let on = null;
  const element = h(
    "button",
    {
      type: "button",
      class: "cm-tag",
      "data-tag": code,
      click: () => change(on === null ? true : on ? false : null),
    },
    box(),
    h("span", { class: "cm-tag-name" }, name),
    score,
    words,
  );
  return {
    element,
    /**
     * @param {boolean | null} now
     * @param {number | null} value
     * @param {string} by
     */
    draw(now, value, by) {
      on = now;
      setAttribute(element, "aria-pressed", now === null ? "mixed" : String(now));
      setText(score, value === null ? "" : value.toFixed(2));
      setText(words, now === null ? ", not named" : now ? ", on" : ", off");
      const told = now === null ? "not named" : now ? "on" : "off";
      setAttribute(element, "title", `${name}: ${told}${by ? `, ${by}` : ""}`);
    },
  };
}

/** The box of a tag: ticked, empty, or with a dash, as the tag around it is. */
function box() {
  return h("span", { class: "cm-box", "aria-hidden": "true" }, icon("check"));
}

/**
 * Make a row, or bring it up to date.
 * @param {HTMLElement} element
 * @param {Row} row
 * @param {string | null | undefined} url
 * @param {{edit: (row: Row) => void, remove: (row: Row) => void}} hooks
 */
export function paintRow(element, row, url, hooks) {
  const key = JSON.stringify([row, url]);
  if (element.dataset.drawn === key) return;
  element.dataset.drawn = key;
  element.dataset.contentId = row.id;
  element.dataset.state = row.state;
  const share = row.size ? Math.round((100 * row.received) / row.size) : 0;
  const state = row.state === "arriving" ? `${share} %` : STATES[row.state];
  const second = row.reason || (row.review ? `Review ${row.review}` : aboutRow(row));
  const button = (/** @type {"edit" | "remove"} */ action, /** @type {string} */ name, /** @type {"edit" | "close"} */ shape) =>
    h("button", { type: "button", class: "cm-quiet", "data-action": action, "aria-label": `${name} ${row.name}`, title: name, click: () => hooks[action](row) }, icon(shape));
  const tags = row.tags.filter(({ on, score }) => on !== null || score !== null).map(chip);
  element.replaceChildren(
    h("div", { class: "cm-shot", role: "gridcell" }, shot(row, url)),
    h(
      "div",
      { class: "cm-words", role: "gridcell" },
      h("div", { class: "cm-name", title: row.name }, row.name),
      h("div", { class: row.reason ? "cm-second cm-why" : "cm-second", title: `${second} ${row.next}`.trim() }, second),
    ),
    h("div", { class: "cm-chips", role: "gridcell" }, ...tags),
    h("div", { class: "cm-state", role: "gridcell" }, icon(SIGNS[row.state]), h("span", {}, state)),
    h("div", { class: "cm-end", role: "gridcell" }, ...(row.state === "created" ? [] : [button("edit", "Edit", "edit")]), button("remove", "Remove", "close")),
  );
}

/** @param {Row} row */
function aboutRow(row) {
  const parts = [row.id === row.name ? "" : row.id, row.size ? sized(row.size) : ""];
  return parts.filter(Boolean).join(" · ") || row.type;
}

/**
 * @param {Row} row
 * @param {string | null | undefined} url
 */
function shot(row, url) {
  if (row.thumb && url) return h("img", { src: url, alt: "", draggable: "false" });
  const sign = row.type === "Text" ? h("span", { "aria-hidden": "true" }, "T") : icon(row.type === "Video" ? "play" : row.thumb && url === null ? "broken" : "picture");
  return h("span", { class: "cm-kind", title: row.type }, sign, h("span", { class: "cm-unseen" }, row.type));
}

/** @param {Cell} cell */
function chip({ code, on, score, by }) {
  const told = on === null ? "not named" : on ? "on" : "off";
  const value = score === null ? "" : ` ${score.toFixed(2)}`;
  const title = `${code}: ${told}, ${SAID[by]}`;
  return h("span", { class: "cm-chip", "data-on": String(on), title }, box(), ` ${code}${value}`, h("span", { class: "cm-unseen" }, ` ${told}`));
}
