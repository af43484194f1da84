// A video on the board: a stage with the frame that is looked at or a player, the transcript, a strip of all frames.
import { h, icon, setAttribute, setText, timeCode } from "./shared.js";
import { KINDS, paintPicture, sampleItem } from "./kinds.js";
import { marked } from "./text.js";
import { reelsOf } from "./reels.js";
import { Player, hostOf, playable } from "./player.js";
import { Strip } from "./strip.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Item} Item */

/** How many lines of a transcript are made at a time. */
const LINES = 400;

/** @type {WeakMap<Element, VideoCard>} by the element that it fills */
const CARDS = new WeakMap();

/** @type {Set<VideoCard>} those that are, or will be, on a page */
const LIVE = new Set();

let cardsMade = 0;

class VideoCard {
  /**
   * @param {Item} item
   * @param {Store} store
   */
  constructor(item, store) {
    this.store = store;
    this.item = item;
    this.reels = reelsOf(store);
    this.reel = this.reels.of(item.id);
    this.strip = new Strip(store, this.reel);
    /** @type {Player | null} */
    this.player = null;
    this.line = -1;
    this.made = 0;
    this.wasSeen = false;
    this.veiled = store.wellness.blur;
    this.picture = h("div", { class: "cm-picture cm-stage-picture" });
    this.time = h("span", { class: "cm-time cm-number" });
    this.screen = h("div", { class: "cm-video-screen" }, this.picture);
    this.number = ++cardsMade;
    const said = { class: "cm-lines", "data-own": true, role: "listbox", "aria-label": "Transcript", tabindex: -1 };
    this.lines = h("div", said);
    this.about = h("span", { class: "cm-soft cm-number" });
    this.element = this.build();
    this.hear = this.hear.bind(this);
    this.reels.listeners.add(this.hear);
    LIVE.add(this);
    CARDS.set(this.element, this);
    this.strip.fill();
    this.drawLines();
  }

  build() {
    const can = playable(this.item.film ?? "");
    const why = can ? "Play it here, without sound (.)" : "This address is none that a browser plays";
    const from = can ? `Play: your browser fetches it from ${hostOf(this.item.film ?? "")}` : why;
    const off = can ? null : "true";
    const play = { type: "button", class: "cm-button", "data-action": "play", "aria-disabled": off, title: why };
    this.playButton = h("button", { ...play, click: () => this.play() }, icon("play"), h("span", {}, "Play"));
    const only = { type: "button", class: "cm-button", "aria-pressed": "false", "data-action": "only-tagged" };
    this.only = h("button", { ...only, click: () => this.showOnly() }, "Tagged frames");
    const note = h("span", { class: "cm-soft cm-from" }, from);
    const bar = h("div", { class: "cm-video-bar" }, this.playButton, this.time, this.about, note, this.only);
    const top = h("div", { class: "cm-video-top" }, this.screen, this.lines);
    const element = h("div", { class: "cm-video" }, top, bar, this.strip.element);
    element.addEventListener("click", (event) => this.click(event));
    element.addEventListener("focusin", (event) => this.focused(event));
    this.lines.addEventListener("keydown", (event) => this.pressLine(event));
    return element;
  }

  close() {
    this.player?.close();
    this.player = null;
    this.strip.close();
    this.reels.listeners.delete(this.hear);
    LIVE.delete(this);
  }

  /**
   * @param {string} id
   * @param {"frames" | "lines" | "tag"} what
   * @param {number} [at]
   */
  hear(id, what, at) {
    if (id !== this.item.id) return;
    if (what === "frames") this.strip.fill();
    else if (what === "lines") this.drawLines();
    else if (at !== undefined) this.strip.paint(this.reel.indexAt(at));
    this.paint();
  }

  paint() {
    const reel = this.reels.of(this.item.id);
    this.wasSeen ||= this.element.isConnected;
    const index = this.seen;
    const frame = reel.frames[index];
    setText(this.time, frame ? `${timeCode(frame.at)}` : "");
    const many = reel.total < 0 ? this.item.frames ?? 0 : reel.total;
    const count = reel.total < 0 ? "" : ` · ${reel.tagged.toLocaleString("en")} tagged`;
    setText(this.about, `${many.toLocaleString("en")} ${many === 1 ? "frame" : "frames"}${count}`);
    setAttribute(this.only ?? this.element, "aria-pressed", String(reel.onlyTagged));
    if (frame) {
      this.picture.dataset.reveal = this.player ? this.filmKey : this.strip.keyOf(index);
      paintPicture(this.picture, this.strip.keyOf(index), this.store);
    } else if (reel.total === 0 && !this.picture.childElementCount) {
      this.picture.append(h("div", { class: "cm-broken" }, icon("broken"), h("span", {}, "This video has no frames")));
    }
    if (this.player) this.player.element.classList.toggle("cm-shown", this.store.wellness.uncovered(this.filmKey));
    if (this.veiled !== this.store.wellness.blur) this.strip.render();
    this.veiled = this.store.wellness.blur;
    this.strip.paintAll();
  }

