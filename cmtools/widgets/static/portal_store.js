// What the browser knows of one portal, and what it asks; all its views share it. Messages: cmtools/widgets/portal.py.

/** @typedef {import("./shared.js").Model} Model */
/** @typedef {import("./shared.js").Message} Message */

/**
 * @typedef {object} Stand
 * @property {boolean} signed
 * @property {string} url
 * @property {string} team
 * @property {boolean} fixed whether the address cannot be chosen
 * @property {string} reviewer
 * @property {string} role
 * @property {string[]} tabs
 * @property {string} tab
 * @property {string} kind
 * @property {string} subteam
 * @property {string[]} subteams
 * @property {boolean} settles whether this person may settle disputes
 * @property {boolean} disputes whether the board shows those
 * @property {boolean} busy
 * @property {string} error
 * @property {string | null} shown the id of the widget that the tab shows
 */

/** @typedef {{secret?: string, told?: string, once?: boolean, error?: string}} Answer */

/** How long the kernel may be silent after a question before the portal says so, in milliseconds. */
const SILENT_AFTER = 20000;

export class Desk {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.page = Math.random().toString(36).slice(2);
    /** @type {Stand | null} */
    this.state = null;
    /** @type {Message | null} */
    this.figures = null;
    /** @type {Message | null} */
    this.settings = null;
    this.refused = "";
    this.waiting = false;
    this.silent = false;
    this.timer = 0;
    this.asked = 0;
    /** @type {Map<number, (answer: Answer) => void>} */
    this.answers = new Map();
    /** @type {Set<(topic: string) => void>} */
    this.listeners = new Set();
    this.receive = this.receive.bind(this);
    this.model.on("msg:custom", this.receive);
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.receive);
    this.listeners.clear();
  }

  /** @param {string} topic */
  tell(topic) {
    for (const listener of [...this.listeners]) listener(topic);
  }

  /** @param {Message} message */
  send(message) {
    this.model.send(message);
    this.expect();
  }

  expect() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.silent = true;
      this.waiting = false;
      this.tell("state");
    }, SILENT_AFTER);
  }

  begin() {
    this.send({ type: "ready" });
  }

  /** The key goes into this one message and is kept nowhere. @param {{url: string, team: string, key: string}} typed */
  signIn({ url, team, key }) {
    this.refused = "";
    this.waiting = true;
    this.send({ type: "sign_in", url, team, key, page: this.page });
    this.tell("state");
  }

  signOut() {
    this.send({ type: "sign_out" });
  }

  /** @param {string} tab @param {{kind?: string, subteam?: string, disputes?: boolean}} [more] */
  open(tab, more = {}) {
    this.waiting = true;
    this.send({ type: "open", tab, ...more });
    this.tell("state");
  }

  /** @param {"figures" | "settings"} what */
  look(what) {
    this.send({ type: "look", what });
  }

  /**
   * Let the settings do something.
   * @param {string} action
   * @param {Record<string, unknown>} [values]
   * @returns {Promise<Answer>}
   */
  do(action, values = {}) {
    this.asked += 1;
    const n = this.asked;
    this.send({ type: "do", action, values, page: this.page, n });
    return new Promise((resolve) => this.answers.set(n, resolve));
  }

  /** @param {Message} message */
  receive(message) {
    clearTimeout(this.timer);
    this.silent = false;
    if (message.type === "done") {
      if (message.page !== this.page) return;
      this.answers.get(message.n)?.(/** @type {any} */ (message));
      this.answers.delete(message.n);
    } else if (message.type === "refused") {
      if (message.page !== this.page) return;
      this.waiting = false;
      this.refused = message.text;
      this.tell("state");
    } else if (message.type === "state") {
      this.take(/** @type {any} */ (message));
    } else if (message.type === "figures") {
      this.figures = message;
      this.tell("figures");
    } else if (message.type === "settings") {
      this.settings = message;
      this.tell("settings");
    }
  }

  /** @param {Stand} state */
  take(state) {
    this.state = state;
    this.waiting = false;
    if (state.signed) {
      this.refused = "";
    } else {
      this.figures = null;
      this.settings = null;
    }
    this.tell("state");
  }
}
