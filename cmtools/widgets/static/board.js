// The review board in the browser: it draws what Python holds (cmtools/widgets/board.py), and tells what a person does.
// The messages in both directions are listed at the top of cmtools/widgets/board_talk.py.
import { Details } from "./details.js";
import { FILTERS, FILTER_NAMES, Finder, SORTS, arranged } from "./finding.js";
import { Grid } from "./grid.js";
import { Keyboard } from "./keys.js";
import { KnownCard } from "./known.js";
import { counted, kindOf } from "./kinds.js";
import { heldEntries, holdEntries, moveEntries } from "./menus.js";
import { NoticeBar, Panel } from "./panels.js";
import { Pointer } from "./pointer.js";
import { Selection, SelectionBar } from "./selection.js";
import { h, setAttribute, setText } from "./shared.js";
import { Steps } from "./steps.js";
import { Store } from "./store.js";
import { keysOf, leastWidth, makeTile, paintTile, tileHeight } from "./tile.js";
import { Toolbar } from "./toolbar.js";

/** @typedef {import("./finding.js").Filter} Filter */

export class BoardView {
  /**
   * @param {Store} store
   * @param {HTMLElement} el
   */
  constructor(store, el) {
    this.store = store;
    /** @type {Filter} */
    this.filter = "all";
    this.sort = "";
    /** @type {Map<string, string>} */
    this.keys = new Map();
    this.tagsDrawn = "";
    this.screenIsNew = false;
    this.itemsAreNew = store.items.size > 0;
    this.mine = -1;
    /** How many of what was submitted last a filter hid. */
    this.unseen = 0;
    this.stageSize = "";
    this.drawing = 0;
    this.onScreen = true;
    this.gridElement = h("div", {
      class: "cm-grid",
      role: "grid",
      "aria-label": "Reviews on the screen",
      "aria-multiselectable": "true",
    });
    this.steps = new Steps(this);
    const { finder, toolbar, panel, notice, known, bar, stage } = partsOf(this);
    this.finder = finder;
    this.toolbar = toolbar;
    this.panel = panel;
    this.notice = notice;
    this.known = known;
    this.bar = bar;
    this.stage = stage;
    this.live = h("div", { class: "cm-unseen", role: "status" });
    this.root = this.build();
    el.append(this.root);
    this.details = new Details(store, this.root, {
      closed: () => this.focusSomething(),
      step: (by) => this.steps.stepDetails(by),
      place: () => `${(this.grid.index.get(this.grid.active) ?? 0) + 1} of ${this.grid.ids.length}`,
      reveal: (key) => this.steps.reveal(key),
    });
    this.grid = new Grid(this.gridElement, {
      make: (id, index) => this.make(id, index),
      least: () => leastWidth(store.state, this.gridElement.clientWidth),
      height: (width) => this.tileHeight(width),
      near: (ids, further) => {
        const kind = kindOf(store.state?.kind);
        if (kind.pictures && !kind.widest) store.gallery.near(this, ids, further);
      },
    });
    this.selection = new Selection(store, this.grid);
    this.keyboard = new Keyboard(this);
    this.pointer = new Pointer(this);
    this.keepHeight = new ResizeObserver(() => this.keepTall());
    this.keepHeight.observe(this.stage);
    this.keepHeight.observe(this.toolbar.element);
    this.whether = new IntersectionObserver((seen) => (this.onScreen = seen.some((each) => each.isIntersecting)));
    this.whether.observe(this.root);
    this.listen = this.listen.bind(this);
    store.listeners.add(this.listen);
    this.clock = window.setInterval(() => this.tick(), 250);
    this.draw();
    store.open();
  }

  close() {
    clearInterval(this.clock);
    cancelAnimationFrame(this.drawing);
    const { store } = this;
    store.listeners.delete(this.listen);
    store.thumbs.leave(this);
    store.veils.leave(this);
    store.wellness.stop();
    this.keepHeight.disconnect();
    this.whether.disconnect();
    this.toolbar.close();
    this.finder.close();
    this.details.close();
    this.pointer.close();
    this.grid.close();
    this.root.remove();
  }

