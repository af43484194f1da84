// The agreement dashboard in the browser: it draws what Python measured (cmtools/widgets/dashboard.py).
//
// To Python:   ready | choose {tag, by, slice, measure, threshold, blind, kind, page, n} | thumbs {ids}
// From Python: choices {...} | view {chosen, figures, ..., page, n} or {error, page, n}
//              thumbs {ids, none, failed, error} + buffers
import { h, icon, setAttribute, setText } from "./shared.js";
import { Looking } from "./dashboard_store.js";
import { curves, number, thresholdAt } from "./charts.js";
import {
  KINDS,
  Threshold,
  confusion,
  figureCards,
  fill,
  paintShot,
  picker,
  plain,
  plural,
  redraw,
  segments,
  sliceRows,
  tile,
} from "./dashboard_parts.js";

/** @typedef {import("./dashboard_parts.js").Choices} Choices */
/** @typedef {import("./dashboard_parts.js").View} View */

/** With this many tags or fewer they stand side by side, else in a list. */
const FEW_TAGS = 6;

const BLINDS = /** @type {[string, string][]} */ ([
  ["only", "Blind reviews"],
  ["never", "Auto tags shown"],
  ["together", "Both"],
]);
const BLIND_WORDS = "A reviewer who sees the auto tags set agrees with them more often.";

class DashboardView {
  /**
   * @param {Looking} store
   * @param {HTMLElement} el
   */
  constructor(store, el) {
    this.store = store;
    this.tags = h("div", { class: "cm-field cm-tags-field" });
    this.tagPicker = picker("Tag", (tag) => store.choose({ tag }));
    this.byPicker = picker("Slices", (by) => store.choose({ by: by || null, slice: null }));
    this.measurePicker = picker("Measure", (measure) => store.choose({ measure }));
    this.threshold = new Threshold((threshold) => store.choose({ threshold }));
    this.blind = h("div", { class: "cm-blind" });
    this.notice = h("div", { class: "cm-notice-line", role: "alert", hidden: true });
    this.about = h("p", { class: "cm-about" }, "Waiting for the kernel …");
    this.where = h("h3", {});
    this.cards = h("div", { class: "cm-cards", role: "group", "aria-label": "Figures" });
    this.chartTitle = h("h3", {});
    this.chartWords = h("p", { class: "cm-soft" });
    this.rows = h("div", { class: "cm-slices", role: "group", "aria-label": "Slices" });
    this.countsTitle = h("h3", {});
    this.counts = h("div", {});
    this.curve = h("div", { class: "cm-curve", click: (/** @type {MouseEvent} */ event) => this.point(event) });
    this.curvePart = h("section", {}, h("h3", {}, "Precision and recall by threshold"), this.curve);
    this.shotsTitle = h("h3", {});
    this.shotsFilter = h("div", {});
    this.shots = h("div", { class: "cm-shots" });
    this.words = h("div", { class: "cm-words" });
    this.live = h("div", { class: "cm-unseen", role: "status" });
    this.body = h("div", { class: "cm-body", hidden: true });
    this.root = this.build();
    el.append(this.root);
    this.listen = this.listen.bind(this);
    store.listeners.add(this.listen);
    this.draw();
    store.open();
  }

  close() {
    this.store.listeners.delete(this.listen);
    this.store.thumbs.leave(this);
    this.root.remove();
  }

  build() {
    const controls = h(
      "div",
      { class: "cm-controls", role: "group", "aria-label": "What is shown" },
      this.tags,
      this.tagPicker.element,
      this.byPicker.element,
      this.measurePicker.element,
      this.threshold.element,
    );
    const chart = h("section", { class: "cm-chart" }, this.chartTitle, this.chartWords, this.rows);
    const side = h("div", { class: "cm-side" }, h("section", {}, this.countsTitle, this.counts), this.curvePart);
    const heading = h("div", { class: "cm-shots-head" }, this.shotsTitle, this.shotsFilter);
    this.body.append(
      controls,
      this.blind,
      h("section", { class: "cm-figures" }, this.where, this.cards),
      h("div", { class: "cm-two" }, chart, side),
      h("section", {}, heading, this.shots),
      this.words,
    );
    const props = {
      class: "cm-dashboard",
      "aria-label": "Agreement dashboard",
      "data-lm-suppress-shortcuts": "true",
      tabindex: -1,
      keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
      keyup: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(),
    };
    const head = h("header", { class: "cm-head" }, h("h2", {}, "Agreement of auto and human tags"), this.about);
    return h("section", props, head, this.notice, this.body, this.live);
  }

