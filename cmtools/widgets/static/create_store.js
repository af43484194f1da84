// What the browser knows of one create form, and what it asks; all its views share it. Messages: create_talk.py.
import { Thumbs } from "./thumbs.js";
import { Uploads } from "./create_upload.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./shared.js").Message} Message */
/** @typedef {{code: string, on: boolean | null, score: number | null, by: string}} Cell */

/**
 * @typedef {object} Row
 * @property {string} key
 * @property {string} name
 * @property {string} id
 * @property {string} type
 * @property {string} state
 * @property {string} reason
 * @property {string} next
 * @property {number} size
 * @property {number} received
 * @property {string | null} review
 * @property {Cell[]} tags
 * @property {string} thumb
 */

/**
 * @typedef {object} View
 * @property {number} version
 * @property {Record<string, number>} counts
 * @property {number} ready
 * @property {{type: string, subteam: string | null, callback: string, batch: string, new_tags: boolean,
 *   tags: Record<string, boolean>, overlap: number | null, overlap_share: number | null, final: string | null,
 *   blind: boolean | null}} options
 * @property {Record<string, number>} heard page -> the number of the last thing it set that Python knows of
 * @property {string} callback_error
 * @property {string} left_out
 * @property {{code: string, name: string, about: string}[]} tags
 * @property {string[]} subteams
 * @property {string[]} missing
 * @property {{team: string, reviewer: string, url: string}} who
 * @property {string} tagger
 * @property {string} notice
 * @property {boolean} blur
 * @property {{bytes: number, entries: number}} limits
 * @property {{total: number, done: number, created: number, existed: number, failed: number, running: boolean,
 *   stopping: boolean, error: string} | null} run
 * @property {string[]} tables
 */

/** How long the kernel may be silent after a question before the form says so, in milliseconds. */
const QUIET_AFTER = 5000;

/** After how long a question is asked again. */
const AGAIN_AFTER = 10_000;

export class Form {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.page = Math.random().toString(36).slice(2);
    /** @type {View | null} */
    this.view = null;
    this.words = "";
    this.quiet = false;
    this.number = 0;
    /** @type {Map<number, {message: Message, answer: (message: Message) => void, at: number, asked: number}>} */
    this.open = new Map();
    /** @type {Set<(what: "view" | "thumbs", ids: string[]) => void>} */
    this.listeners = new Set();
    this.thumbs = new Thumbs(
      (ids) => this.send({ type: "thumbs", ids }),
      (ids) => this.tell("thumbs", ids),
    );
    this.uploads = new Uploads({
      send: (message, buffers) => this.send(message, buffers),
      tell: (words) => this.say(words),
      changed: () => this.tell("view"),
    });
    this.receive = this.receive.bind(this);
    this.model.on("msg:custom", this.receive);
    this.timer = window.setInterval(() => this.look(), 1000);
    this.start();
  }

  start() {
    this.ask({ type: "ready" }, () => {});
  }

  close() {
    clearInterval(this.timer);
    this.model.off("msg:custom", this.receive);
    this.uploads.close();
    this.thumbs.close();
    this.listeners.clear();
  }

  /**
   * @param {Message} message
   * @param {ArrayBuffer[]} [buffers]
   */
  send(message, buffers) {
    this.model.send({ page: this.page, ...message }, undefined, buffers);
  }

  /**
   * Ask, and hear the answer; asked again when nothing comes. Gives the number, by which the question can be dropped.
   * @param {Message} message
   * @param {(message: Message) => void} answer
   */
  ask(message, answer) {
    const n = ++this.number;
    const now = performance.now();
    this.open.set(n, { message, answer, at: now, asked: now });
    this.send({ ...message, n });
    return n;
  }

  look() {
    const now = performance.now();
    let late = false;
    for (const [n, question] of this.open) {
      if (now - question.at > QUIET_AFTER) late = true;
      if (now - question.asked > AGAIN_AFTER && question.message.type !== "lines" && question.message.type !== "table") {
        question.asked = now;
        this.send({ ...question.message, n });
      }
    }
    if (late !== this.quiet) {
      this.quiet = late;
      this.tell("view");
    }
  }

  /**
   * @param {"view" | "thumbs"} what
   * @param {string[]} [ids]
   */
  tell(what, ids = []) {
    for (const listener of [...this.listeners]) listener(what, ids);
  }

  /**
   * Say something that only the browser knows.
   * @param {string} words
   */
  say(words) {
    this.words = words;
    this.tell("view");
  }

  /**
   * @param {Message} message
   * @param {BufferSource[]} buffers
   */
  receive(message, buffers) {
    if (message.type === "thumbs") {
      this.thumbs.receive(/** @type {any} */ (message), buffers);
    } else if (message.type === "view") {
      if (this.view && message.version < this.view.version) return;
      this.view = /** @type {any} */ (message);
      this.keepWishes(/** @type {any} */ (message));
      this.quiet = false;
      this.tell("view");
    } else if (message.page === this.page) {
      if (message.type === "taken") this.uploads.taken(/** @type {any} */ (message));
      else if (message.type === "got") this.uploads.got(/** @type {any} */ (message));
      else this.answered(message);
    }
  }

  /**
   * What was set here and has not been heard yet holds on the screen: a view may be of before it.
   * @param {View} view
   */
  keepWishes({ heard, options }) {
    for (const [n, { message }] of this.open) {
      if (message.type === "ready" || (message.type === "set" && n <= (heard[this.page] ?? 0))) this.open.delete(n);
      else if (message.type === "set") Object.assign(options, { [message.name]: message.value });
    }
  }

  /** @param {Message} message */
  answered(message) {
    const question = this.open.get(message.n);
    this.open.delete(message.n);
    if (this.quiet) this.look();
    question?.answer(message);
  }

  /**
   * @param {string} name
   * @param {string | number | boolean | null} value
   */
  set(name, value) {
    this.ask({ type: "set", name, value }, () => {});
  }
}
