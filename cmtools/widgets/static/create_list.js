// The entries of a create form as a list of which only the rows near the view exist. It knows rows, not what they mean.
import { h, setAttribute } from "./shared.js";

/** @typedef {import("./create_store.js").Form} Form */
/** @typedef {import("./create_store.js").Row} Row */

/** The height of a row in CSS pixels, as in the style sheet. */
const HEIGHT = 52;

/** How many rows beyond the view exist, on either side. */
const BEYOND = 6;

/**
 * @typedef {object} ListHooks
 * @property {(element: HTMLElement, row: Row) => void} paint
 * @property {(row: Row | null) => void} choose
 * @property {(row: Row) => void} remove
 * @property {(total: number) => void} counted
 */

export class List {
  /**
   * @param {Form} form
   * @param {ListHooks} hooks
   */
  constructor(form, hooks) {
    this.form = form;
    this.hooks = hooks;
    this.show = "all";
    this.find = "";
    this.total = 0;
    this.active = 0;
    /** @type {Row[]} */
    this.rows = [];
    this.first = 0;
    this.asking = 0;
    this.stale = false;
    /** @type {Map<number, HTMLElement>} */
    this.elements = new Map();
    this.chosen = "";
    this.space = h("div", { class: "cm-rows", role: "presentation" });
    this.element = h(
      "div",
      {
        class: "cm-list",
        role: "grid",
        "aria-label": "Entries",
        "aria-multiselectable": "false",
        keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
        click: (/** @type {MouseEvent} */ event) => this.click(event),
      },
      this.space,
    );
    this.element.addEventListener("scroll", () => this.later(), { passive: true });
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.element);
    this.frame = 0;
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /**
   * @param {string} show
   * @param {string} find
   */
  filter(show, find) {
    this.show = show;
    this.find = find;
    this.element.scrollTop = 0;
    this.active = 0;
    this.refresh();
  }

  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
      if (!this.covers()) this.refresh();
    });
  }

  /** The places that should exist now. */
  range() {
    const top = Math.floor(this.element.scrollTop / HEIGHT);
    const seen = Math.ceil(this.element.clientHeight / HEIGHT);
    return { first: Math.max(0, top - BEYOND), last: top + seen + BEYOND };
  }

  covers() {
    const { first, last } = this.range();
    return this.first <= first && this.first + this.rows.length >= Math.min(this.total, last + 1);
  }

  /** Ask for the rows near the view; while an answer is on its way, the next questions become one. */
  refresh() {
    if (this.asking) {
      this.stale = true;
      return;
    }
    const { first, last } = this.range();
    const begin = Math.max(0, first - BEYOND);
    const message = { type: "rows", first: begin, count: last + 2 * BEYOND - begin, show: this.show, find: this.find };
    this.asking = this.form.ask(message, (answer) => {
      this.asking = 0;
      this.total = answer.total;
      this.rows = answer.rows;
      this.first = answer.first;
      this.active = Math.max(0, Math.min(this.active, this.total - 1));
      this.space.style.height = `${this.total * HEIGHT}px`;
      setAttribute(this.element, "aria-rowcount", this.total);
      this.hooks.counted(this.total);
      this.draw();
      if (this.stale || !this.covers()) {
        this.stale = false;
        this.refresh();
      }
    });
  }

  /** @param {number} index */
  rowAt(index) {
    return this.rows[index - this.first];
  }

  draw() {
    const { first, last } = this.range();
    const near = [];
    for (const [index, element] of this.elements) {
      const pinned = index === this.active && index < this.total;
      if ((index < first || index > last || index >= this.total) && !pinned) {
        element.remove();
        this.elements.delete(index);
      }
    }
    for (let index = first; index <= Math.min(last, this.total - 1); index++) {
      const row = this.rowAt(index);
      const element = this.elements.get(index) ?? this.make(index);
      if (!row) continue;
      this.paint(element, row, index);
      if (row.thumb) near.push(row.thumb);
    }
    this.form.thumbs.want(this, near);
  }

  /** @param {number} index */
  make(index) {
    const tabindex = index === this.active ? "0" : "-1";
    const element = h("div", { class: "cm-row", role: "row", "aria-rowindex": index + 1, tabindex });
    element.style.transform = `translateY(${index * HEIGHT}px)`;
    element.dataset.index = String(index);
    this.elements.set(index, element);
    const after = [...this.elements.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
    this.space.insertBefore(element, after === undefined ? null : (this.elements.get(after) ?? null));
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {Row} row
   * @param {number} index
   */
  paint(element, row, index) {
    this.hooks.paint(element, row);
    setAttribute(element, "aria-selected", row.key === this.chosen ? "true" : "false");
    const reach = index === this.active ? "0" : "-1";
    setAttribute(element, "tabindex", reach);
    element.querySelectorAll("button").forEach((button) => setAttribute(button, "tabindex", reach));
  }

  /** Paint again those whose pictures have come. */
  repaint() {
    for (const [index, element] of this.elements) {
      const row = this.rowAt(index);
      if (row) this.paint(element, row, index);
    }
  }

  /**
   * @param {number} index
   * @param {boolean} focus
   */
  activate(index, focus) {
    if (!this.total) return;
    const before = this.active;
    this.active = Math.max(0, Math.min(index, this.total - 1));
    const top = this.active * HEIGHT;
    const view = this.element;
    if (focus && top < view.scrollTop) view.scrollTop = top;
    else if (focus && top + HEIGHT > view.scrollTop + view.clientHeight) view.scrollTop = top + HEIGHT - view.clientHeight;
    this.draw();
    for (const place of new Set([before, this.active])) {
      const row = this.rowAt(place);
      const element = this.elements.get(place);
      if (row && element) this.paint(element, row, place);
    }
    if (focus) this.elements.get(this.active)?.focus({ preventScroll: true });
  }

  /** @param {MouseEvent} event */
  click(event) {
    const at = /** @type {Element} */ (event.target);
    const element = /** @type {HTMLElement | null} */ (at.closest(".cm-row"));
    const row = element ? this.rowAt(Number(element.dataset.index)) : undefined;
    if (!element || !row) return;
    if (at.closest("button")) {
      this.active = Number(element.dataset.index);
      return;
    }
    this.activate(Number(element.dataset.index), true);
    this.hooks.choose(row.key === this.chosen ? null : row);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / HEIGHT) - 1);
    /** @type {Record<string, number>} */
    const steps = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: this.total - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.rowAt(this.active);
    const onRow = event.target instanceof HTMLElement && event.target.classList.contains("cm-row");
    if (event.key in steps) this.activate(steps[event.key], true);
    else if (onRow && row && (event.key === "Enter" || event.key === " ")) {
      this.hooks.choose(row.key === this.chosen ? null : row);
    } else if (onRow && row && event.key === "Delete") this.hooks.remove(row);
    else return;
    event.preventDefault();
  }
}
