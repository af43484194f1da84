// A scrolling grid of equal tiles of which only those near the view exist. It knows places and focus, not reviews.
import { h, setAttribute } from "./shared.js";

/** The space between tiles, in CSS pixels. */
const GAP = 8;

/** How many rows beyond the view exist, on either side. */
const BEYOND = 2;

/** How many rows beyond those are named as coming, once somebody scrolls. */
const FURTHER = 8;

/**
 * @typedef {object} GridHooks
 * @property {(id: string, index: number) => HTMLElement} make makes a tile
 * @property {() => number} least says how wide a tile is at least
 * @property {(width: number) => number} height says how high a tile of that width is
 * @property {(ids: string[], further: string[]) => void} near is told which tiles exist, those in view first, and which
 *   a scroll brings next
 */

export class Grid {
  /**
   * @param {HTMLElement} element
   * @param {GridHooks} hooks
   */
  constructor(element, hooks) {
    this.element = element;
    this.hooks = hooks;
    this.space = h("div", { class: "cm-space", role: "presentation" });
    element.append(this.space);
    /** @type {string[]} */
    this.ids = [];
    /** @type {Map<string, number>} */
    this.index = new Map();
    /** @type {Map<number, HTMLElement>} */
    this.rows = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.tiles = new Map();
    this.active = "";
    this.coming = 0;
    this.lastTop = 0;
    this.scrolled = false;
    this.columns = 1;
    this.width = 0;
    this.rowHeight = 1;
    this.frame = 0;
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(element);
    element.addEventListener("scroll", () => this.later(), { passive: true });
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /**
   * Show other tiles; the place in the grid stays unless `top` is said.
   * @param {string[]} ids
   * @param {boolean} top
   * @param {number} [coming] how many more will follow: there is room for them from the start
   */
  show(ids, top, coming = 0) {
    this.ids = ids;
    this.coming = coming;
    this.index = new Map(ids.map((id, index) => [id, index]));
    if (!this.index.has(this.active)) this.active = ids[0] ?? "";
    this.clear();
    if (top) this.element.scrollTop = 0;
    this.measure(true);
  }

  clear() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.tiles.clear();
  }

  /** @param {boolean} [force] */
  measure(force = false) {
    const style = getComputedStyle(this.element);
    const inner = this.element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (inner <= 0) return;
    const columns = Math.max(1, Math.floor((inner + GAP) / (this.hooks.least() + GAP)));
    const width = Math.floor((inner - GAP * (columns - 1)) / columns);
    if (force || columns !== this.columns || width !== this.width) {
      const first = Math.floor(this.element.scrollTop / this.rowHeight) * this.columns;
      const anew = force || columns !== this.columns;
      const focused = anew && !force && this.element.contains(document.activeElement);
      this.columns = columns;
      this.width = width;
      this.rowHeight = this.hooks.height(width) + GAP;
      if (anew) this.clear();
      else for (const [row, element] of this.rows) this.place(element, row);
      const rows = Math.ceil((this.ids.length + this.coming) / columns);
      this.space.style.height = `${Math.max(0, rows * this.rowHeight - GAP)}px`;
      setAttribute(this.element, "aria-rowcount", rows);
      setAttribute(this.element, "aria-colcount", columns);
      if (!force && first > 0) this.element.scrollTop = Math.floor(first / columns) * this.rowHeight;
      if (focused) this.activate(this.active, true);
    }
    this.render();
  }