  /**
   * Arrows go from slice to slice and from figure to figure; the notebook hears no key that is pressed in here.
   * @param {KeyboardEvent} event
   */
  press(event) {
    if (event.key !== "Tab") event.stopPropagation();
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const at = event.target;
    if (!step || !(at instanceof HTMLButtonElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const group = at.closest(".cm-slices, .cm-cards, .cm-segments, .cm-confusion");
    const buttons = group ? [...group.querySelectorAll("button:not([disabled])")] : [];
    const next = buttons[buttons.indexOf(at) + step];
    if (next instanceof HTMLElement) next.focus();
    if (group) event.preventDefault();
  }

  /** @param {MouseEvent} event */
  point(event) {
    const svg = this.curve.querySelector("svg");
    const curve = this.store.view?.curve;
    if (svg && curve) this.store.choose({ threshold: thresholdAt(svg, curve, event.clientX) });
  }

  /** @param {string[] | null} ids */
  listen(ids) {
    if (ids === null) this.draw();
    else for (const figure of this.shots.children) this.paint(figure);
  }

  draw() {
    const { choices, view, error, quiet } = this.store;
    const silent = "The kernel does not answer. It may be busy with another cell; if it was restarted, run this cell again.";
    this.notice.hidden = !error && !quiet;
    if (!this.notice.hidden) this.notice.replaceChildren(icon("warning"), h("span", {}, quiet ? silent : error));
    this.root.classList.toggle("cm-stale", quiet);
    if (!choices || !view) return;
    this.body.hidden = false;
    const level = `${+(100 * choices.level).toFixed(2)} %`;
    setText(this.about, `${plural(choices.decisions, "decision")} · ${level} intervals · the human tag counts as the truth`);
    this.drawControls(choices, view);
    const where = whereWords(choices, view);
    setText(this.where, `Tag ${view.chosen.tag}${where && `, ${where}`}`);
    setText(this.countsTitle, `Auto against human${where && `, ${where}`}`);
    redraw(this.cards, ...figureCards(view, choices, (measure) => this.store.choose({ measure })));
    this.drawChart(choices, view);
    this.drawShots(view);
    redraw(this.words, ...meanings(view));
    this.say(choices, view);
  }

  /**
   * @param {Choices} choices
   * @param {View} view
   */
  drawControls(choices, view) {
    const { chosen } = view;
    const few = choices.tags.length <= FEW_TAGS;
    const names = choices.tags.map((tag) => /** @type {[string, string]} */ ([tag, tag]));
    this.tags.hidden = !few;
    this.tagPicker.element.hidden = few;
    if (few) redraw(this.tags, h("span", {}, "Tag"), segments("Tag", names, chosen.tag, (tag) => this.store.choose({ tag })));
    else fill(this.tagPicker.select, names, chosen.tag);
    const columns = choices.columns.map(({ name }) => /** @type {[string, string]} */ ([name, `by ${plain(name)}`]));
    fill(this.byPicker.select, [["", "none"], ...columns], chosen.by ?? "");
    const measures = choices.measures.map(({ name, title }) => /** @type {[string, string]} */ ([name, title]));
    fill(this.measurePicker.select, measures, chosen.measure);
    this.threshold.draw(view.steps, chosen.threshold, this.store.waiting || this.store.next !== null);
    this.blind.hidden = !choices.blinds;
    if (!choices.blinds) return;
    const change = (/** @type {string} */ blind) => this.store.choose({ blind });
    redraw(this.blind, segments("Reviews", BLINDS, chosen.blind, change), h("span", { class: "cm-soft" }, BLIND_WORDS));
  }

  /**
   * @param {Choices} choices
   * @param {View} view
   */
  drawChart(choices, view) {
    const { chosen, curve } = view;
    const about = choices.measures.find(({ name }) => name === chosen.measure);
    const title = about?.title ?? chosen.measure;
    setText(this.chartTitle, `${title} of tag ${chosen.tag}${chosen.by ? ` by ${plain(chosen.by)}` : ""}`);
    setText(this.chartWords, about ? `${about.meaning.charAt(0).toUpperCase()}${about.meaning.slice(1)}.` : "");
    redraw(this.rows, ...sliceRows(view, (slice) => this.store.choose({ slice })));
    redraw(this.counts, confusion(view, (kind) => this.store.choose({ kind })), ...missing(view));
    this.curvePart.hidden = !curve;
    this.curve.replaceChildren(...(curve ? [curves(curve, chosen.threshold)] : []));
  }

  /** @param {View} view */
  drawShots(view) {
    const { disagreements, chosen } = view;
    const { total, items } = disagreements;
    const words = chosen.kind ?? "disagreement";
    const order = items.some(({ score }) => score) ? ", the most confident wrong scores first" : "";
    const shown = items.length < total ? `${items.length} of ${plural(total, words)}` : plural(total, words);
    setText(this.shotsTitle, `${shown}${order}`);
    const kinds = /** @type {[string, string][]} */ ([["", "All"], ...KINDS.map((kind) => [kind, `${kind}s`])]);
    redraw(this.shotsFilter, segments("Show", kinds, chosen.kind ?? "", (kind) => this.store.choose({ kind: kind || null })));
    this.shots.classList.toggle("cm-bare", !chosen.pictures);
    const key = JSON.stringify([items, chosen.pictures]);
    if (this.shots.dataset.drawn !== key) {
      this.shots.dataset.drawn = key;
      this.shots.replaceChildren(...items.map((item) => tile(item, chosen.pictures)));
      if (!items.length) this.shots.append(h("p", { class: "cm-soft" }, nothing(view)));
    }
    const ids = chosen.pictures ? items.map(({ id }) => id) : [];
    this.store.thumbs.want(this, [...new Set(ids)]);
    for (const figure of this.shots.children) this.paint(figure);
  }

  /** @param {Element} figure */
  paint(figure) {
    if (figure instanceof HTMLElement && figure.dataset.reviewId !== undefined) {
      paintShot(figure, this.store.thumbs.url(figure.dataset.reviewId));
    }
  }

  /**
   * @param {Choices} choices
   * @param {View} view
   */
  say(choices, view) {
    const { chosen, figures } = view;
    const figure = figures.find(({ metric }) => metric === chosen.measure);
    const title = choices.measures.find(({ name }) => name === chosen.measure)?.title ?? "";
    const reach = figure && figure.low !== null ? `, ${number(figure.low)} to ${number(figure.high)}` : "";
    const flag = figure?.flag ? `, ${plain(figure.flag)}` : "";
    setText(this.live, `${title} of ${chosen.tag}, ${whereWords(choices, view) || "all"}: ${number(figure?.estimate ?? null)}${reach}${flag}.`);
  }
}

/**
 * The one slice that is shown, in words; empty for all of them.
 * @param {Choices} choices
 * @param {View} view
 */
function whereWords(choices, { chosen }) {
  const column = choices.columns.find(({ name }) => name === chosen.by);
  return column && chosen.slice !== null ? `${plain(column.name)} ${column.slices[chosen.slice]}` : "";
}

/** @param {View} view */
function missing(view) {
  const { missing: lacking, n } = view.counts;
  const words = `${plural(n, "decision")}${lacking ? `, and ${lacking.toLocaleString("en")} without an auto tag` : ""}`;
  return [h("p", { class: "cm-soft" }, words)];
}

/** @param {View} view */
function nothing(view) {
  if (!view.counts.n) return "There is no decision to measure.";
  return view.chosen.kind ? `There is no ${view.chosen.kind}.` : "Auto and human tags agree on every decision.";
}

/**
 * What the flags and the intervals' methods mean.
 * @param {View} view
 */
function meanings({ words }) {
  const { flags, methods } = words;
  const rows = [
    ...Object.entries(flags).map(([name, meaning]) => [plain(name), meaning]),
    ...Object.entries(methods).map(([name, meaning]) => [plain(name), meaning]),
  ];
  if (!rows.length) return [];
  const list = rows.flatMap(([name, meaning]) => [h("dt", {}, name), h("dd", {}, meaning)]);
  return [h("h3", {}, "Flags and intervals"), h("dl", {}, ...list)];
}

/** One store per dashboard, one view per place where it is shown. */
export default () => {
  /** @type {Looking} */
  let store;
  return {
    /** @param {{model: import("./shared.js").Model}} about */
    initialize({ model }) {
      store = new Looking(model);
      return () => store.close();
    },
    /** @param {{model: import("./shared.js").Model, el: HTMLElement}} about */
    render({ el }) {
      const view = new DashboardView(store, el);
      return () => view.close();
    },
  };
};
