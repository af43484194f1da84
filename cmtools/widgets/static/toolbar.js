// The board's toolbar: Prev with its countdown, Next, filter, slider, help, and the line that says how far the work is.
import { counted, h, icon, ring, setAttribute, setText } from "./shared.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */
/** @typedef {"all" | "tagged" | "untagged"} Filter */

/** @type {Filter[]} */
export const FILTERS = ["all", "tagged", "untagged"];
export const FILTER_NAMES = { all: "All", tagged: "Tagged", untagged: "Untagged" };

/** How long the slider rests before it counts, in milliseconds. */
const SLIDER_REST = 350;

/** How far the slider goes, unless more are shown already. */
const SLIDER_MOST = 100;

/**
 * @typedef {object} ToolbarHooks
 * @property {() => void} next
 * @property {() => void} prev
 * @property {(filter: Filter) => void} choose
 * @property {(count: number) => void} count
 * @property {() => void} help
 */

export class Toolbar {
  /**
   * @param {Store} store
   * @param {ToolbarHooks} hooks
   */
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    this.sliderTimer = 0;
    this.seconds = h("span", { class: "cm-seconds" });
    this.countdown = h("span", { class: "cm-countdown", "aria-hidden": "true", hidden: true }, ring(), this.seconds);
    this.prevTells = h("span", { class: "cm-unseen" });
    const parts = [icon("prev"), h("span", {}, "Prev"), this.prevTells, this.countdown];
    this.prev = toolButton("prev", "", hooks.prev, parts);
    this.nextText = h("span", {}, "Next");
    this.next = toolButton("next", "cm-primary", hooks.next, [this.nextText, icon("next")]);
    this.filters = FILTERS.map((filter) => filterButton(filter, () => hooks.choose(filter)));
    this.slider = h("input", {
      type: "range",
      "data-role": "count",
      min: 1,
      max: SLIDER_MOST,
      "aria-label": "Reviews to display",
      input: () => this.slide(),
    });
    this.sliderText = h("output", { class: "cm-number" });
    this.progress = h("div", { class: "cm-progress-text" });
    this.who = h("div", { class: "cm-who" });
    this.progressFill = h("div", { class: "cm-progress-fill" });
    this.element = this.build();
  }

  build() {
    const help = h(
      "button",
      { type: "button", class: "cm-quiet", "data-action": "help", title: "Keys (?)", click: this.hooks.help },
      h("span", { "aria-hidden": "true" }, "?"),
      h("span", { class: "cm-unseen" }, "Keyboard help"),
    );
    const buttons = this.filters.map(({ button }) => button);
    return h(
      "header",
      {},
      h(
        "div",
        { class: "cm-toolbar", role: "group", "aria-label": "Steps and filters" },
        h("div", { class: "cm-steps" }, this.prev, this.next),
        h("div", { class: "cm-filters", role: "group", "aria-label": "Show" }, ...buttons),
        h("label", { class: "cm-slider" }, h("span", {}, "Reviews to display"), this.slider, this.sliderText),
        help,
      ),
      h(
        "div",
        { class: "cm-progress" },
        h("div", { class: "cm-progress-line" }, this.progress, this.who),
        h("div", { class: "cm-progress-bar", "aria-hidden": "true" }, this.progressFill),
      ),
    );
  }

  close() {
    clearTimeout(this.sliderTimer);
  }

  /**
   * @param {Filter} filter the one that is chosen
   * @param {number} hidden how many reviews it hides
   */
  draw(filter, hidden) {
    const { state, busy, items, total } = this.store;
    const held = state ? total - state.lost.length : 0;
    const can = state?.phase === "reviewing";
    setText(this.nextText, can ? `Next · submit ${held}` : "Next");
    enable(this.next, can && !busy);
    const also = hidden > 0 ? `, also the ${hidden} that the filter hides` : "";
    setAttribute(this.next, "title", `Submit everything on the screen${also} (n)`);
    const tagged = [...items.values()].filter((item) => item.on.size > 0).length;
    const numbers = { all: items.size, tagged, untagged: items.size - tagged };
    for (const { name, button, number } of this.filters) {
      setAttribute(button, "aria-pressed", String(name === filter));
      setText(number, String(numbers[name]));
    }
    if (state && !this.sliderTimer) this.drawSlider(state.count);
    setText(this.progress, state ? progressText(state, held) : "Waiting for the kernel …");
    const where = state?.subteam ? `${state.team} / ${state.subteam}` : (state?.team ?? "");
    setText(this.who, state ? [state.reviewer, where].filter(Boolean).join(" · ") : "");
    this.progressFill.style.width = `${state?.queue.total ? (state.queue.done / state.queue.total) * 100 : 0}%`;
    this.tick();
  }

  /** The countdown: the service said how long, and between its messages only the number changes. */
  tick() {
    const { state, busy, undoLeft } = this.store;
    const open = undoLeft > 0 && state !== null;
    enable(this.prev, open && !busy);
    this.countdown.hidden = !open;
    const count = state ? counted(state.undo.count, state.kind) : "";
    setAttribute(this.prev, "title", open ? `Take ${count} back (p)` : "Nothing to take back");
    setText(this.prevTells, open ? `: take ${count} back` : "");
    if (!open) return;
    setText(this.seconds, String(Math.ceil(undoLeft)));
    this.countdown.style.setProperty("--cm-left", String((undoLeft / (state.undo.window || undoLeft)) * 100));
  }

  /** @param {number} count */
  drawSlider(count) {
    this.slider.max = String(Math.max(SLIDER_MOST, count));
    this.slider.value = String(count);
    setText(this.sliderText, String(count));
  }

  /** Show the number at once, and ask for it when the slider has come to rest and nothing else is under way. */
  slide() {
    setText(this.sliderText, this.slider.value);
    clearTimeout(this.sliderTimer);
    const rest = () => {
      if (this.store.busy) {
        this.sliderTimer = window.setTimeout(rest, SLIDER_REST);
        return;
      }
      this.sliderTimer = 0;
      if (Number(this.slider.value) !== this.store.state?.count) this.hooks.count(Number(this.slider.value));
    };
    this.sliderTimer = window.setTimeout(rest, SLIDER_REST);
  }
}

