// What the browser knows of one dashboard, and what it asks; all its views share it. Messages: top of dashboard.js.
import { Thumbs } from "./thumbs.js";

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./shared.js").Message} Message */
/** @typedef {import("./dashboard_parts.js").Choices} Choices */
/** @typedef {import("./dashboard_parts.js").View} View */

/** How long the kernel may be silent after a question before the dashboard says so, in milliseconds. */
const QUIET_AFTER = 6000;

export class Looking {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.page = Math.random().toString(36).slice(2);
    /** @type {Choices | null} */
    this.choices = null;
    /** @type {View | null} */
    this.view = null;
    this.error = "";
    this.quiet = false;
    this.asked = 0;
    this.answered = 0;
    /** @type {Record<string, unknown> | null} what was chosen while an answer was on its way */
    this.next = null;
    this.timer = 0;
    /** @type {Set<(ids: string[] | null) => void>} */
    this.listeners = new Set();
    this.thumbs = new Thumbs(
      (ids) => this.model.send({ type: "thumbs", ids }),
      (ids) => this.tell(ids),
    );
    this.receive = this.receive.bind(this);
    this.model.on("msg:custom", this.receive);
  }

  open() {
    this.model.send({ type: "ready" });
    this.expect();
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.receive);
    this.thumbs.close();
    this.listeners.clear();
  }

  get waiting() {
    return this.asked > this.answered;
  }

  /** @param {string[] | null} ids whose pictures have come; null when all is to be drawn */
  tell(ids) {
    for (const listener of [...this.listeners]) listener(ids);
  }

  expect() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.quiet = true;
      this.answered = this.asked;
      this.tell(null);
    }, QUIET_AFTER);
  }

  /**
   * Ask for another choice; while one is on its way, the next ones become one question.
   * @param {Record<string, unknown>} changes
   */
  choose(changes) {
    if (this.waiting) {
      this.next = { ...this.next, ...changes };
      return;
    }
    this.asked += 1;
    this.model.send({ type: "choose", ...changes, page: this.page, n: this.asked });
    this.expect();
  }

  /**
   * @param {Message} message
   * @param {BufferSource[]} buffers
   */
  receive(message, buffers) {
    if (message.type === "thumbs") {
      this.thumbs.receive(/** @type {any} */ (message), buffers);
      return;
    }
    clearTimeout(this.timer);
    this.quiet = false;
    if (message.type === "choices") this.choices = /** @type {any} */ (message);
    if (message.type !== "view") return;
    if (message.page === this.page) this.answered = Math.max(this.answered, message.n);
    this.error = message.error ?? "";
    if (!message.error) this.view = /** @type {any} */ (message);
    const next = this.next;
    this.next = null;
    if (next && !this.waiting) this.choose(next);
    else if (next) this.next = next;
    this.tell(null);
  }
}
