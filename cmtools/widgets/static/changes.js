// Tags that a person switches: painted at once, told to Python, confirmed later; and the way back for the last ones.

/** @typedef {import("./store.js").Item} Item */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {[id: string, tag: string, on: boolean]} Change */

/** How many changes can be taken back, one after another. */
const REMEMBERED = 50;

export class Changes {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Map<string, {on: boolean, seq: number}>} clicks on their way, by review and tag */
    this.pending = new Map();
    this.sequence = 0;
    /** @type {{text: string, before: Change[], back?: () => void}[]} what can be taken back, the last one at the end */
    this.done = [];
  }

  /**
   * Switch a tag of one review.
   * @param {string} id
   * @param {string} tag
   */
  toggle(id, tag) {
    const item = this.store.items.get(id);
    if (!item || !this.store.canChange(id)) return;
    const on = !item.on.has(tag);
    this.remember(`${this.nameOf(tag)} ${on ? "on" : "off"}`, [[id, tag, !on]]);
    this.switch(item, tag, on, (this.sequence += 1));
    this.store.tell("tag", id);
    this.send({ type: "toggle", id, tag, on, page: this.store.page, seq: this.sequence });
  }

  /**
   * Switch one tag of several reviews: on for all, or off when all have it already.
   * @param {string[]} ids
   * @param {string} tag
   */
  toggleAll(ids, tag) {
    const able = ids.filter((id) => this.store.canChange(id));
    const on = !able.every((id) => this.store.items.get(id)?.on.has(tag));
    this.setAll(able.map((id) => [id, tag, on]), `${this.nameOf(tag)} ${on ? "on" : "off"}`);
  }

  /**
   * Give several reviews the tags that one of them has.
   * @param {string} from
   * @param {string[]} ids
   */
  copy(from, ids) {
    const item = this.store.items.get(from);
    if (!item) return;
    const tags = (this.store.state?.tags ?? []).map((tag) => tag.code);
    /** @type {(id: string) => Change[]} */
    const same = (id) => tags.map((tag) => [id, tag, item.on.has(tag)]);
    const changes = ids.filter((id) => id !== from).flatMap(same);
    this.setAll(changes, "the same tags");
  }

  /**
   * Several changes as one step, which is taken back as one. Those that change nothing are left out.
   * @param {Change[]} wanted
   * @param {string} text what it was, in words
   */
  setAll(wanted, text) {
    const { items } = this.store;
    const changes = wanted.filter(([id, tag, on]) => {
      const item = items.get(id);
      return item && this.store.canChange(id) && item.on.has(tag) !== on;
    });
    if (!changes.length) return 0;
    const reviews = new Set(changes.map(([id]) => id));
    this.remember(`${text}, ${reviews.size}`, changes.map(([id, tag, on]) => [id, tag, !on]));
    this.apply(changes);
    return reviews.size;
  }

  /** @param {Change[]} changes */
  apply(changes) {
    this.sequence += 1;
    for (const [id, tag, on] of changes) {
      const item = this.store.items.get(id);
      if (item) this.switch(item, tag, on, this.sequence);
    }
    this.store.tell("tags", [...new Set(changes.map(([id]) => id))]);
    this.send({ type: "toggle_all", changes, page: this.store.page, seq: this.sequence });
  }

  /**
   * Take the last change back; what it was, or nothing.
   * @returns {string}
   */
  undo() {
    if (this.store.frozen) return "";
    const last = this.done.pop();
    if (!last) return "";
    if (last.back) last.back();
    else this.apply(last.before.filter(([id]) => this.store.items.has(id) && this.store.canChange(id)));
    return last.text;
  }

  /** What `undo` would take back, in words. */
  get last() {
    return this.done.at(-1)?.text ?? "";
  }

  /**
   * @param {string} text
   * @param {Change[]} before
   * @param {() => void} [back] takes it back, where that is another's to do
   */
  remember(text, before, back) {
    this.done.push({ text, before, back });
    if (this.done.length > REMEMBERED) this.done.shift();
  }

  /** Another screen has come: its reviews are others. */
  forget() {
    this.done = [];
  }

  /** @param {object} message */
  send(message) {
    this.store.expectAnswer();
    this.store.model.send(message);
  }

  /** @param {string} code */
  nameOf(code) {
    return this.store.state?.tags.find((tag) => tag.code === code)?.name ?? code;
  }

  /**
   * @param {Item} item
   * @param {string} tag
   * @param {boolean} on
   * @param {number} seq
   */
  switch(item, tag, on, seq) {
    this.pending.set(`${item.id} ${tag}`, { on, seq });
    this.store.switchTag(item, tag, on);
  }

  /**
   * A review has come again: clicks on their way hold.
   * @param {Item} item
   */
  renew(item) {
    for (const [key, { on }] of this.pending) {
      const [id, tag] = key.split(" ");
      if (id === item.id) this.store.switchTag(item, tag, on);
    }
  }

  /** The kernel may never have heard of these: they are said once more, together; twice does no harm. */
  sayAgain() {
    if (!this.pending.size) return;
    this.sequence += 1;
    const changes = [...this.pending].map(([key, entry]) => {
      const [id, tag] = key.split(" ");
      this.pending.set(key, { on: entry.on, seq: this.sequence });
      return [id, tag, entry.on];
    });
    this.send({ type: "toggle_all", changes, page: this.store.page, seq: this.sequence });
  }

  /**
   * What holds now, as Python says; what a newer click has overtaken is left alone. Gives the reviews to paint.
   * @param {[string, string, boolean | null][]} changes
   * @param {string} page
   * @param {number} seq
   */
  confirm(changes, page, seq) {
    const ids = new Set();
    for (const [id, tag, on] of changes) {
      const key = `${id} ${tag}`;
      const waiting = this.pending.get(key);
      if (waiting && (page !== this.store.page || seq !== waiting.seq)) continue;
      this.pending.delete(key);
      const item = this.store.items.get(id);
      if (!item || on === null || item.on.has(tag) === on) continue;
      this.store.switchTag(item, tag, on);
      ids.add(id);
    }
    return [...ids];
  }
}