  build() {
    const props = {
      class: "cm-board",
      "aria-label": "Review board",
      "data-lm-suppress-shortcuts": "true",
      tabindex: -1,
      keydown: (/** @type {KeyboardEvent} */ event) => this.keyboard.press(event),
      keyup: (/** @type {KeyboardEvent} */ event) => this.keyboard.release(event),
    };
    const body = h("div", { class: "cm-body" }, this.stage);
    return h("section", props, this.toolbar.element, body, this.live);
  }

  /** @param {number} width */
  tileHeight(width) {
    if (!this.store.state) return 1;
    const wide = Math.min(width, kindOf(this.store.state.kind).widest ?? width);
    this.store.gallery.showAt(Math.round(wide * Math.min(2, window.devicePixelRatio || 1)));
    return tileHeight(this.root, this.store, this.keys, width);
  }

  /**
   * A board that was tall stays so while its width and what is above the tiles do, so that nothing below it jumps when
   * a screen is smaller.
   */
  keepTall() {
    const { style } = this.stage;
    const size = `${this.stage.clientWidth} ${this.toolbar.element.clientHeight}`;
    if (size !== this.stageSize) style.minHeight = "";
    this.stageSize = size;
    const height = this.stage.clientHeight;
    if (height > (parseFloat(style.minHeight) || 0)) style.minHeight = `${height}px`;
  }

  tick() {
    const { store } = this;
    this.toolbar.tick();
    const seen = !store.wellness.blur && this.onScreen && !document.hidden && kindOf(store.state?.kind).pictures;
    store.wellness.look(new Set(seen && !this.gridElement.hidden ? this.grid.inView() : []));
    if (store.wellness.full && !store.wellness.blur) this.steps.veil("blur");
  }

  // -- what Python says ----------------------------------------------------------------------------------------------

  /**
   * @param {import("./store.js").Topic} topic
   * @param {any} detail
   */
  listen(topic, detail) {
    if (topic === "screen") this.screenIsNew = true;
    else if (topic === "items") this.itemsAreNew = true;
    else if (topic === "tag") this.paint(detail);
    else if (topic === "thumbs") detail.forEach((/** @type {string} */ key) => this.paint(key.split("@")[0]));
    else if (topic === "tags" || topic === "picked") detail.forEach((/** @type {string} */ id) => this.paint(id));
    else if (topic === "veil" && detail) this.paint(detail);
    else if (topic === "veil" || topic === "alike" || topic === "found") this.rearrange(topic === "veil");
    else if (topic === "missed") this.steps.missed(detail);
    if (topic === "state") this.steps.menuOpen?.draw();
    this.details.listen(topic, detail);
    if (["tag", "tags", "picked"].includes(topic)) this.drawSoon();
    else if (["screen", "items", "state", "silent", "known"].includes(topic)) this.draw();
  }

  /** What is around the tiles is drawn in the next frame: a click's own mark is painted before it. */
  drawSoon() {
    this.drawing ||= requestAnimationFrame(() => {
      this.drawing = 0;
      this.drawAround();
    });
  }

  draw() {
    const { state, serial } = this.store;
    const tags = JSON.stringify(state?.tags ?? []);
    if (state && tags !== this.tagsDrawn) {
      this.tagsDrawn = tags;
      this.keys = keysOf(state.tags);
      this.itemsAreNew = true;
    }
    if (state && !this.sort) this.sort = state.order;
    const due = (this.screenIsNew || this.itemsAreNew) && state?.serial === serial;
    const fresh = this.screenIsNew;
    if (due) this.screenIsNew = this.itemsAreNew = false;
    this.drawAround();
    if (due) {
      this.showScreen(fresh);
      this.drawAround();
    }
    for (const id of this.grid.tiles.keys()) this.paint(id);
    this.sayNews();
  }

