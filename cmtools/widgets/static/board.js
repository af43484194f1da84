// The review board in the browser: it draws what Python holds (cmtools/widgets/board.py), and tells what a person does.
//
// To Python:   ready | toggle {id, tag, on, page, seq} | thumbs {ids} | details {id} | alive
//              next, prev {serial} | count {count} | move {id, subteam}
//              resume | give_back | take_new | look_again | retry
//              (these steps carry page and n, and are answered by done with the same)
// From Python: screen {serial, start, total, items} | state {...} | toggled {id, tag, on, page, seq} | done {page, n}
//              thumbs {ids, none, failed, error} + buffers | details {...} | picture {id, error?} + buffer | alive
import { counted, h, setText } from "./shared.js";
import { Store } from "./store.js";
import { Grid } from "./grid.js";
import { keysOf, leastWidth, makeTile, paintTile, passes, tileHeight } from "./tile.js";
import { fillDetails, fillHelp, openDialog, openMenu, showPicture } from "./dialogs.js";
import { FILTERS, FILTER_NAMES, Toolbar } from "./toolbar.js";
import { NoticeBar, Panel } from "./panels.js";

/** @typedef {import("./toolbar.js").Filter} Filter */

const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];

class BoardView {
  /**
   * @param {Store} store
   * @param {HTMLElement} el
   */
  constructor(store, el) {
    this.store = store;
    /** @type {Filter} */
    this.filter = "all";
    /** @type {Map<string, string>} */
    this.keys = new Map();
    this.tagsDrawn = "";
    this.screenIsNew = false;
    this.itemsAreNew = false;
    this.mine = -1;
    this.stageWidth = 0;
    /** @type {{id: string, body: HTMLElement, url: string} | null} */
    this.details = null;
    this.toolbar = new Toolbar(store, {
      next: () => this.goOn(),
      prev: () => this.goBack(),
      choose: (filter) => this.choose(filter),
      count: (count) => this.store.ask("count", { count }),
      help: () => this.help(),
    });
    this.panel = new Panel(store, (action) => this.act(action));
    this.notice = new NoticeBar(store, (action) => this.act(action));
    this.gridElement = h("div", { class: "cm-grid", role: "grid", "aria-label": "Reviews on the screen" });
    this.stage = h("div", { class: "cm-stage" }, this.gridElement, this.panel.element, this.notice.element);
    this.live = h("div", { class: "cm-unseen", role: "status" });
    this.root = this.build();
    el.append(this.root);
    this.grid = new Grid(this.gridElement, {
      make: (id, index) => this.make(id, index),
      least: () => leastWidth(this.store.state),
      height: (width) => (this.store.state ? tileHeight(this.root, this.store.state, this.keys, width) : 1),
      near: (ids) => this.store.state?.kind === "Image" && this.store.thumbs.want(this, ids),
    });
    this.keepHeight = new ResizeObserver(() => this.keepTall());
    this.keepHeight.observe(this.stage);
    this.listen = this.listen.bind(this);
    store.listeners.add(this.listen);
    this.clock = window.setInterval(() => this.toolbar.tick(), 200);
    this.itemsAreNew = store.items.size > 0;
    this.draw();
    store.open();
  }

  close() {
    clearInterval(this.clock);
    this.store.listeners.delete(this.listen);
    this.store.thumbs.leave(this);
    this.keepHeight.disconnect();
    this.toolbar.close();
    this.grid.close();
    this.root.remove();
  }

  build() {
    const props = {
      class: "cm-board",
      "aria-label": "Review board",
      "data-lm-suppress-shortcuts": "true",
      tabindex: -1,
      keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
      keyup: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(),
    };
    const root = h("section", props, this.toolbar.element, this.stage, this.live);
    this.gridElement.addEventListener("click", (event) => this.click(event));
    this.gridElement.addEventListener("focusin", (event) => {
      const id = tileOf(event.target)?.dataset.reviewId;
      if (id) this.grid.activate(id);
    });
    this.gridElement.addEventListener("dblclick", (event) => {
      if (event.target instanceof Element && event.target.closest(".cm-picture")) this.openDetails();
    });
    return root;
  }

