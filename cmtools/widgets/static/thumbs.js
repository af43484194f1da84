// Pictures of reviews as object URLs: asked for near the view, in batches, asked again when lost, revoked when old.

/** How many pictures may be on their way at once, how many one message asks for, how many are kept: unless told. */
const FLYING = 24;
const ASKED = 12;
const KEPT = 400;

/** How long to wait for a picture before it is asked for again, in milliseconds. */
const LOST_AFTER = 8000;

/** How long to leave a broken service alone, in milliseconds. */
const PAUSE = 4000;

export class Thumbs {
  /**
   * @param {(ids: string[], soon: boolean) => void} ask sends the request; for what is wanted now, or maybe soon
   * @param {(ids: string[]) => void} arrived is told which pictures there are now
   * @param {{asked: number, flying: number, kept: number}} [most]
   */
  constructor(ask, arrived, most = { asked: ASKED, flying: FLYING, kept: KEPT }) {
    this.most = most;
    this.ask = ask;
    this.arrived = arrived;
    /** @type {Map<string, string | null>} the address, or null where there is no picture to show */
    this.urls = new Map();
    /** @type {Map<object, string[]>} what each view wants, the nearest first */
    this.wanted = new Map();
    /** @type {Map<string, number>} when each picture was asked for */
    this.flying = new Map();
    /** @type {string[]} */
    this.further = [];
    this.pausedUntil = 0;
    this.timer = 0;
  }

  /**
   * Say which pictures a view has near; what it wanted before and wants no more is not asked for.
   * @param {object} view
   * @param {string[]} ids
   * @param {string[]} [further] those that may be wanted soon: asked for when nothing nearer is missing
   */
  want(view, ids, further = []) {
    this.wanted.set(view, ids);
    this.further = further;
    this.pump();
  }

  /** @param {object} view */
  leave(view) {
    this.wanted.delete(view);
  }

  /** @param {string} id */
  url(id) {
    return this.urls.get(id);
  }

  pump() {
    const now = performance.now();
    for (const [id, at] of this.flying) {
      if (now - at > LOST_AFTER) this.flying.delete(id);
    }
    const todo = [];
    if (now >= this.pausedUntil) {
      for (const ids of this.wanted.values()) {
        for (const id of ids) {
          if (!this.urls.has(id) && !this.flying.has(id)) todo.push(id);
        }
      }
    }
    const soon = todo.length === 0 && now >= this.pausedUntil;
    if (soon && this.flying.size < this.most.asked) {
      todo.push(...this.further.filter((id) => !this.urls.has(id) && !this.flying.has(id)));
    }
    const ids = [...new Set(todo)].slice(0, Math.min(this.most.asked, this.most.flying - this.flying.size));
    if (ids.length) {
      ids.forEach((id) => this.flying.set(id, now));
      this.ask(ids, soon);
      if (todo.length > ids.length && this.flying.size < this.most.flying) this.pump();
    }
    this.lookLater(todo.length > 0 || this.flying.size > 0 || now < this.pausedUntil);
  }

  /** @param {boolean} needed */
  lookLater(needed) {
    clearTimeout(this.timer);
    if (needed) this.timer = window.setTimeout(() => this.pump(), 1000);
  }

  /**
   * @param {{ids: string[], none?: string[], failed?: string[]}} message
   * @param {BufferSource[]} buffers
   */
  receive(message, buffers) {
    message.ids.forEach((id, index) => {
      const old = this.urls.get(id);
      if (old) URL.revokeObjectURL(old);
      this.put(id, URL.createObjectURL(new Blob([buffers[index]], { type: "image/jpeg" })));
    });
    (message.none || []).forEach((id) => this.put(id, null));
    (message.failed || []).forEach((id) => this.flying.delete(id));
    if (message.failed?.length) this.pausedUntil = performance.now() + PAUSE;
    this.forgetOld();
    this.arrived([...message.ids, ...(message.none || [])]);
    this.pump();
  }

  /**
   * @param {string} id
   * @param {string | null} url
   */
  put(id, url) {
    this.flying.delete(id);
    this.urls.delete(id);
    this.urls.set(id, url);
  }

  forgetOld() {
    const near = new Set([...this.wanted.values()].flat());
    for (const [id, url] of this.urls) {
      if (this.urls.size <= this.most.kept) return;
      if (near.has(id)) continue;
      if (url) URL.revokeObjectURL(url);
      this.urls.delete(id);
    }
  }

  /** Ask at once again for what did not come. */
  again() {
    this.pausedUntil = 0;
    this.flying.clear();
    this.pump();
  }

  /** All of them go, to be asked for anew. */
  forget() {
    for (const url of this.urls.values()) {
      if (url) URL.revokeObjectURL(url);
    }
    this.urls.clear();
    this.flying.clear();
  }

  close() {
    clearTimeout(this.timer);
    this.forget();
    this.wanted.clear();
  }
}
