// What mouse, pen and finger do on the tiles: switch, select, open, and press-and-hold to reveal.

/** @typedef {import("./board.js").BoardView} BoardView */

/** How long a finger rests before it reveals: a shorter touch scrolls or taps, in milliseconds. */
const FINGER = 180;

export class Pointer {
  /** @param {BoardView} view */
  constructor(view) {
    this.view = view;
    this.timer = 0;
    const { gridElement, root } = view;
    gridElement.addEventListener("click", (event) => this.click(event));
    gridElement.addEventListener("dblclick", (event) => this.twice(event));
    gridElement.addEventListener("focusin", (event) => this.focus(event));
    gridElement.addEventListener("pointerdown", (event) => this.down(event));
    gridElement.addEventListener("contextmenu", (event) => this.hold(event));
    gridElement.addEventListener("scroll", () => view.store.wellness.touch(), { passive: true });
    root.addEventListener("pointerdown", () => view.store.wellness.touch());
    this.up = () => this.release();
    for (const name of ["pointerup", "pointercancel", "blur"]) window.addEventListener(name, this.up);
  }

  close() {
    clearTimeout(this.timer);
    for (const name of ["pointerup", "pointercancel", "blur"]) window.removeEventListener(name, this.up);
  }

  /** @param {MouseEvent} event */
  click(event) {
    const { view } = this;
    const tile = tileOf(event.target);
    const id = tile?.dataset.reviewId;
    if (!tile || !id || !(event.target instanceof Element)) return;
    const button = event.target.closest("button");
    const many = event.shiftKey || event.ctrlKey || event.metaKey;
    if (event.shiftKey && !button) view.selection.extend(id);
    view.grid.activate(id);
    if (button === null) {
      if (!event.shiftKey && many) view.selection.flip(id);
      else if (!many && !event.target.closest("[data-own]")) tile.focus({ preventScroll: true });
      if (!many) view.details.follow(id);
    } else if (button.dataset.tag && button.parentElement?.parentElement === tile) {
      this.toggle(id, button.dataset.tag);
    } else {
      this.press(id, button);
    }
  }

  /**
   * @param {string} id
   * @param {string} tag
   */
  toggle(id, tag) {
    const { store, selection } = this.view;
    const ids = selection.meant(id);
    if (ids.length > 1) store.changes.toggleAll(ids, tag);
    else store.changes.toggle(id, tag);
  }

  /**
   * @param {string} id
   * @param {HTMLElement} button
   */
  press(id, button) {
    const { view } = this;
    const { action } = button.dataset;
    if (action === "more") view.steps.menu(id, button);
    else if (action === "read") view.steps.openDetails();
    else if (action === "pick") view.selection.flip(id);
    else if (action === "same") view.store.pick(view.store.alike.get(id) ?? []);
  }

  /** @param {MouseEvent} event */
  twice(event) {
    if (event.shiftKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest(".cm-picture")) this.view.steps.openDetails();
  }

  /** @param {FocusEvent} event */
  focus(event) {
    const id = tileOf(event.target)?.dataset.reviewId;
    if (id) this.view.grid.activate(id);
  }

  /** @param {PointerEvent} event */
  down(event) {
    const { view } = this;
    const key = revealKey(event.target);
    if (!key || event.button !== 0 || event.shiftKey || event.ctrlKey || event.metaKey) return;
    clearTimeout(this.timer);
    if (event.pointerType === "touch") this.timer = window.setTimeout(() => view.steps.reveal(key), FINGER);
    else view.steps.reveal(key);
  }

  /** A finger that rests opens no menu of the browser over what it reveals. @param {Event} event */
  hold(event) {
    if (this.view.store.wellness.shown || this.timer) event.preventDefault();
  }

  release() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.view.store.wellness.hide();
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

/**
 * What a press here reveals: a picture's own key (data-reveal), else its tile's review.
 * @param {EventTarget | null} target
 */
function revealKey(target) {
  const face = target instanceof Element ? target.closest(".cm-picture:not(.cm-text)") : null;
  if (!(face instanceof HTMLElement)) return "";
  return face.dataset.reveal ?? tileOf(face)?.dataset.reviewId ?? "";
}
