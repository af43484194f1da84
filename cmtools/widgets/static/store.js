// What the browser knows of one board: the state that Python sent, and clicks that Python has not confirmed yet.
// All views of a board share one store. The messages are listed at the top of board.js.
import { Thumbs } from "./thumbs.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./shared.js").Message} Message */

/** @typedef {{code: string, name: string, description: string}} Tag */

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} name
 * @property {string} subteam
 * @property {Record<string, boolean>} auto
 * @property {Set<string>} on
 * @property {string} [text]
 */

/**
 * @typedef {object} State
 * @property {"reviewing" | "lost" | "loading" | "offer" | "error" | "finished" | "empty"} phase
 * @property {number} serial
 * @property {string} busy
 * @property {{kind: string, text: string, action: string} | null} notice
 * @property {string} kind
 * @property {number} count
 * @property {string} reviewer
 * @property {string} team
 * @property {string} subteam
 * @property {string[]} subteams
 * @property {Tag[]} tags
 * @property {{waiting: number, kept: number, elsewhere: number, done: number, total: number}} queue
 * @property {number} mine
 * @property {{left: number, window: number, count: number}} undo
 * @property {{count: number, text: string, switched: number}} offer
 * @property {string[]} lost
 * @property {[string, string][]} unsaved
 * @property {number} beat
 */

/** @typedef {"state" | "screen" | "items" | "tag" | "thumbs" | "details" | "picture" | "silent"} Topic */

/** How long the kernel may be silent after a question before the board says so, in milliseconds. */
const SILENT_AFTER = 6000;

/** The same while Python has said that it is at work: the service may take its time. */
const SLOW_AFTER = 45000;

/** How often a silent kernel is asked whether it is there, in milliseconds. */
const ASK_AGAIN = 5000;