  /** Everything but the tiles. */
  drawAround() {
    const { items, state, busy, wellness, found } = this.store;
    const shown = this.grid.ids.length;
    this.toolbar.draw(items.size - shown);
    this.finder.draw(this.filter, this.sort || "oldest");
    this.panel.draw(items.size > 0 && shown === 0 ? this.noneText(found !== null) : "");
    this.gridElement.hidden = !this.panel.element.hidden;
    const barred = this.bar.draw(this.keys);
    this.known.draw();
    const noticed = this.notice.draw();
    this.gridElement.classList.toggle("cm-under-notice", noticed || this.known.isOpen);
    this.root.classList.toggle("cm-settles", Boolean(state?.adjudicate));
    setAttribute(this.root, "aria-label", state?.adjudicate ? "Review board: disputes" : "Review board");
    this.root.classList.toggle("cm-selecting", barred);
    this.root.classList.toggle("cm-busy", busy && state !== null);
    this.root.classList.toggle("cm-blur", wellness.blur);
    this.root.classList.toggle("cm-grey", wellness.grey);
  }

  /** @param {boolean} finding */
  noneText(finding) {
    const { items, found } = this.store;
    if (finding) return found?.fault || `Nothing on the screen matches “${found?.words}”.`;
    return this.filter === "all" ? "" : `None of the ${items.size} on the screen is ${this.filter}.`;
  }

  /** Order and filter once more, staying where we are. @param {boolean} [veiled] another veil: all pictures change */
  rearrange(veiled = false) {
    const ids = arranged(this.store, this.filter, this.sort);
    const same = ids.length === this.grid.ids.length && ids.every((id, place) => id === this.grid.ids[place]);
    if (!same) {
      const inGrid = this.gridElement.contains(document.activeElement);
      this.gridElement.hidden = false;
      this.grid.show(ids, this.store.found !== null);
      this.selection.trim();
      if (inGrid) this.focusSomething();
    } else if (veiled) {
      this.grid.render();
    }
    this.draw();
  }

  /**
   * When nothing of it was here before, go to the top and take the focus along; else stay where we are.
   * @param {boolean} fresh another set of reviews
   */
  showScreen(fresh) {
    const focused = document.activeElement;
    const had = this.root.contains(focused) && !focused?.closest("dialog, .cm-slider, .cm-finder");
    const inGrid = this.gridElement.contains(focused);
    const top = fresh && ![...this.store.items.keys()].some((id) => this.grid.index.has(id));
    if (top) this.grid.active = "";
    this.gridElement.hidden = this.store.items.size === 0;
    this.grid.show(arranged(this.store, this.filter, this.sort), top, this.coming());
    if (top && had) this.focusSomething();
    else if (inGrid) this.grid.activate(this.grid.active, true, fresh);
  }

  /** How many reviews of this screen are still on their way, where it is shown as it comes. */
  coming() {
    const { store } = this;
    if (this.filter !== "all" || store.found) return 0;
    return store.total - store.items.size + (store.state?.taking ?? 0);
  }

  focusSomething() {
    if (this.details.covers) this.details.element.focus({ preventScroll: true });
    else if (this.grid.ids.length && !this.gridElement.hidden) this.grid.activate(this.grid.active, true);
    else this.root.focus({ preventScroll: true });
  }

  /** Tell screen readers what changed without their doing: a submission, and what it brought. */
  sayNews() {
    const { state, total, undoLeft } = this.store;
    if (!state || state.busy || state.mine === this.mine) return;
    const gone = state.mine - this.mine;
    const hidden = gone > 0 && this.unseen ? `, ${this.unseen.toLocaleString("en")} of them hidden by the filter` : "";
    const undo = `Prev takes them back for ${Math.ceil(undoLeft)} seconds.`;
    const done = gone > 0 ? `${counted(gone, state.kind)} submitted${hidden}. ${undo}` : "Taken back.";
    if (this.mine >= 0) this.say(`${done} ${counted(total, state.kind)} on the screen.`);
    if (hidden) this.notice.say(`${counted(gone, state.kind)} submitted${hidden}. Prev takes them all back.`);
    this.unseen = 0;
    this.mine = state.mine;
  }

