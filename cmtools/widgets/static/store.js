// What the browser knows of one board: the state that Python sent, and clicks that Python has not confirmed yet.
// All views of a board share one store. The messages are listed at the top of board.js.
import { Changes } from "./changes.js";
import { Gallery } from "./gallery.js";
import { unpack } from "./shared.js";
import { Wellness } from "./wellness.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./shared.js").Message} Message */

/** @typedef {import("./types.js").Tag} Tag */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Topic} Topic */

/** Steps during which tags may still be switched: they touch other reviews, or none. */
const GENTLE = ["hold", "take_held", "unhold", "move", "count", "order"];

/** @type {Set<string>} */
const NONE = new Set();

/** How long the kernel may be silent after a question before the board says so, in milliseconds. */
const SILENT_AFTER = 6000;

/** The same while Python has said that it is at work: the service may take its time. */
const SLOW_AFTER = 45000;

/** How often a silent kernel is asked whether it is there, in milliseconds. */
const ASK_AGAIN = 5000;

/** After how long an answer that is owed is asked after, in milliseconds. */
const ASK_AFTER = 2000;

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
    this.tagged = 0;
    /** @type {Set<string>} */
    this.lost = new Set();
    /** @type {Map<string, Set<string>>} tags that the service does not have yet, by review */
    this.unsaved = new Map();
    /** @type {Set<string>} reviews that are selected */
    this.picked = new Set();
    /** @type {Map<string, string[]>} for each review that has near-duplicates, the group with itself */
    this.alike = new Map();
    /** @type {{words: string, ids: Set<string>, fault: string} | null} what the find field brought */
    this.found = null;
    /** @type {{items: import("./known.js").Known[], right: number, of: number} | null} */
    this.known = null;
    this.asked = 0;
    this.askedType = "";
    this.askedSerial = 0;
    /** @type {{type: string, fields: object, serial: number} | null} */
    this.wish = null;
    this.answered = 0;
    this.undoEnds = 0;
    this.waitingSince = 0;
    this.silent = false;
    /** @type {Set<(topic: Topic, detail: any) => void>} */
    this.listeners = new Set();
    this.changes = new Changes(this);
    /** @type {Map<string, object>[]} clicks that Python has not confirmed, by "review tag"; a kind adds its own */
    this.unanswered = [this.changes.pending];
    this.listeners.add((topic) => topic === "again" && this.changes.sayAgain());
    /** @type {Set<object>} those of them that were on their way when it was last asked whether the kernel is there */
    this.asking = new Set();
    this.askedFields = {};
    this.wellness = new Wellness(this);
    this.gallery = new Gallery(this);
    this.thumbs = this.gallery.thumbs;
    this.veils = this.gallery.veils;
    this.unpacking = Promise.resolve();
    this.receive = this.receive.bind(this);
    this.model.on("msg:custom", this.receive);
    this.clock = window.setInterval(() => this.watch(), 1000);
    this.lastBeat = performance.now();
    this.away = () => document.hidden && this.wellness.stop();
    document.addEventListener("visibilitychange", this.away);
  }

  close() {
    this.wellness.stop();
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.away);
    this.model.off("msg:custom", this.receive);
    this.gallery.close();
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

  /** Whether a step is under way that the tags on the screen must not change during. */
  get frozen() {
    return this.busy && !GENTLE.includes(this.asked > this.answered ? this.askedType : (this.state?.busy ?? ""));
  }

  /** @param {string} id */
  isLost(id) {
    return this.lost.has(id);
  }

  /** @param {string} id */
  canChange(id) {
    return this.items.has(id) && !this.frozen && !this.lost.has(id);
  }

  /** Whether Python owes an answer: to a step or to a click, or the end of what it began to say. */
  get owed() {
    const { state, asked, answered, serial } = this;
    const behind = state !== null && (Boolean(state.busy) || state.serial !== serial);
    return asked > answered || behind || this.unanswered.some((each) => each.size > 0);
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
    this.askedType = type;
    this.askedFields = fields;
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
   * Switch a tag of an item here, and keep count of those that have any.
   * @param {Item} item
   * @param {string} tag
   * @param {boolean} on
   */
  switchTag(item, tag, on) {
    const had = item.on.size > 0;
    if (on) item.on.add(tag);
    else item.on.delete(tag);
    if (this.items.get(item.id) === item) this.tagged += Number(item.on.size > 0) - Number(had);
  }

  /** @param {string[]} ids */
  pick(ids) {
    const before = [...this.picked];
    this.picked = new Set(ids.filter((id) => this.items.has(id)));
    const changed = [...new Set([...before, ...this.picked])];
    this.tell("picked", changed.filter((id) => this.picked.has(id) !== before.includes(id)));
  }

  /**
   * The tags of a review that the service does not have yet: those it refused, and those that nobody confirms.
   * @param {string} review
   * @returns {Set<string>}
   */
  unsavedOf(review) {
    const unsaved = this.unsaved.get(review) ?? NONE;
    if (!this.silent) return unsaved;
    const all = new Set(unsaved);
    for (const key of this.unanswered.flatMap((each) => [...each.keys()])) {
      const [id, tag] = key.split(" ");
      if (id === review) all.add(tag);
    }
    return all;
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
    this.wellness.tick();
    const rest = silent ? ASK_AGAIN : this.owed ? ASK_AFTER : (this.state?.beat ?? 15) * 1000;
    if (now - this.lastBeat > rest && !(this.owed && now - this.waitingSince < ASK_AFTER)) {
      this.lastBeat = now;
      this.expectAnswer();
      this.asking = new Set(this.unanswered.flatMap((each) => [...each.values()]));
      this.model.send({ type: "alive", page: this.page, idle: Math.round(this.wellness.idle / 1000) });
    }
  }

  /** The kernel is back after a silence: what it may never have heard is said again; saying it twice does no harm. */
  catchUp() {
    this.tell("again");
    if (!this.state) this.model.send({ type: "ready" });
    this.gallery.again();
  }

  /**
   * The kernel answers in order: what was asked before this, and has no answer yet, was lost on one way or the other.
   * @param {Message} message
   */
  takeAlive({ page, heard, done, serial, busy }) {
    if (page !== this.page) return;
    if (this.unanswered.some((each) => [...each.values()].some((one) => this.asking.has(one)))) this.tell("again");
    const { asked, askedType: type, askedFields: fields, state } = this;
    const lost = asked > this.answered && (heard < asked || done >= asked);
    if (lost) this.answered = asked;
    if (serial !== this.serial || (state && (serial !== state.serial || (state.busy && !busy)))) {
      this.model.send({ type: "ready" });
    }
    if (lost) this.tell("missed", { type, fields, taken: done >= asked });
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
    else if (this.owed) this.expectAnswer();
  }

  /**
   * @param {Message} message
   * @param {BufferSource[]} buffers
   */
  handle(message, buffers) {
    if (message.type === "screen") this.takeScreen(message, buffers);
    else if (message.type === "state") this.takeState(/** @type {any} */ (message));
    else if (message.type === "toggled") this.takeTags([[message.id, message.tag, message.on]], message);
    else if (message.type === "toggled_all") this.takeTags(message.changes, message);
    else if (message.type === "done" && message.page === this.page) this.takeDone(message.n);
    else if (message.type === "thumbs") this.gallery.receive(message, buffers);
    else if (message.type === "details") this.tell("details", message);
    else if (message.type === "picture") this.tell("picture", { ...message, buffer: buffers[0] });
    else if (message.type === "care") this.takeCare(/** @type {any} */ (message.care));
    else if (message.type === "alive") this.takeAlive(message);
    else if (message.type === "alike") this.takeGroups(message.serial, message.groups);
    else if (message.type === "found") this.takeFound(message);
    else if (message.type === "known") this.tell("known", (this.known = /** @type {any} */ (message)));
    else this.tell("kind", { ...message, buffers });
  }

  /** @param {State} state */
  takeState(state) {
    const wasBroken = this.state?.notice?.kind === "error";
    this.state = state;
    this.undoEnds = state.undo.left > 0 ? performance.now() + state.undo.left * 1000 : 0;
    this.lost = new Set(state.lost);
    this.unsaved = new Map();
    for (const [id, tag] of state.unsaved) this.unsaved.set(id, new Set([...(this.unsaved.get(id) ?? []), tag]));
    if (wasBroken && !state.notice) this.gallery.again();
    this.wellness.take(state.care);
    this.tell("state");
  }

  /** @param {import("./wellness.js").Care} care */
  takeCare(care) {
    if (this.state) this.state.care = care;
    this.wellness.take(care);
    this.tell("state");
  }

  /** @param {number} number */
  takeDone(number) {
    this.answered = Math.max(this.answered, number);
    this.tell("state");
    const wish = this.wish;
    if (wish && !this.busy && wish.serial === this.serial) this.ask(wish.type, wish.fields);
  }

  /**
   * A part of a screen; the later parts are compressed, and are put in when they are unpacked, in their order.
   * @param {Message} message
   * @param {BufferSource[]} buffers
   */
  takeScreen(message, buffers) {
    const another = message.serial !== this.serial;
    if (message.start === 0) {
      this.items = new Map();
      this.tagged = 0;
      this.serial = message.serial;
      if (another) this.leaveScreen();
    } else if (another) {
      return;
    }
    this.total = message.total;
    if (!message.packed) {
      this.addRows(message.items);
      this.tell(message.start === 0 && another ? "screen" : "items");
      return;
    }
    const { serial } = message;
    this.unpacking = this.unpacking
      .then(() => unpack(buffers[0]))
      .then((rows) => {
        if (serial !== this.serial) return;
        this.addRows(rows);
        this.tell("items");
      });
  }

  leaveScreen() {
    this.changes.forget();
    this.picked = new Set();
    this.alike = new Map();
    this.found = null;
  }

  /** @param {any[]} rows */
  addRows(rows) {
    for (const row of rows) {
      const item = { ...row, on: new Set(row.on) };
      this.items.set(row.id, item);
      this.tagged += Number(item.on.size > 0);
      if (this.changes.pending.size) this.changes.renew(item);
    }
  }

  /**
   * @param {[string, string, boolean | null][]} changes
   * @param {Message} message
   */
  takeTags(changes, message) {
    const ids = this.changes.confirm(changes, message.page, message.seq);
    if (ids.length) this.tell("tags", ids);
  }

  /**
   * @param {number} serial
   * @param {string[][]} groups
   */
  takeGroups(serial, groups) {
    if (serial !== this.serial) return;
    this.alike = new Map(groups.flatMap((group) => group.map((id) => [id, group])));
    this.tell("alike");
  }

  /** @param {string} words */
  find(words) {
    if (!words.trim()) {
      this.found = null;
      this.tell("found");
      return;
    }
    this.expectAnswer();
    this.model.send({ type: "find", words, page: this.page });
  }

  /** @param {Message} message */
  takeFound(message) {
    if (message.page !== this.page || message.serial !== this.serial) return;
    this.found = { words: message.words, ids: new Set(message.ids), fault: message.fault };
    this.tell("found");
  }
}