/**
 * @param {string} action
 * @param {string} more
 * @param {() => void} click
 * @param {Node[]} children
 */
function toolButton(action, more, click, children) {
  const name = `cm-button ${more}`.trim();
  return h("button", { type: "button", class: name, "data-action": action, click }, ...children);
}

/**
 * @param {Filter} name
 * @param {() => void} click
 */
function filterButton(name, click) {
  const number = h("span", { class: "cm-number" });
  const button = h(
    "button",
    { type: "button", "data-filter": name, "aria-pressed": "false", click },
    h("span", {}, FILTER_NAMES[name]),
    number,
  );
  return { name, button, number };
}

/**
 * A disabled button stays in the Tab order, so that the focus is not lost when it becomes so.
 * @param {HTMLElement} button
 * @param {boolean} can
 */
function enable(button, can) {
  setAttribute(button, "aria-disabled", can ? null : "true");
}

/**
 * @param {State} state
 * @param {number} held
 */
function progressText(state, held) {
  if (state.phase === "error") return "Not connected";
  const { waiting, kept, elsewhere, done, total } = state.queue;
  const parts = [`${held.toLocaleString("en")} on screen`];
  if (kept) parts.push(`${kept.toLocaleString("en")} kept for next`);
  parts.push(`${waiting.toLocaleString("en")} waiting`);
  if (elsewhere) parts.push(`${elsewhere.toLocaleString("en")} held elsewhere`);
  parts.push(`${done.toLocaleString("en")} of ${total.toLocaleString("en")} done`);
  return parts.join(" · ");
}