  later() {
    if (!this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.render();
      });
    }
  }

  /**
   * Make the rows near the view and drop the others; the row with the active tile stays, for it may have the focus.
   * Their pictures are asked for first: they are on their way while the rows are made.
   */
  render() {
    const rows = Math.ceil(this.ids.length / this.columns);
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / this.rowHeight));
    const last = Math.min(rows - 1, Math.floor((top + this.element.clientHeight) / this.rowHeight));
    const kept = new Set();
    for (let row = Math.max(0, first - BEYOND); row <= Math.min(rows - 1, last + BEYOND); row++) kept.add(row);
    const pinned = this.index.get(this.active);
    if (pinned !== undefined) kept.add(Math.floor(pinned / this.columns));
    const inView = (/** @type {number} */ row) => row >= first && row <= last;
    const order = [...kept].sort((a, b) => Number(inView(b)) - Number(inView(a)) || a - b);
    this.hooks.near(order.flatMap((row) => this.idsOf(row)), this.further(first, last));
    for (const [row, element] of this.rows) {
      if (kept.has(row)) continue;
      element.remove();
      this.rows.delete(row);
      this.idsOf(row).forEach((id) => this.tiles.delete(id));
    }
    for (const row of [...kept].sort((a, b) => a - b)) {
      if (!this.rows.has(row)) this.makeRow(row);
    }
  }

  /**
   * Those that a scroll in the same direction brings next: their pictures can be asked for before there are tiles.
   * @param {number} first
   * @param {number} last
   */
  further(first, last) {
    const down = this.element.scrollTop >= this.lastTop;
    if (this.element.scrollTop !== this.lastTop) this.scrolled = true;
    this.lastTop = this.element.scrollTop;
    if (!this.scrolled) return [];
    if (down) return this.ids.slice((last + BEYOND + 1) * this.columns, (last + BEYOND + 1 + FURTHER) * this.columns);
    const end = Math.max(0, (first - BEYOND) * this.columns);
    return this.ids.slice(Math.max(0, end - FURTHER * this.columns), end).reverse();
  }

  /** The ids of the tiles that are in view, at least in part. */
  inView() {
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / this.rowHeight));
    const last = Math.floor((top + this.element.clientHeight) / this.rowHeight);
    return this.ids.slice(first * this.columns, (last + 1) * this.columns);
  }

  /** @param {number} row */
  idsOf(row) {
    return this.ids.slice(row * this.columns, (row + 1) * this.columns);
  }

  /**
   * Put a row where it belongs.
   * @param {HTMLElement} element
   * @param {number} row
   */
  place(element, row) {
    element.style.transform = `translateY(${row * this.rowHeight}px)`;
    element.style.gridTemplateColumns = `repeat(${this.columns}, ${this.width}px)`;
    element.style.height = `${this.rowHeight - GAP}px`;
  }

  /** @param {number} row */
  makeRow(row) {
    const element = h("div", { class: "cm-row", role: "row", "aria-rowindex": row + 1 });
    this.place(element, row);
    this.idsOf(row).forEach((id, column) => {
      const tile = this.hooks.make(id, row * this.columns + column);
      setAttribute(tile, "aria-colindex", column + 1);
      this.reach(tile, id === this.active);
      this.tiles.set(id, tile);
      element.append(tile);
    });
    this.rows.set(row, element);
    const after = [...this.rows.keys()].filter((other) => other > row).sort((a, b) => a - b)[0];
    this.space.insertBefore(element, after === undefined ? null : (this.rows.get(after) ?? null));
  }

  /**
   * Only the active tile and what is in it take part in the Tab order.
   * @param {HTMLElement} tile
   * @param {boolean} active
   */
  reach(tile, active) {
    tile.tabIndex = active ? 0 : -1;
    tile.classList.toggle("cm-active", active);
    const stops = tile.querySelectorAll("button:not(.cm-frame-tag), .cm-lines");
    for (const stop of stops) if (stop instanceof HTMLElement) stop.tabIndex = active ? 0 : -1;
  }

  /**
   * Make a tile the active one.
   * @param {string} id
   * @param {boolean} [focus]
   * @param {boolean} [follow] whether the view goes there with the focus
   */
  activate(id, focus = false, follow = focus) {
    const index = this.index.get(id);
    if (index === undefined) return;
    const before = this.tiles.get(this.active);
    if (before && id !== this.active) this.reach(before, false);
    this.active = id;
    if (follow) this.scrollTo(Math.floor(index / this.columns));
    if (!this.tiles.has(id)) this.render();
    const tile = this.tiles.get(id);
    if (!tile) return;
    this.reach(tile, true);
    if (focus) tile.focus({ preventScroll: true });
  }

  /** @param {number} row */
  scrollTo(row) {
    const top = row * this.rowHeight;
    const bottom = top + this.rowHeight - GAP;
    const view = this.element;
    const style = getComputedStyle(view);
    const padding = parseFloat(style.paddingTop);
    if (top < view.scrollTop) view.scrollTop = Math.max(0, top - padding / 2);
    else if (bottom + 2 * padding > view.scrollTop + view.clientHeight) {
      view.scrollTop = bottom + 2 * padding - view.clientHeight;
    }
    this.render();
  }

  /**
   * Move the focus as an arrow key says; false when the key is none of ours.
   * @param {string} key
   */
  move(key) {
    const from = this.index.get(this.active) ?? 0;
    const last = this.ids.length - 1;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight)) * this.columns;
    /** @type {Record<string, number>} */
    const targets = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from - this.columns,
      ArrowDown: from + this.columns,
      PageUp: Math.max(from % this.columns, from - page),
      PageDown: Math.min(last, from + page),
      Home: 0,
      End: last,
    };
    let to = targets[key];
    if (to === undefined || last < 0) return false;
    const lastRow = Math.floor(last / this.columns);
    if (key === "ArrowDown" && to > last && Math.floor(from / this.columns) < lastRow) to = last;
    if (to >= 0 && to <= last) this.activate(this.ids[to], true);
    else this.activate(this.active, true);
    return true;
  }
}