export class Store {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.page = Math.random().toString(36).slice(2);
    /** @type {State | null} */
    this.state = null;
    /** @type {Map<string, Item>} */
    this.items = new Map();
    this.serial = 0;
    this.total = 0;
    this.asked = 0;
    this.askedSerial = 0;
    /** @type {{type: string, fields: object, serial: number} | null} */
    this.wish = null;
    this.answered = 0;
    this.undoEnds = 0;
    /** @type {Map<string, {on: boolean, seq: number}>} clicks on their way, by review and tag */
    this.pending = new Map();
    this.sequence = 0;
    this.waitingSince = 0;
    this.silent = false;
    /** @type {Set<(topic: Topic, detail: any) => void>} */
    this.listeners = new Set();
    this.thumbs = new Thumbs(
      (ids) => this.model.send({ type: "thumbs", ids }),
      (ids) => this.tell("thumbs", ids),
    );
    this.receive = this.receive.bind(this);
    this.model.on("msg:custom", this.receive);
    this.clock = window.setInterval(() => this.watch(), 1000);
    this.lastBeat = performance.now();
  }

  close() {
    clearInterval(this.clock);
    this.model.off("msg:custom", this.receive);
    this.thumbs.close();
    this.listeners.clear();
  }

  /**
   * @param {Topic} topic
   * @param {any} [detail]
   */
  tell(topic, detail) {
    for (const listener of [...this.listeners]) listener(topic, detail);
  }

  /** Whether a step is being taken, here or anywhere. */
  get busy() {
    return this.asked > this.answered || Boolean(this.state?.busy);
  }

  /** Seconds in which the last submission can still be taken back. */
  get undoLeft() {
    return Math.max(0, (this.undoEnds - performance.now()) / 1000);
  }

  open() {
    this.expectAnswer();
    this.model.send({ type: "ready" });
  }

  /**
   * Ask Python for a step; nothing is asked while another is under way. But when that one has brought its screen and
   * only its last word is missing, the wish is kept until then: a quick key is not lost, and none submits a screen
   * unseen.
   * @param {string} type
   * @param {object} [fields]
   */
  ask(type, fields = {}) {
    if (this.busy) {
      if (this.serial !== this.askedSerial) this.wish = { type, fields, serial: this.serial };
      return false;
    }
    this.wish = null;
    this.askedSerial = this.serial;
    this.asked += 1;
    this.expectAnswer();
    this.model.send({ type, page: this.page, n: this.asked, serial: this.serial, ...fields });
    this.tell("state");
    return true;
  }

  /** @param {string} id */
  askDetails(id) {
    this.expectAnswer();
    this.model.send({ type: "details", id });
  }

  /**
   * Switch a tag: painted now, confirmed later.
   * @param {string} id
   * @param {string} tag
   */
  toggle(id, tag) {
    const item = this.items.get(id);
    if (!item || this.busy || this.state?.lost.includes(id)) return;
    const on = !item.on.has(tag);
    this.sequence += 1;
    this.pending.set(`${id} ${tag}`, { on, seq: this.sequence });
    switchTag(item, tag, on);
    this.tell("tag", id);
    this.expectAnswer();
    this.model.send({ type: "toggle", id, tag, on, page: this.page, seq: this.sequence });
  }

  /**
   * The tags of a review that the service does not have yet: those it refused, and those that nobody confirms.
   * @param {string} review
   */
  unsavedOf(review) {
    const unsaved = new Set((this.state?.unsaved ?? []).filter(([id]) => id === review).map(([, tag]) => tag));
    if (!this.silent) return unsaved;
    for (const key of this.pending.keys()) {
      const [id, tag] = key.split(" ");
      if (id === review) unsaved.add(tag);
    }
    return unsaved;
  }

  expectAnswer() {
    if (!this.waitingSince) this.waitingSince = performance.now();
  }

  watch() {
    const now = performance.now();
    const patience = this.state?.busy ? SLOW_AFTER : SILENT_AFTER;
    const silent = this.waitingSince > 0 && now - this.waitingSince > patience;
    if (silent !== this.silent) {
      this.silent = silent;
      this.tell("silent");
    }
    if (now - this.lastBeat > (silent ? ASK_AGAIN : (this.state?.beat ?? 15) * 1000)) {
      this.lastBeat = now;
      this.expectAnswer();
      this.model.send({ type: "alive" });
    }
  }

  /** The kernel is back after a silence: what it may never have heard is said again; saying it twice does no harm. */
  catchUp() {
    if (!this.state?.busy) this.answered = this.asked;
    for (const [key, { on, seq }] of this.pending) {
      const [id, tag] = key.split(" ");
      this.model.send({ type: "toggle", id, tag, on, page: this.page, seq });
    }
    if (!this.state) this.model.send({ type: "ready" });
    this.thumbs.again();
  }

  /**
   * @param {Message} message
   * @param {BufferSource[]} buffers
   */
  receive(message, buffers) {
    const wasSilent = this.silent;
    this.waitingSince = 0;
    if (wasSilent) this.watch();
    this.handle(message, buffers);
    if (wasSilent) this.catchUp();
    else if (this.pending.size > 0 || this.asked > this.answered) this.expectAnswer();
  }

  /**
   * @param {Message} message
   * @param {BufferSource[]} buffers
   */
  handle(message, buffers) {
    if (message.type === "screen") this.takeScreen(message);
    else if (message.type === "state") this.takeState(/** @type {any} */ (message));
    else if (message.type === "toggled") this.takeTag(message);
    else if (message.type === "done" && message.page === this.page) this.takeDone(message.n);
    else if (message.type === "thumbs") this.thumbs.receive(/** @type {any} */ (message), buffers);
    else if (message.type === "details") this.tell("details", message);
    else if (message.type === "picture") this.tell("picture", { ...message, buffer: buffers[0] });
  }

  /** @param {State} state */
  takeState(state) {
    const wasBroken = this.state?.notice?.kind === "error";
    this.state = state;
    this.undoEnds = state.undo.left > 0 ? performance.now() + state.undo.left * 1000 : 0;
    if (wasBroken && !state.notice) this.thumbs.again();
    this.tell("state");
  }

  /** @param {number} number */
  takeDone(number) {
    this.answered = Math.max(this.answered, number);
    this.tell("state");
    const wish = this.wish;
    if (wish && !this.busy && wish.serial === this.serial) this.ask(wish.type, wish.fields);
  }

  /** @param {Message} message */
  takeScreen(message) {
    const another = message.serial !== this.serial;
    if (message.start === 0) {
      this.items = new Map();
      this.serial = message.serial;
      this.total = message.total;
    } else if (another) {
      return;
    }
    for (const row of message.items) {
      const item = { ...row, on: new Set(row.on) };
      this.items.set(row.id, item);
      for (const [key, { on }] of this.pending) {
        const [id, tag] = key.split(" ");
        if (id === row.id) switchTag(item, tag, on);
      }
    }
    this.tell(message.start === 0 && another ? "screen" : "items");
  }

  /** @param {Message} message */
  takeTag(message) {
    const key = `${message.id} ${message.tag}`;
    const waiting = this.pending.get(key);
    if (waiting && (message.page !== this.page || message.seq !== waiting.seq)) return;
    this.pending.delete(key);
    const item = this.items.get(message.id);
    if (!item || message.on === null || item.on.has(message.tag) === message.on) return;
    switchTag(item, message.tag, message.on);
    this.tell("tag", message.id);
  }
}

/**
 * @param {Item} item
 * @param {string} tag
 * @param {boolean} on
 */
function switchTag(item, tag, on) {
  if (on) item.on.add(tag);
  else item.on.delete(tag);
}