  /** @param {string} text */
  say(text) {
    setText(this.live, text);
  }

  // -- tiles ---------------------------------------------------------------------------------------------------------

  /**
   * @param {string} id
   * @param {number} index
   */
  make(id, index) {
    const { state, items } = this.store;
    const item = items.get(id);
    if (!state || !item) return h("div", { class: "cm-tile", role: "gridcell" });
    const tile = makeTile(item, index, this.store, this.keys);
    paintTile(tile, item, this.store);
    return tile;
  }

  /** @param {string} id */
  paint(id) {
    const tile = this.grid.tiles.get(id);
    const item = this.store.items.get(id);
    if (tile && item) paintTile(tile, item, this.store);
  }

  // -- filter and order ----------------------------------------------------------------------------------------------

  /** @param {Filter} filter */
  choose(filter) {
    this.filter = filter;
    const inGrid = this.gridElement.contains(document.activeElement);
    this.gridElement.hidden = false;
    this.grid.show(arranged(this.store, this.filter, this.sort), true);
    this.selection.trim();
    this.draw();
    if (inGrid) this.focusSomething();
    this.say(`${FILTER_NAMES[filter]}: ${this.grid.ids.length}`);
  }

  nextFilter() {
    this.choose(FILTERS[(FILTERS.indexOf(this.filter) + 1) % FILTERS.length]);
  }

  /** Sort what is here, and let the service give what comes next in that order. @param {string} sort */
  sortBy(sort) {
    this.sort = sort;
    this.store.model.send({ type: "order", order: sort });
    this.rearrange();
    this.say(SORTS.find(([value]) => value === sort)?.[1] ?? sort);
  }

  nextSort() {
    const at = SORTS.findIndex(([value]) => value === this.sort);
    this.sortBy(SORTS[(at + 1) % SORTS.length][0]);
  }
}

/**
 * What stands around the tiles, and what each part of it does.
 * @param {BoardView} view
 */
function partsOf(view) {
  const { store } = view;
  const finder = new Finder(store, {
    choose: (filter) => view.choose(filter),
    sort: (sort) => view.sortBy(sort),
    leave: () => view.focusSomething(),
  });
  const hooks = {
    next: () => view.steps.goOn(),
    prev: () => view.steps.goBack(),
    veil: (/** @type {"blur" | "grey"} */ what) => view.steps.veil(what),
    held: (/** @type {HTMLElement} */ button) => view.steps.openAt(button, () => heldEntries(store)),
    count: (/** @type {number} */ count) => store.ask("count", { count }),
    help: () => view.steps.help(),
  };
  const toolbar = new Toolbar(store, hooks, finder);
  const panel = new Panel(store, (action) => view.steps.act(action));
  const notice = new NoticeBar(store, (action) => view.steps.act(action));
  const bar = new SelectionBar(store, {
    toggle: (tag) => store.changes.toggleAll([...store.picked], tag),
    hold: (button) => view.steps.openAt(button, () => holdEntries(store, [...store.picked])),
    move: (button) => view.steps.openAt(button, () => moveEntries(store, [...store.picked])),
    undo: () => view.steps.undoTags(),
    clear: () => view.steps.clearSelection(),
  });
  const known = new KnownCard(store, { say: (text) => view.say(text), leave: () => view.focusSomething() });
  const floor = h("div", { class: "cm-floor" }, known.element, notice.element);
  const stage = h("div", { class: "cm-stage" }, view.gridElement, panel.element, bar.element, floor);
  return { finder, toolbar, panel, notice, known, bar, stage };
}

/** One store per board, one view per place where it is shown. */
export default () => {
  /** @type {Store} */
  let store;
  return {
    /** @param {{model: import("./shared.js").Model}} about */
    initialize({ model }) {
      store = new Store(model);
      return () => store.close();
    },
    /** @param {{model: import("./shared.js").Model, el: HTMLElement}} about */
    render({ el }) {
      const view = new BoardView(store, el);
      return () => view.close();
    },
  };
};
