// The strip of a video's frames: only those near the view exist, however many there are. Each has tags of its own.
import { h, icon, setAttribute, setText, timeCode } from "./shared.js";
import { isBlind, paintPicture } from "./kinds.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./reels.js").Reel} Reel */
/** @typedef {import("./reels.js").Frame} Frame */

/** Width of a frame with the space behind it, in CSS pixels; and how many beyond the view are made. */
const STEP = 158;
const SPARE = 3;

/** How wide a line of a frame's tags is, in CSS pixels. */
const CHIPS_WIDE = 140;

export class Strip {
  /**
   * @param {Store} store
   * @param {Reel} reel
   */
  constructor(store, reel) {
    this.store = store;
    this.reel = reel;
    this.space = h("div", { class: "cm-strip-space" });
    const props = { class: "cm-strip", "data-own": true, role: "group", "aria-label": "Frames", tabindex: -1 };
    this.element = h("div", props, this.space);
    const chips = (store.state?.tags ?? []).reduce((sum, tag) => sum + 31 + 7 * tag.code.length, 0);
    this.element.classList.toggle("cm-two-lines", chips > CHIPS_WIDE);
    /** @type {number[]} which frames there are to see, by index */
    this.shown = [];
    /** @type {Map<number, HTMLElement>} by the frame's index */
    this.made = new Map();
    this.waiting = 0;
    this.element.addEventListener("scroll", () => this.later(), { passive: true });
    this.observer = new ResizeObserver(() => this.render());
    this.observer.observe(this.element);
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.waiting);
    this.store.thumbs.leave(this);
    this.store.veils.leave(this);
  }

  /** The frames are others, or others of them are to be seen. */
  fill() {
    this.shown = this.reel.shown;
    for (const element of this.made.values()) element.remove();
    this.made.clear();
    this.space.style.width = `${Math.max(0, this.shown.length * STEP - 8)}px`;
    this.render();
  }

  later() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.render();
    });
  }

  render() {
    const { scrollLeft, clientWidth } = this.element;
    if (!clientWidth || !this.element.isConnected) return;
    const first = Math.max(0, Math.floor(scrollLeft / STEP) - SPARE);
    const last = Math.min(this.shown.length, Math.ceil((scrollLeft + clientWidth) / STEP) + SPARE);
    const kept = new Set(this.shown.slice(first, last));
    if (this.placeOf(this.reel.current) >= 0) kept.add(this.reel.current);
    for (const [index, element] of this.made) {
      if (kept.has(index)) continue;
      element.remove();
      this.made.delete(index);
    }
    for (const index of kept) {
      if (!this.made.has(index)) this.make(index, this.placeOf(index));
    }
    const keys = [...kept].map((index) => this.keyOf(index));
    if (this.reel.current >= 0) keys.unshift(this.keyOf(this.reel.current));
    this.store.gallery.near(this, [...new Set(keys)]);
  }

  /** Where a frame stands in the strip; -1 when it is not to be seen. @param {number} index */
  placeOf(index) {
    if (this.shown.length === this.reel.frames.length) return index < this.shown.length ? index : -1;
    return this.shown.indexOf(index);
  }

  /** @param {number} index */
  keyOf(index) {
    return `${this.reel.id}@${this.reel.frames[index].at}`;
  }

  /**
   * @param {number} index
   * @param {number} place
   */
  make(index, place) {
    const frame = this.reel.frames[index];
    const tags = this.store.state?.tags ?? [];
    const code = h("span", { class: "cm-time cm-number" }, timeCode(frame.at));
    const score = frame.score === null ? null : h("span", { class: "cm-soft cm-number" }, frame.score.toFixed(2));
    const blind = isBlind(this.store, this.reel.id);
    const chips = tags.map((tag) => frameChip(tag, frame, blind));
    const element = h(
      "div",
      { class: "cm-frame", role: "group", tabindex: -1, "data-frame": frame.at, "data-index": index },
      h("div", { class: "cm-picture", "data-reveal": this.keyOf(index) }),
      h("div", { class: "cm-frame-line" }, code, score),
      h("div", { class: "cm-frame-tags" }, ...chips),
    );
    element.style.left = `${place * STEP}px`;
    this.made.set(index, element);
    this.space.append(element);
    this.paint(index);
  }

  /** @param {number} index */
  paint(index) {
    const element = this.made.get(index);
    const frame = this.reel.frames[index];
    if (!element || !frame) return;
    const { store, reel } = this;
    const unsaved = store.unsavedOf(reel.id);
    const tags = store.state?.tags ?? [];
    const on = tags.filter((tag) => frame.on.has(tag.code)).map((tag) => tag.name);
    const of = `Frame ${index + 1} of ${reel.total} at ${timeCode(frame.at)}`;
    setAttribute(element, "aria-label", `${of}, ${on.length ? `tagged ${on.join(", ")}` : "no tag"}`);
    setAttribute(element, "aria-current", reel.current === index ? "true" : null);
    element.classList.toggle("cm-tagged", on.length > 0);
    element.querySelectorAll(".cm-frame-tag").forEach((chip, place) => {
      paintFrameChip(chip, frame, tags[place], unsaved.has(`${frame.at}/${tags[place].code}`), isBlind(store, reel.id));
    });
    const face = element.firstElementChild;
    if (face instanceof HTMLElement) paintPicture(face, this.keyOf(index), store);
  }

  paintAll() {
    for (const index of this.made.keys()) this.paint(index);
  }

  /**
   * Bring a frame into view, in the middle when it was not in it.
   * @param {number} index
   */
  reach(index) {
    const place = this.placeOf(index);
    const { scrollLeft, clientWidth } = this.element;
    if (place < 0) return;
    if (place * STEP < scrollLeft || (place + 1) * STEP > scrollLeft + clientWidth) {
      this.element.scrollLeft = place * STEP - (clientWidth - STEP) / 2;
    }
    this.render();
  }

  /** @param {number} index */
  focus(index) {
    this.made.get(index)?.focus({ preventScroll: true });
  }
}