  /** What the player is revealed under. */
  get filmKey() {
    return `${this.item.id}@film`;
  }

  /** The frame on the stage, by index. */
  get seen() {
    return this.reel.current >= 0 ? this.reel.current : this.reel.frames.length ? 0 : -1;
  }

  // -- frames --------------------------------------------------------------------------------------------------------

  /**
   * Look at a frame; -1 is the whole video.
   * @param {number} index
   * @param {boolean} focus
   */
  look(index, focus) {
    const before = this.reel.current;
    this.reel.current = index;
    if (index >= 0) this.strip.reach(index);
    this.strip.paint(before);
    this.paint();
    if (index !== before) this.store.tell("looked", this.item.id);
    if (!focus) return;
    if (index >= 0) this.strip.focus(index);
    else this.tile?.focus({ preventScroll: true });
  }

  get tile() {
    const tile = this.element.closest(".cm-tile");
    return tile instanceof HTMLElement ? tile : null;
  }

  showOnly() {
    this.reel.onlyTagged = !this.reel.onlyTagged;
    this.strip.fill();
    this.strip.element.scrollLeft = 0;
    this.paint();
  }

  /** A frame that has the focus is the one that is looked at, whoever put the focus there. @param {FocusEvent} event */
  focused(event) {
    const frame = event.target instanceof Element ? event.target.closest(".cm-frame") : null;
    const index = frame instanceof HTMLElement ? Number(frame.dataset.index) : this.reel.current;
    if (index !== this.reel.current) this.look(index, false);
  }

  /** @param {MouseEvent} event */
  click(event) {
    if (!(event.target instanceof Element)) return;
    const frame = event.target.closest(".cm-frame");
    const line = event.target.closest(".cm-line");
    if (line instanceof HTMLElement) this.goTo(Number(line.dataset.line));
    if (!(frame instanceof HTMLElement)) return;
    const index = Number(frame.dataset.index);
    const chip = event.target.closest(".cm-frame-tag");
    if (chip instanceof HTMLElement && chip.dataset.tag) {
      this.reels.toggle(this.item.id, index, chip.dataset.tag);
      event.stopPropagation();
    }
    this.look(index, true);
    this.player?.seek(this.reel.frames[index].at);
  }

  /**
   * A key while the tile or something in it has the focus; whether it was one of the video's own.
   * @param {string} key
   * @param {string | undefined} tag the tag that the key switches
   */
  press(key, tag) {
    const { current } = this.reel;
    const { shown } = this.strip;
    const within = this.strip.element.contains(document.activeElement);
    if (key === ".") this.play();
    else if (key === "ArrowRight" || key === "ArrowLeft") this.step(key === "ArrowRight" ? 1 : -1, within);
    else if (within && key === "Home") this.look(shown[0] ?? current, true);
    else if (within && key === "End") this.look(shown[shown.length - 1] ?? current, true);
    else if (within && tag !== undefined) this.reels.toggle(this.item.id, current, tag);
    else return false;
    return true;
  }

  /**
   * From frame to frame, and between the first one and the whole video.
   * @param {number} by
   * @param {boolean} within whether a frame has the focus now, or the whole video
   */
  step(by, within) {
    const { shown } = this.strip;
    const place = shown.indexOf(this.reel.current);
    if (!within && by < 0) return;
    if (!within) this.look(place < 0 ? (shown[0] ?? -1) : this.reel.current, true);
    else if (place + by < 0) this.tile?.focus({ preventScroll: true });
    else this.look(shown[place + by] ?? this.reel.current, true);
    if (this.reel.current >= 0) this.player?.seek(this.reel.frames[this.reel.current].at);
  }

  /** To the first frame on which reviewers differ, or the next one; whether there is one. @param {boolean} on */
  nextContested(on) {
    const { frames, current } = this.reel;
    const index = frames.findIndex(({ split }, place) => (!on || place > current) && Object.keys(split ?? {}).length > 0);
    if (index >= 0) this.look(index, true);
    return index >= 0;
  }

  // -- transcript ----------------------------------------------------------------------------------------------------