  /** A board that was tall stays so while its width does, so that nothing below it jumps when a screen is smaller. */
  keepTall() {
    const { style } = this.stage;
    if (this.stage.clientWidth !== this.stageWidth) style.minHeight = "";
    this.stageWidth = this.stage.clientWidth;
    const height = this.stage.clientHeight;
    if (height > (parseFloat(style.minHeight) || 0)) style.minHeight = `${height}px`;
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
    else if (topic === "thumbs") detail.forEach((/** @type {string} */ id) => this.paint(id));
    else if (this.details !== null && this.details.id === detail?.id) {
      if (topic === "details") fillDetails(this.details.body, detail);
      if (topic === "picture") this.details.url = showPicture(this.details.body, detail);
    }
    if (topic === "tag") this.drawAround();
    else if (["screen", "items", "state", "silent"].includes(topic)) this.draw();
  }

  draw() {
    const { state, serial } = this.store;
    const tags = JSON.stringify(state?.tags ?? []);
    if (state && tags !== this.tagsDrawn) {
      this.tagsDrawn = tags;
      this.keys = keysOf(state.tags);
      this.itemsAreNew = true;
    }
    const due = this.screenIsNew || this.itemsAreNew;
    const fresh = this.screenIsNew;
    if (state?.serial === serial && due) this.screenIsNew = this.itemsAreNew = false;
    this.drawAround();
    if (state?.serial === serial && due) this.showScreen(fresh);
    this.drawAround();
    for (const id of this.grid.tiles.keys()) this.paint(id);
    this.sayNews();
  }

  /** Everything but the tiles. */
  drawAround() {
    const { items, state, busy } = this.store;
    const shown = this.grid.ids.length;
    const none = this.filter !== "all" && items.size > 0 && shown === 0;
    this.toolbar.draw(this.filter, items.size - shown);
    this.panel.draw(none ? `None of the ${items.size} on the screen is ${this.filter}.` : "");
    this.gridElement.hidden = !this.panel.element.hidden;
    this.gridElement.classList.toggle("cm-under-notice", this.notice.draw());
    this.root.classList.toggle("cm-busy", busy && state !== null);
  }

  /**
   * When nothing of it was here before, go to the top and take the focus along; else stay where we are.
   * @param {boolean} fresh another set of reviews
   */
  showScreen(fresh) {
    const focused = document.activeElement;
    const had = this.root.contains(focused) && !focused?.closest("dialog, .cm-slider");
    const inGrid = this.gridElement.contains(focused);
    const top = fresh && ![...this.store.items.keys()].some((id) => this.grid.index.has(id));
    if (top) this.grid.active = "";
    this.grid.show(this.filtered(), top);
    if (top && had) this.focusSomething();
    else if (inGrid) this.grid.activate(this.grid.active, true);
  }

  filtered() {
    return [...this.store.items.values()].filter((item) => passes(item, this.filter)).map((item) => item.id);
  }

  focusSomething() {
    if (this.grid.ids.length && !this.gridElement.hidden) this.grid.activate(this.grid.active, true);
    else this.root.focus({ preventScroll: true });
  }

  /** Tell screen readers what changed without their doing: a submission, and what it brought. */
  sayNews() {
    const { state, total, undoLeft } = this.store;
    if (!state || state.busy || state.mine === this.mine) return;
    const gone = state.mine - this.mine;
    const undo = `Prev takes them back for ${Math.ceil(undoLeft)} seconds.`;
    const done = gone > 0 ? `${counted(gone, state.kind)} submitted. ${undo}` : "Taken back.";
    if (this.mine >= 0) this.say(`${done} ${counted(total, state.kind)} on the screen.`);
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
    const tile = makeTile(item, index, state, this.keys);
    paintTile(tile, item, this.store);
    return tile;
  }

  /** @param {string} id */
  paint(id) {
    const tile = this.grid.tiles.get(id);
    const item = this.store.items.get(id);
    if (tile && item) paintTile(tile, item, this.store);
  }