/**
 * @param {{code: string, name: string}} tag
 * @param {Frame} frame
 * @param {boolean} blind
 */
function frameChip(tag, frame, blind) {
  const named = tag.code in frame.auto ? (frame.auto[tag.code] ? "on" : "off") : "nothing";
  const split = frame.split?.[tag.code];
  const said = split === undefined ? "" : `reviewers differ: ${split} set it`;
  const title = [tag.name, said, blind ? "" : `auto said ${named}`].filter(Boolean).join("\n");
  const contested = frame.split ? String(split !== undefined) : null;
  return h(
    "button",
    { type: "button", class: "cm-frame-tag", tabindex: -1, "data-tag": tag.code, "data-contested": contested, title },
    h("span", { class: "cm-box", "aria-hidden": "true" }, icon("check")),
    h("span", { "aria-hidden": "true" }, tag.code),
    h("span", { class: "cm-unseen" }, tag.name),
    h("span", { class: "cm-unseen cm-frame-mark" }),
  );
}

/**
 * @param {Element} chip
 * @param {Frame} frame
 * @param {{code: string, name: string}} tag
 * @param {boolean} unsaved
 * @param {boolean} blind
 */
function paintFrameChip(chip, frame, tag, unsaved, blind) {
  const on = frame.on.has(tag.code);
  const changed = !blind && !frame.split && on !== Boolean(frame.auto[tag.code]);
  setAttribute(chip, "aria-pressed", String(on));
  setAttribute(chip, "data-changed", changed);
  setAttribute(chip, "data-unsaved", unsaved);
  const mark = chip.querySelector(".cm-frame-mark");
  const split = frame.split?.[tag.code] === undefined ? "" : " reviewers differ";
  if (mark) setText(mark, `${split}${changed ? " changed by you" : ""}${unsaved ? " not saved yet" : ""}`);
}
