// Known answers that differ from what the reviewer said: a card that waits until it is dismissed, and is in nobody's way.
import { h, icon, setText } from "./shared.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {{id: string, name: string, known: string, had: string}} Known */

const DISAGREE = "Known answers are people's judgements too. If one looks wrong to you, tell your lead.";

/** @param {Known} item */
function sentence({ name, known, had }) {
  return `Known answer for ${name}: ${known}. You had: ${had}.`;
}

export class KnownCard {
  /**
   * @param {Store} store
   * @param {{say: (text: string) => void, leave: () => void}} hooks
   */
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    /** @type {Set<string>} what screen readers were told */
    this.said = new Set();
    this.drawn = "";
    this.title = h("h3", {});
    this.list = h("ul", { tabindex: 0, role: "list", "aria-label": "Known answers that differ from yours" });
    const about = { type: "button", class: "cm-quiet", "data-action": "known-read", "aria-label": "Dismiss the known answers" };
    const dismiss = h("button", { ...about, title: "Dismiss (Esc)", click: () => this.dismiss() }, icon("close"));
    const head = h("div", { class: "cm-known-head" }, icon("info"), this.title, dismiss);
    const card = { class: "cm-known", role: "region", "aria-label": "Known answers", hidden: true };
    this.element = h("div", card, head, this.list, h("p", { class: "cm-small" }, DISAGREE));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault();
      this.dismiss();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** What differs, the last one first; told to screen readers once. */
  draw() {
    const items = this.store.known?.items ?? [];
    const drawn = JSON.stringify(items);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const had = this.element.contains(document.activeElement);
    this.element.hidden = items.length === 0;
    setText(this.title, items.length === 1 ? "A known answer differs from yours" : `${items.length} known answers differ from yours`);
    this.list.replaceChildren(...[...items].reverse().map(row));
    const fresh = items.filter(({ id }) => !this.said.has(id));
    for (const { id } of fresh) this.said.add(id);
    if (fresh.length) this.hooks.say(fresh.map(sentence).join(" "));
    if (had && !items.length) this.hooks.leave();
  }

  focus() {
    if (this.isOpen) this.list.focus({ preventScroll: true });
  }

  dismiss() {
    const { known, model } = this.store;
    if (!known?.items.length) return;
    const ids = known.items.map(({ id }) => id);
    model.send({ type: "known_read", ids });
    this.store.known = { ...known, items: [] };
    this.store.tell("known");
  }
}

/** @param {Known} item */
function row({ name, known, had }) {
  return h("li", {}, "Known answer for ", h("b", { dir: "auto" }, name), `: ${known}. You had: ${had}.`);
}
