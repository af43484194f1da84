// The parts of the agreement dashboard: controls, figures, slices, counts, pictures. Each draws what it is given.
import { h, icon, setAttribute, setText } from "./shared.js";
import { bar, floorOf, number } from "./charts.js";

/** @typedef {import("./charts.js").Figure & {metric: string, method: string}} Measured */

/**
 * @typedef {object} Choices
 * @property {string[]} tags
 * @property {{name: string, slices: string[]}[]} columns
 * @property {{name: string, title: string, meaning: string, source: string}[]} measures
 * @property {boolean} blinds
 * @property {number} level
 * @property {number} decisions
 */

/** @typedef {{id: string, name: string, kind: number, score: string, reviewer: string}} Item */

/**
 * @typedef {object} View
 * @property {{tag: string, by: string | null, slice: number | null, measure: string, threshold: number | null,
 *   blind: string, kind: string | null, pictures: boolean}} chosen
 * @property {Measured[]} figures
 * @property {Record<"n" | "tp" | "fp" | "fn" | "tn" | "missing", number>} counts
 * @property {(Measured & {name: string, place: number | null, n: number})[]} rows
 * @property {Measured} every
 * @property {{low: number, high: number, count: number} | null} steps
 * @property {import("./charts.js").Curve | null} curve
 * @property {{total: number, items: Item[]}} disagreements
 * @property {{flags: Record<string, string>, methods: Record<string, string>}} words
 */

/** What auto said and what a human said, by kind. */
export const KINDS = ["false positive", "false negative"];
const SAID = ["auto on, human off", "auto off, human on"];

/**
 * @param {number} count
 * @param {string} noun
 */