  drawLines() {
    const { lines, fault } = this.reel;
    const none = lines === null ? "Loading the transcript …" : fault || "No transcript";
    this.made = 0;
    this.line = -1;
    const empty = !lines?.length;
    this.lines.classList.toggle("cm-no-lines", empty);
    setAttribute(this.lines, "role", empty ? "note" : "listbox");
    this.lines.replaceChildren(...(empty ? [h("p", { class: "cm-soft" }, none)] : []));
    this.moreLines();
  }

  /** Lines are made some at a time, so that a long transcript holds nothing up. */
  moreLines() {
    const { lines } = this.reel;
    const off = { "aria-selected": "false" };
    if (!lines || this.made >= lines.length) return;
    const some = lines.slice(this.made, this.made + LINES).map(([start, , text, marks], index) => {
      const number = this.made + index;
      return h(
        "div",
        { class: "cm-line", role: "option", id: `cm-line-${this.number}-${number}`, "data-line": number, ...off },
        h("span", { class: "cm-time cm-number" }, timeCode(start)),
        h("span", { dir: "auto" }, ...marked(text, marks)),
      );
    });
    this.made += some.length;
    this.lines.append(...some);
    if (this.made < lines.length) requestAnimationFrame(() => this.moreLines());
  }

  /**
   * Jump to what is shown while a line is said.
   * @param {number} number
   */
  goTo(number) {
    const line = this.reel.lines?.[number];
    if (!line) return;
    this.choose(number);
    this.player?.seek(line[0]);
    const index = this.reel.indexAt(line[0]);
    if (index >= 0) this.look(index, false);
  }

  /** @param {number} number */
  choose(number) {
    if (number === this.line) return;
    this.lines.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.line = number;
    const line = this.lines.querySelector(`[data-line="${number}"]`);
    setAttribute(this.lines, "aria-activedescendant", line?.id);
    if (!(line instanceof HTMLElement)) return;
    line.setAttribute("aria-selected", "true");
    const { scrollTop, clientHeight } = this.lines;
    const out = line.offsetTop < scrollTop || line.offsetTop + line.offsetHeight > scrollTop + clientHeight;
    if (out) this.lines.scrollTop = line.offsetTop - clientHeight / 3;
  }

  /** @param {KeyboardEvent} event */
  pressLine(event) {
    const count = this.reel.lines?.length ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (!step || !count || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.goTo(Math.min(count - 1, Math.max(0, this.line + step)));
  }

  // -- player --------------------------------------------------------------------------------------------------------

  /** Begin, go on or pause; only ever because a person said so. */
  play() {
    const address = this.item.film ?? "";
    if (this.player) this.player.toggle();
    else if (playable(address)) {
      const at = this.reel.current >= 0 ? this.reel.frames[this.reel.current].at : 0;
      this.player = new Player(address, at, { moved: (now) => this.follow(now), changed: () => this.drawPlay() });
      this.player.cover.dataset.reveal = this.filmKey;
      this.screen.append(this.player.element);
      this.paint();
    }
  }

  drawPlay() {
    const plays = this.player?.plays ?? false;
    this.playButton?.replaceChildren(icon(plays ? "pause" : "play"), h("span", {}, plays ? "Pause" : "Play"));
  }

  /**
   * The player is at a moment: show its frame and its line.
   * @param {number} now milliseconds
   */
  follow(now) {
    const index = this.reel.indexAt(now);
    if (index >= 0 && index !== this.reel.current) this.look(index, false);
    const line = (this.reel.lines ?? []).findIndex(([start, end]) => start <= now && now < end);
    if (line >= 0) this.choose(line);
  }
}

/** Cards that the grid has dropped stop listening and playing. */
function sweep() {
  for (const card of LIVE) {
    if (card.wasSeen && !card.element.isConnected) card.close();
  }
}

KINDS.set("Video", {
  nouns: ["video", "videos"],
  pictures: true,
  least: 1e6,
  widest: 320,
  help: [
    "→ ←: from frame to frame; left of the first is the whole video, which tags are then for",
    ".: play, pause",
  ],
  sample: sampleItem({ frames: 0, film: "" }),
  make: (item, store) => {
    sweep();
    return new VideoCard(item, store).element;
  },
  paint: (face) => CARDS.get(face)?.paint(),
  momentOf: (store, id) => {
    const reel = reelsOf(store).of(id);
    return reel.frames[Math.max(0, reel.current)]?.at ?? -1;
  },
  contested: (face, on) => CARDS.get(face)?.nextContested(on) ?? false,
  press: (face, key, tag) => CARDS.get(face)?.press(key, tag) ?? false,
});
