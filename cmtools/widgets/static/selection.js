// Several reviews at once: what selects them, and the bar with what can be done with them.
import { counted } from "./kinds.js";
import { h, icon, setAttribute, setText } from "./shared.js";
import { makeChip, paintChip } from "./tile.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./grid.js").Grid} Grid */

export class Selection {
  /**
   * @param {Store} store
   * @param {Grid} grid
   */
  constructor(store, grid) {
    this.store = store;
    this.grid = grid;
    this.anchor = "";
  }

  /** The reviews that an action on this one is meant for: all that are selected, when it is one of them. @param {string} id */
  meant(id) {
    const { picked } = this.store;
    return picked.size > 1 && picked.has(id) ? this.grid.ids.filter((each) => picked.has(each)) : [id];
  }

  /** @param {string} id */
  flip(id) {
    const picked = new Set(this.store.picked);
    if (!picked.delete(id)) picked.add(id);
    this.anchor = id;
    this.store.pick([...picked]);
  }

  /** From where the selection began to here. @param {string} id */
  extend(id) {
    const { index, ids } = this.grid;
    const from = index.get(this.anchor) ?? index.get(this.grid.active) ?? 0;
    const to = index.get(id) ?? from;
    if (!index.has(this.anchor)) this.anchor = ids[from];
    this.store.pick(ids.slice(Math.min(from, to), Math.max(from, to) + 1));
  }

  all() {
    this.store.pick(this.grid.ids);
  }

  clear() {
    this.anchor = "";
    if (this.store.picked.size) this.store.pick([]);
  }

  /** What is shown is another: what is not, is not selected. */
  trim() {
    const kept = [...this.store.picked].filter((id) => this.grid.index.has(id));
    if (kept.length !== this.store.picked.size) this.store.pick(kept);
  }
}

/**
 * @typedef {object} BarHooks
 * @property {(tag: string) => void} toggle
 * @property {(button: HTMLElement) => void} hold
 * @property {(button: HTMLElement) => void} move
 * @property {() => void} undo
 * @property {() => void} clear
 */

export class SelectionBar {
  /**
   * @param {Store} store
   * @param {BarHooks} hooks
   */
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    this.drawn = "";
    this.count = h("strong", {});
    this.tags = h("div", { class: "cm-tags", role: "group", "aria-label": "Tags of all that are selected" });
    const button = (/** @type {string} */ action, /** @type {string} */ text, /** @type {(e: any) => void} */ click) =>
      h("button", { type: "button", class: "cm-button", "data-action": action, click }, text);
    this.undo = button("undo-tags", "Undo", () => hooks.undo());
    const here = (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.currentTarget);
    this.move = button("move-all", "Move to…", (event) => hooks.move(here(event)));
    const clear = { type: "button", class: "cm-quiet", "data-action": "clear", "aria-label": "Select none", title: "Select none (Esc)" };
    this.element = h(
      "div",
      { class: "cm-selection", role: "toolbar", "aria-label": "Selection", hidden: true },
      this.count,
      this.tags,
      h(
        "div",
        { class: "cm-selection-steps" },
        button("hold-all", "Hold…", (event) => hooks.hold(here(event))),
        this.move,
        this.undo,
        h("button", { ...clear, click: () => hooks.clear() }, icon("close")),
      ),
    );
    this.tags.addEventListener("click", (event) => {
      const chip = event.target instanceof Element ? event.target.closest(".cm-tag") : null;
      if (chip instanceof HTMLElement && chip.dataset.tag) hooks.toggle(chip.dataset.tag);
    });
  }

  /**
   * @param {Map<string, string>} keys
   * @returns {boolean} whether it is there
   */
  draw(keys) {
    const { state, picked, items, changes } = this.store;
    const shown = state !== null && picked.size > 0;
    this.element.hidden = !shown;
    if (!shown) return false;
    const tags = JSON.stringify(state.tags);
    if (tags !== this.drawn) {
      this.drawn = tags;
      const keyOf = new Map([...keys].map(([key, code]) => [code, key]));
      const blank = { id: "", name: "", subteam: "", auto: {}, on: new Set() };
      this.tags.replaceChildren(...state.tags.map((tag) => makeChip(tag, keyOf.get(tag.code) ?? "", blank)));
    }
    setText(this.count, `${counted(picked.size, state.kind)} selected`);
    state.tags.forEach((tag, index) => {
      const having = [...picked].filter((id) => items.get(id)?.on.has(tag.code)).length;
      const chip = this.tags.children[index];
      const on = new Set(having === picked.size ? [tag.code] : []);
      paintChip(chip, { on, auto: {} }, tag, { lost: false, unsaved: false, blind: true });
      if (having > 0 && having < picked.size) setAttribute(chip, "aria-pressed", "mixed");
      setAttribute(chip, "title", `${tag.name}: ${having} of ${picked.size} have it`);
    });
    setAttribute(this.undo, "aria-disabled", changes.last ? null : "true");
    setAttribute(this.undo, "title", changes.last ? `Undo: ${changes.last} (Ctrl+Z)` : "Nothing to undo");
    return true;
  }
}
