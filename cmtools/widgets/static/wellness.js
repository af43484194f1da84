// What a reviewer is spared: blur and grey, press and hold to reveal one, what was seen today, when a break is due.
// Python keeps it (cmtools/widgets/wellness.py), and the service keeps it for longer.

/** @typedef {import("./store.js").Store} Store */

/**
 * @typedef {object} Care
 * @property {boolean} blur
 * @property {boolean} grey
 * @property {string} page whose word `blur` and `grey` are, and which of its words
 * @property {number} seq
 * @property {number} reveals today, on all boards of this reviewer
 * @property {number} seconds
 * @property {number | null} most how many a day allows
 * @property {Record<string, number>} heard up to which of their words the pages' reveals are counted in
 * @property {number} rest seconds of work after which a break is due now, else 0
 */

/** How often reveals are told, in milliseconds. */
const TOLD_EVERY = 3000;

/** How many seconds of work are told of by themselves. */
const WORTH_TELLING = 20;

/** After how long without key, click or scroll nobody is at work, in milliseconds. */
const AT_WORK = 60000;

export class Wellness {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.blur = true;
    this.grey = true;
    this.sequence = 0;
    this.shown = "";
    /** @type {Map<string, number>} reviews that are uncovered, and their seconds so far */
    this.since = new Map();
    /** @type {Set<string>} reviews that were uncovered in view at the last look */
    this.glimpsed = new Set();
    this.sharedAt = performance.now();
    /** @type {[string, number][]} reveals that have ended and are not told yet */
    this.ended = [];
    /** @type {{seq: number, reveals: number, seconds: number}[]} told, and not yet in what Python counts */
    this.unheard = [];
    this.counted = { reveals: 0, seconds: 0 };
    /** @type {number | null} */
    this.most = null;
    this.rest = 0;
    this.touchedAt = performance.now();
    this.ticked = performance.now();
    this.worked = 0;
    this.toldAt = performance.now();
    this.told = 0;
  }

  /** @param {Care} care */
  take(care) {
    const mine = care.page === this.store.page;
    const drawn = `${this.blur} ${this.grey}`;
    if (this.sequence === 0 || (mine && care.seq >= this.sequence)) {
      this.blur = care.blur;
      this.grey = care.grey;
    } else if (!mine && care.page) {
      this.blur = care.blur;
      this.grey = care.grey;
      this.sequence = 0;
    }
    this.counted = { reveals: care.reveals, seconds: care.seconds };
    this.most = care.most;
    this.rest = care.rest;
    const heard = care.heard[this.store.page] ?? 0;
    this.unheard = this.unheard.filter(({ seq }) => seq > heard);
    if (this.full && !this.blur) this.choose("blur", true);
    else if (drawn !== `${this.blur} ${this.grey}`) this.store.tell("veil");
  }

  /** Reveals of today and their seconds, with those that nobody has counted yet. */
  get today() {
    const now = performance.now();
    let { reveals, seconds } = this.counted;
    for (const each of this.unheard) {
      reveals += each.reveals;
      seconds += each.seconds;
    }
    for (const [, lasted] of this.ended) seconds += lasted;
    for (const [, lasted] of this.since) seconds += lasted;
    if (this.since.size) seconds += (now - this.sharedAt) / 1000;
    return { reveals: reveals + this.ended.length + this.since.size, seconds };
  }

  /** Whether the team allows no more reveals today. */
  get full() {
    return this.most !== null && this.today.reveals >= this.most;
  }

  /** Whether a picture is shown as it is. @param {string} key */
  uncovered(key) {
    return !this.blur || this.shown === key;
  }

  /**
   * @param {"blur" | "grey"} what
   * @param {boolean} on
   * @returns {boolean} false when the day's reveals are used up
   */
  choose(what, on) {
    if (what === "blur" && !on && this.full) return false;
    this[what] = on;
    this.sequence += 1;
    const { blur, grey, sequence } = this;
    this.store.model.send({ type: "veil", blur, grey, page: this.store.page, seq: sequence });
    this.look(new Set());
    this.store.tell("veil");
    return true;
  }

  /**
   * Show one picture as it is until `hide`.
   * @param {string} key a review, or a part of it: "review@part"
   * @returns {boolean} false when the day's reveals are used up
   */
  reveal(key) {
    if (this.shown === key || (!this.blur && !this.grey)) return true;
    this.hide();
    if (this.full) return false;
    this.shown = key;
    const id = key.split("@")[0];
    this.share();
    if (!this.since.has(id)) this.since.set(id, 0);
    this.store.thumbs.want(this, [key]);
    this.store.tell("veil", id);
    return true;
  }

  hide() {
    if (!this.shown) return;
    const id = this.shown.split("@")[0];
    this.shown = "";
    this.end(id);
    this.store.thumbs.leave(this);
    this.store.tell("veil", id);
  }

  /** @param {string} id */
  end(id) {
    this.share();
    const seconds = this.since.get(id);
    if (seconds === undefined) return;
    this.since.delete(id);
    this.ended.push([id, Math.round(seconds * 1000) / 1000]);
  }

  /** Share the time that has passed among all that are uncovered: nobody looks at two pictures at once. */
  share() {
    const now = performance.now();
    const each = (now - this.sharedAt) / 1000 / Math.max(1, this.since.size);
    this.sharedAt = now;
    for (const [id, seconds] of this.since) this.since.set(id, seconds + each);
  }

  /**
   * Count what is in view while nothing is blurred: a picture that stays there for a glance is a reveal.
   * @param {Set<string>} ids the reviews in view that are not blurred
   */
  look(ids) {
    const kept = this.shown.split("@")[0];
    for (const id of [...this.since.keys()]) {
      if (!ids.has(id) && id !== kept) this.end(id);
    }
    this.share();
    for (const id of ids) {
      if (this.glimpsed.has(id) && !this.since.has(id)) this.since.set(id, 0);
    }
    this.glimpsed = ids;
  }

  /** Somebody is at work. */
  touch() {
    this.touchedAt = performance.now();
  }

  /** Milliseconds since anybody did anything. */
  get idle() {
    return performance.now() - this.touchedAt;
  }

  /** Once a second: count the time at work, tell what has gathered. */
  tick() {
    const now = performance.now();
    if (this.idle < AT_WORK && !document.hidden) this.worked += Math.min(2, (now - this.ticked) / 1000);
    this.ticked = now;
    if (now - this.toldAt >= TOLD_EVERY) this.tellPython();
  }

  /** Tell Python what has gathered, if anything has. */
  tellPython() {
    this.toldAt = performance.now();
    if (!this.ended.length && this.worked < WORTH_TELLING) return;
    this.told += 1;
    const list = this.ended.splice(0);
    const seconds = list.reduce((sum, [, each]) => sum + each, 0);
    if (list.length) this.unheard.push({ seq: this.told, reveals: list.length, seconds });
    const worked = Math.round(this.worked * 10) / 10;
    this.worked = 0;
    this.store.model.send({ type: "seen", page: this.store.page, seq: this.told, list, worked });
  }

  /** The page is put away, or a screen goes: what is uncovered ends here. */
  stop() {
    this.hide();
    this.look(new Set());
    this.tellPython();
  }
}

/**
 * "1 min 40 s", "25 s", "2 h 5 min".
 * @param {number} seconds
 */
export function spanText(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}
