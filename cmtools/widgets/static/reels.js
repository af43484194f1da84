// What the browser knows of videos beyond their tiles: frames with their tags, transcripts. All cards of a board share
// it. Messages: to Python frames {id}, transcript {id}, frame_toggle {id, at, tag, on, page, seq}; from Python the same
// three (frame_toggled) with what was asked for.

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./shared.js").Message} Message */

/**
 * @typedef {object} Frame
 * @property {number} at milliseconds
 * @property {Set<string>} on
 * @property {Record<string, boolean>} auto
 * @property {number | null} score the highest
 * @property {Record<string, number>} [split] how many reviewers set each tag on which they differ
 */

/** @typedef {[start: number, end: number, text: string, marks: [number, number][]]} Line */

/** How long to wait for frames or a transcript before they are asked for again, in milliseconds. */
const LOST = 8000;

/** One video. */
export class Reel {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    /** @type {Frame[]} */
    this.frames = [];
    this.total = -1;
    /** @type {Line[] | null} */
    this.lines = null;
    this.fault = "";
    this.asked = -LOST;
    /** The frame that is looked at; -1 is the whole video. */
    this.current = -1;
    this.onlyTagged = false;
  }

  /** Frames that carry any tag now. */
  get tagged() {
    return this.frames.filter((frame) => frame.on.size > 0).length;
  }

  /** Which frames the strip shows, by index. */
  get shown() {
    const all = this.frames.map((_, index) => index);
    return this.onlyTagged ? all.filter((index) => this.frames[index].on.size > 0 || index === this.current) : all;
  }

  /**
   * The frame that is to be seen at a moment: the last one up to it; -1 when there is none at all.
   * @param {number} at
   */
  indexAt(at) {
    let low = 0;
    let high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frames[middle].at <= at) low = middle + 1;
      else high = middle;
    }
    return this.frames.length ? Math.max(0, low - 1) : -1;
  }
}

export class Reels {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Map<string, Reel>} */
    this.reels = new Map();
    /** @type {Map<string, {id: string, at: number, tag: string, on: boolean, seq: number}>} not confirmed yet */
    this.pending = new Map();
    store.unanswered.push(this.pending);
    this.sequence = 0;
    /** @type {Set<(id: string, what: "frames" | "lines" | "tag", at?: number) => void>} */
    this.listeners = new Set();
    store.listeners.add((topic, detail) => this.hear(topic, detail));
  }

  /**
   * What is known of a video; asked for when nothing is.
   * @param {string} id
   */
  of(id) {
    let reel = this.reels.get(id);
    if (!reel) this.reels.set(id, (reel = new Reel(id)));
    const now = performance.now();
    if (id && now - reel.asked > LOST && (reel.frames.length < reel.total || reel.total < 0 || reel.lines === null)) {
      reel.asked = now;
      if (reel.total < 0 || reel.frames.length < reel.total) this.store.model.send({ type: "frames", id });
      if (reel.lines === null) this.store.model.send({ type: "transcript", id });
    }
    return reel;
  }

  /**
   * @param {string} topic
   * @param {any} detail
   */
  hear(topic, detail) {
    if (topic === "screen") this.keepOnly();
    else if (topic === "again") this.sayAgain();
    else if (topic !== "kind") return;
    else if (detail.type === "frames") this.takeFrames(detail);
    else if (detail.type === "transcript") this.takeLines(detail);
    else if (detail.type === "frame_toggled") this.takeTag(detail);
  }

  /** Videos that left the screen are forgotten, and looked for anew when they come back. */
  keepOnly() {
    for (const id of this.reels.keys()) {
      if (!this.store.items.has(id)) this.reels.delete(id);
    }
  }

  /** @param {Message} message */
  takeFrames({ id, total, start, frames }) {
    const reel = this.reels.get(id);
    if (!reel || start > reel.frames.length) return;
    reel.total = total;
    reel.frames.length = start;
    for (const [at, on, auto, said, score, split] of frames) {
      const yes = words(auto);
      const named = Object.fromEntries(words(said).map((code) => [code, yes.includes(code)]));
      reel.frames.push({ at, on: new Set(words(on)), auto: named, score, split });
    }
    for (const change of this.pending.values()) {
      const frame = change.id === id ? frameAt(reel, change.at) : null;
      if (frame) put(frame.on, change.tag, change.on);
    }
    this.tell(id, "frames");
  }

  /** @param {Message} message */
  takeLines({ id, lines, error }) {
    const reel = this.reels.get(id);
    if (!reel) return;
    reel.lines = lines;
    reel.fault = error ?? "";
    this.tell(id, "lines");
  }

  /**
   * Switch a tag of a frame: painted now, confirmed later.
   * @param {string} id
   * @param {number} index
   * @param {string} tag
   */
  toggle(id, index, tag) {
    const frame = this.reels.get(id)?.frames[index];
    if (!frame || !this.store.canChange(id)) return;
    const on = !frame.on.has(tag);
    const { changes } = this.store;
    const back = () => this.set(id, frame.at, tag, !on);
    changes.remember(`${changes.nameOf(tag)} ${on ? "on" : "off"}, one frame`, [], back);
    this.set(id, frame.at, tag, on);
  }

  /**
   * @param {string} id
   * @param {number} at
   * @param {string} tag
   * @param {boolean} on
   */
  set(id, at, tag, on) {
    const reel = this.reels.get(id);
    const frame = reel && frameAt(reel, at);
    if (!frame || !this.store.canChange(id)) return;
    const change = { id, at, tag, on, seq: (this.sequence += 1) };
    this.pending.set(`${id} ${frame.at}/${tag}`, change);
    put(frame.on, tag, on);
    this.tell(id, "tag", frame.at);
    this.send(change);
  }

  /** @param {{id: string, at: number, tag: string, on: boolean, seq: number}} change */
  send(change) {
    this.store.expectAnswer();
    this.store.model.send({ type: "frame_toggle", page: this.store.page, ...change });
  }

  /** The kernel is back: what it may never have heard is said again; twice does no harm. */
  sayAgain() {
    for (const change of this.pending.values()) this.send(change);
  }

  /** @param {Message} message */
  takeTag({ id, at, tag, on, page, seq }) {
    const key = `${id} ${at}/${tag}`;
    const waiting = this.pending.get(key);
    if (waiting && (page !== this.store.page || seq !== waiting.seq)) return;
    this.pending.delete(key);
    const reel = this.reels.get(id);
    const frame = reel && frameAt(reel, at);
    if (!frame || on === null || frame.on.has(tag) === on) return;
    put(frame.on, tag, on);
    this.tell(id, "tag", at);
  }

  /**
   * @param {string} id
   * @param {"frames" | "lines" | "tag"} what
   * @param {number} [at]
   */
  tell(id, what, at) {
    for (const listener of [...this.listeners]) listener(id, what, at);
  }
}

/** @type {WeakMap<Store, Reels>} */
const ALL = new WeakMap();

/**
 * The videos of a board.
 * @param {Store} store
 */
export function reelsOf(store) {
  let reels = ALL.get(store);
  if (!reels) ALL.set(store, (reels = new Reels(store)));
  return reels;
}

/**
 * @param {Reel} reel
 * @param {number} at
 */
export function frameAt(reel, at) {
  const frame = reel.frames[reel.indexAt(at)];
  return frame?.at === at ? frame : null;
}

/** @param {string} text */
function words(text) {
  return text.split(" ").filter(Boolean);
}

/**
 * @param {Set<string>} set
 * @param {string} value
 * @param {boolean} on
 */
function put(set, value, on) {
  if (on) set.add(value);
  else set.delete(value);
}
