// The board's keys. They work while the board has the focus, and none but Tab is heard outside of it.

import { kindOf } from "./kinds.js";

/** @typedef {import("./board.js").BoardView} BoardView */

const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];

export class Keyboard {
  /** @param {BoardView} view */
  constructor(view) {
    this.view = view;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key !== "Tab") event.stopPropagation();
    const { target } = event;
    this.view.store.wellness.touch();
    if (event.defaultPrevented || event.altKey || !(target instanceof Element)) return;
    if (target.closest("dialog, .cm-menu, .cm-details, input:not([type=range]), textarea, select")) return;
    const with_ = event.ctrlKey || event.metaKey;
    const ours = with_ ? this.chord(event) : this.plain(event, target) || this.letter(event);
    if (ours) event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  release(event) {
    event.stopPropagation();
    if (event.key === " ") this.view.store.wellness.hide();
  }

  /** @param {KeyboardEvent} event */
  chord(event) {
    const { view } = this;
    const key = event.key.toLowerCase();
    if (key === "a") view.selection.all();
    else if (key === "z" && !event.shiftKey) view.steps.undoTags();
    else if (key === " ") view.selection.flip(view.grid.active);
    else return false;
    return true;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Element} target
   * @returns {boolean} whether the key was ours
   */
  plain(event, target) {
    const { view } = this;
    const { key } = event;
    const onTile = target.matches(".cm-tile, .cm-frame");
    const within = target === view.root || view.gridElement.contains(target);
    if (within && !event.shiftKey && this.ofKind(key)) return true;
    if (MOVES.includes(key)) return within && this.move(key, event.shiftKey);
    if (key === " ") {
      if ((onTile || target === view.root) && !event.repeat) view.steps.reveal(this.revealKey());
      return onTile || target === view.root;
    }
    if (key === "Enter") {
      if (onTile) view.steps.openDetails();
      return onTile;
    }
    return key === "Escape" && this.escape();
  }

  /** Close what is open, one thing at a time. */
  escape() {
    const { view } = this;
    if (view.store.picked.size) view.steps.clearSelection();
    else if (view.details.isOpen) view.details.shut();
    else if (view.known.isOpen) view.known.dismiss();
    else return false;
    return true;
  }

  /** What Space reveals: the part of the active tile that says so, else its picture. */
  revealKey() {
    const { active, tiles } = this.view.grid;
    const part = tiles.get(active)?.querySelector("[data-reveal]");
    return (part instanceof HTMLElement && part.dataset.reveal) || active;
  }

  /** A key that the active review's own kind takes, such as from frame to frame. @param {string} key */
  ofKind(key) {
    const { store, grid, keys } = this.view;
    const face = grid.tiles.get(grid.active)?.children[1];
    const kind = kindOf(store.state?.kind);
    return face instanceof HTMLElement && Boolean(kind.press?.(face, key, keys.get(key.toLowerCase())));
  }

  /** @param {KeyboardEvent} event */
  letter(event) {
    const { view } = this;
    /** @type {Record<string, () => void>} */
    const shifted = {
      B: () => view.steps.veil("blur"),
      G: () => view.steps.veil("grey"),
      O: () => view.nextSort(),
      C: () => view.steps.nextContested(),
      K: () => view.known.focus(),
    };
    /** @type {Record<string, () => void>} */
    const plain = {
      n: () => view.steps.goOn(),
      p: () => view.steps.goBack(),
      u: () => view.steps.goBack(),
      f: () => view.nextFilter(),
      m: () => view.steps.menu(view.grid.active),
      h: () => view.steps.hold(),
      "/": () => view.finder.focus(),
      "=": () => view.steps.copyToGroup(),
      "?": () => view.steps.help(),
    };
    const lower = event.key.toLowerCase();
    const tag = view.keys.get(lower);
    const does = (event.shiftKey && shifted[event.key]) || plain[lower] || (tag && (() => view.steps.toggle(tag)));
    if (!does) return false;
    does();
    return true;
  }

  /**
   * @param {string} key
   * @param {boolean} extend
   */
  move(key, extend) {
    const { grid, selection, details } = this.view;
    if (extend && !selection.anchor) selection.anchor = grid.active;
    const moved = grid.move(key);
    if (moved && extend) selection.extend(grid.active);
    else if (moved) selection.anchor = "";
    if (moved) details.follow(grid.active);
    return moved;
  }
}