  /** @param {MouseEvent} event */
  click(event) {
    const tile = tileOf(event.target);
    const id = tile?.dataset.reviewId;
    if (!tile || !id || !(event.target instanceof Element)) return;
    this.grid.activate(id);
    const button = event.target.closest("button");
    if (button === null) tile.focus({ preventScroll: true });
    else if (button.dataset.tag) this.store.toggle(id, button.dataset.tag);
    else if (button.dataset.action === "more") this.menu(id, button);
  }

  // -- what a person does --------------------------------------------------------------------------------------------

  /** @param {string} action */
  act(action) {
    if (action === "all") {
      this.choose("all");
    } else if (action === "dismiss") {
      this.draw();
      this.focusSomething();
    } else {
      this.store.ask(action);
    }
  }

  goOn() {
    if (this.store.state?.phase === "reviewing") this.store.ask("next");
  }

  goBack() {
    if (this.store.undoLeft > 0) this.store.ask("prev");
  }

  /** @param {Filter} filter */
  choose(filter) {
    this.filter = filter;
    const inGrid = this.gridElement.contains(document.activeElement);
    this.gridElement.hidden = false;
    this.grid.show(this.filtered(), true);
    this.draw();
    if (inGrid) this.focusSomething();
    this.say(`${FILTER_NAMES[filter]}: ${this.grid.ids.length}`);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key !== "Tab") event.stopPropagation();
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || target.closest("dialog, .cm-menu")) return;
    if (this.pressed(event.key, target)) event.preventDefault();
  }

  /**
   * @param {string} key
   * @param {Element} target
   * @returns {boolean} whether the key was ours
   */
  pressed(key, target) {
    const onTile = target.classList.contains("cm-tile");
    if (MOVES.includes(key)) return (target === this.root || this.gridElement.contains(target)) && this.grid.move(key);
    if (key === " ") return onTile || target === this.root;
    if (key === "Enter") {
      if (onTile) this.openDetails();
      return onTile;
    }
    const lower = key.toLowerCase();
    const tag = this.keys.get(lower);
    if (lower === "n") this.goOn();
    else if (lower === "p" || lower === "u") this.goBack();
    else if (lower === "f") this.choose(FILTERS[(FILTERS.indexOf(this.filter) + 1) % FILTERS.length]);
    else if (lower === "m") this.menu(this.grid.active);
    else if (key === "?") this.help();
    else if (tag !== undefined) this.store.toggle(this.grid.active, tag);
    else return false;
    return true;
  }

  // -- what opens over it --------------------------------------------------------------------------------------------

  help() {
    const { body } = openDialog(this.root, "Keys", () => this.focusSomething());
    fillHelp(body, this.store.state?.tags ?? [], this.keys);
  }

  openDetails() {
    const id = this.grid.active;
    const item = this.store.items.get(id);
    if (!item || this.details) return;
    const { body } = openDialog(this.root, item.name, () => {
      if (this.details?.url) URL.revokeObjectURL(this.details.url);
      this.details = null;
      this.focusSomething();
    });
    this.details = { id, body, url: "" };
    this.store.askDetails(id);
  }

  /**
   * @param {string} id
   * @param {HTMLElement | null} [button]
   */
  menu(id, button) {
    const { state, items } = this.store;
    const place = button ?? this.grid.tiles.get(id)?.querySelector(".cm-more");
    if (!(place instanceof HTMLElement) || !state) return;
    const entries = [{ label: "View details", action: "details", hint: "Enter", chosen: () => this.openDetails() }];
    const others = state.lost.includes(id) ? [] : state.subteams.filter((name) => name !== items.get(id)?.subteam);
    for (const subteam of others) {
      const chosen = () => void this.store.ask("move", { id, subteam });
      entries.push({ label: `Move to ${subteam}`, action: "move", hint: "", chosen });
    }
    openMenu(this.root, place, entries, () => this.details || this.focusSomething());
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
function tileOf(target) {
  const tile = target instanceof Element ? target.closest(".cm-tile") : null;
  return tile instanceof HTMLElement ? tile : null;
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