export function plural(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {string} name */
export function plain(name) {
  return name.replaceAll("_", " ");
}

/**
 * Put other nodes into a place; what had the focus has it again if it is still there.
 * @param {HTMLElement} place
 * @param {...Node} nodes
 */
export function redraw(place, ...nodes) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const key = focused instanceof HTMLElement ? focused.dataset.key : undefined;
  place.replaceChildren(...nodes);
  const again = key === undefined ? null : place.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/**
 * A drop-down list with its name.
 * @param {string} label
 * @param {(value: string) => void} chosen
 */
export function picker(label, chosen) {
  const select = h("select", { change: () => chosen(select.value), "data-role": label.toLowerCase() });
  return { element: h("label", { class: "cm-field" }, h("span", {}, label), select), select };
}

/**
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} options value and words
 * @param {string} value
 */
export function fill(select, options, value) {
  const words = JSON.stringify(options);
  if (select.dataset.drawn !== words) {
    select.dataset.drawn = words;
    select.replaceChildren(...options.map(([key, text]) => h("option", { value: key }, text)));
  }
  select.value = value;
}

/**
 * Several buttons of which one is pressed.
 * @param {string} label
 * @param {[string, string][]} options value and words
 * @param {string} value
 * @param {(value: string) => void} chosen
 */
export function segments(label, options, value, chosen) {
  const buttons = options.map(([key, text]) =>
    h(
      "button",
      { type: "button", "data-key": `${label} ${key}`, "aria-pressed": String(key === value), click: () => chosen(key) },
      text,
    ),
  );
  return h("div", { class: "cm-segments", role: "group", "aria-label": label }, ...buttons);
}

/** The threshold: as given, or from a score on. */
export class Threshold {
  /** @param {(threshold: number | null) => void} chosen */
  constructor(chosen) {
    this.chosen = chosen;
    /** @type {View["steps"]} */
    this.steps = null;
    this.box = h("input", { type: "checkbox", "data-role": "by-score", change: () => this.toggle() });
    this.slider = h("input", {
      type: "range",
      min: 0,
      "data-role": "threshold",
      "aria-label": "Threshold",
      input: () => this.slide(),
    });
    this.output = h("output", { class: "cm-number" });
    this.label = h("label", {}, this.box, h("span", {}, "Auto on from score"));
    this.none = h("span", { class: "cm-soft" }, "This tag has no scores");
    this.element = h("div", { class: "cm-threshold" }, this.label, this.slider, this.output, this.none);
  }

  get value() {
    const { low, high, count } = this.steps ?? { low: 0, high: 1, count: 101 };
    const share = count > 1 ? Number(this.slider.value) / (count - 1) : 0;
    return Math.round((low + (high - low) * share) * 1e6) / 1e6;
  }

  toggle() {
    this.chosen(this.box.checked ? this.value : null);
  }

  slide() {
    setText(this.output, number(this.value));
    this.slider.setAttribute("aria-valuetext", number(this.value));
    this.chosen(this.value);
  }

  /**
   * @param {View["steps"]} steps
   * @param {number | null} threshold
   * @param {boolean} moving whether a person is about to move it further
   */
  draw(steps, threshold, moving) {
    this.steps = steps;
    this.none.hidden = steps !== null;
    this.label.hidden = this.slider.hidden = this.output.hidden = steps === null;
    if (!steps || moving) return;
    this.box.checked = threshold !== null;
    this.slider.max = String(steps.count - 1);
    const middle = steps.low <= 0.5 && steps.high >= 0.5 ? 0.5 : (steps.low + steps.high) / 2;
    const share = ((threshold ?? middle) - steps.low) / (steps.high - steps.low || 1);
    this.slider.value = String(Math.round(share * (steps.count - 1)));
    setAttribute(this.slider, "aria-valuetext", threshold === null ? "as given" : number(threshold));
    this.slider.classList.toggle("cm-idle", threshold === null);
    setText(this.output, threshold === null ? "as given" : number(threshold));
  }
}

/**
 * The figures of one tag and slice; pressing one draws its slices.
 * @param {View} view
 * @param {Choices} choices
 * @param {(measure: string) => void} chosen
 */
export function figureCards(view, choices, chosen) {
  return view.figures.map((figure) => {
    const about = choices.measures.find(({ name }) => name === figure.metric);
    const props = {
      type: "button",
      class: "cm-card",
      "data-key": `measure ${figure.metric}`,
      "data-measure": figure.metric,
      "aria-pressed": String(figure.metric === view.chosen.measure),
      title: about?.meaning,
      click: () => chosen(figure.metric),
    };
    return h(
      "button",
      props,
      h("span", { class: "cm-card-name" }, about?.title ?? figure.metric),
      h("span", { class: "cm-card-value" }, number(figure.estimate)),
      h("span", { class: "cm-card-reach" }, reachWords(figure)),
      bar(figure, floorOf([figure])),
      flagWord(figure, view),
    );
  });
}

/** @param {Measured} figure */
function reachWords({ low, high }) {
  return low === null ? "no interval" : `${number(low)} to ${number(high)}`;
}

/**
 * @param {Measured} figure
 * @param {View} view
 */
function flagWord(figure, view) {
  return figure.flag ? h("span", { class: "cm-flag", title: view.words.flags[figure.flag] }, plain(figure.flag)) : null;
}

/**
 * The measure of each slice, all of them on one scale; pressing one shows that slice alone.
 * @param {View} view
 * @param {(place: number | null) => void} chosen
 */
export function sliceRows(view, chosen) {
  const { rows, every, chosen: now } = view;
  const floor = floorOf([every, ...rows]);
  const total = rows.reduce((sum, row) => sum + row.n, 0);
  const all = { ...every, name: "All", place: null, n: rows.length ? total : view.counts.n };
  const lines = [all, ...rows].map((row, index) => {
    const isAll = index === 0;
    const can = isAll || row.place !== null;
    const pressed = isAll ? now.slice === null : row.place !== null && row.place === now.slice;
    const props = {
      type: "button",
      class: isAll ? "cm-slice cm-all" : "cm-slice",
      "data-key": `slice ${row.place ?? row.name}`,
      "data-slice": row.name,
      "aria-pressed": String(pressed),
      disabled: !can,
      click: () => chosen(isAll ? null : row.place),
    };
    return h(
      "button",
      props,
      h("span", { class: "cm-slice-name", title: row.name }, row.name),
      h("span", { class: "cm-slice-n cm-number" }, row.n.toLocaleString("en")),
      bar(row, floor, isAll ? null : every.estimate),
      h(
        "span",
        { class: "cm-slice-value" },
        h("b", { class: "cm-number" }, number(row.estimate)),
        h("span", { class: "cm-slice-reach cm-number" }, row.low === null ? "" : reachWords(row)),
        flagWord(row, view),
      ),
    );
  });
  return [scale(floor), ...lines];
}

/** @param {number} floor */
function scale(floor) {
  const besideZero = -floor / (1 - floor) < 0.25; // its figure would stand in that of zero
  const marks = floor === 0 ? [0, 0.5, 1] : besideZero ? [0, 1] : [floor, 0, 1];
  const ends = marks.map((mark) => {
    const tick = h("span", {}, String(mark).replace("-", "−"));
    tick.style.left = `${(100 * (mark - floor)) / (1 - floor)}%`;
    tick.style.transform = mark === floor ? "none" : "";
    return tick;
  });
  const head = (/** @type {string} */ text) => h("span", {}, text);
  return h("div", { class: "cm-scale", "aria-hidden": "true" }, head("Slice"), head("Decisions"), h("span", {}, ...ends), head("Estimate"));
}

/**
 * How often auto and human were on or off; the two ways to disagree can be pressed.
 * @param {View} view
 * @param {(kind: string | null) => void} chosen
 */
export function confusion(view, chosen) {
  const { counts, chosen: now } = view;
  const share = (/** @type {number} */ count) => (counts.n ? `${((100 * count) / counts.n).toFixed(1)} %` : "");
  const cell = (/** @type {"tp" | "fp" | "fn" | "tn"} */ name, /** @type {number} */ kind) => {
    const content = [h("b", { class: "cm-number" }, counts[name].toLocaleString("en")), h("span", {}, share(counts[name]))];
    const shade = counts.n ? Math.round((55 * counts[name]) / counts.n) : 0;
    const inner =
      kind < 0
        ? h("div", { class: "cm-count", "data-count": name }, ...content)
        : h(
            "button",
            {
              type: "button",
              class: "cm-count",
              "data-count": name,
              "data-key": `count ${name}`,
              "aria-pressed": String(now.kind === KINDS[kind]),
              click: () => chosen(now.kind === KINDS[kind] ? null : KINDS[kind]),
            },
            ...content,
            h("span", { class: "cm-unseen" }, ` ${KINDS[kind]}s: show them`),
          );
    inner.style.setProperty("--cm-shade", `${shade}%`);
    return h("td", {}, inner);
  };
  const head = (/** @type {string} */ text, scope = "col") => h("th", { scope }, text);
  return h(
    "table",
    { class: "cm-confusion" },
    h("thead", {}, h("tr", {}, h("td", {}), head("Human on"), head("Human off"))),
    h(
      "tbody",
      {},
      h("tr", {}, head("Auto on", "row"), cell("tp", -1), cell("fp", 0)),
      h("tr", {}, head("Auto off", "row"), cell("fn", 1), cell("tn", -1)),
    ),
  );
}

/**
 * @param {Item} item
 * @param {boolean} pictures
 */
export function tile(item, pictures) {
  const detail = [item.score && `score ${item.score}`, item.reviewer].filter(Boolean).join(" · ");
  return h(
    "figure",
    { class: "cm-shot", "data-review-id": item.id },
    pictures ? h("div", { class: "cm-shot-picture" }) : null,
    h(
      "figcaption",
      {},
      h("span", { class: "cm-shot-said" }, SAID[item.kind]),
      h("span", { class: "cm-shot-detail cm-number" }, detail),
      h("span", { class: "cm-shot-name", title: item.name }, item.name),
    ),
  );
}

/**
 * @param {Element} figure
 * @param {string | null | undefined} url the address, null where there is no picture, undefined while it is fetched
 */
export function paintShot(figure, url) {
  const place = figure.querySelector(".cm-shot-picture");
  if (!place) return;
  setAttribute(place, "aria-busy", url === undefined ? "true" : null);
  const now = place.querySelector("img")?.getAttribute("src");
  if (url === undefined || (url !== null && url === now)) return;
  const words = (/** @type {string} */ text) => h("div", { class: "cm-shot-none" }, icon("broken"), h("span", {}, text));
  if (url === null) {
    place.replaceChildren(words("no picture"));
    return;
  }
  const name = figure.querySelector(".cm-shot-name")?.textContent ?? "";
  place.replaceChildren(h("img", { src: url, alt: name, error: () => place.replaceChildren(words("cannot be read")) }));
}
