// The portal's settings: sections beside one another, of which one is shown. What they do is Python's and the service's.
import { h, setAttribute } from "./shared.js";
import { Notice, secretCard } from "./portal_parts.js";
import { careForm, goldenForm, subteamForm, subteamList } from "./portal_lists.js";
import { Tags } from "./portal_tags.js";
import { keyForm, keyList } from "./portal_keys.js";
import { Calls, Flows } from "./portal_calls.js";

/** @typedef {import("./portal_store.js").Desk} Desk */
/** @typedef {import("./portal_lists.js").Told} Told */

const SECTIONS = /** @type {[string, string, string][]} */ ([
  ["tags", "Tags", "What reviewers can say of a review. A short code is what callers send and receive."],
  ["subteams", "Subteams", "Queues within the team; every review is in one of them."],
  ["keys", "Members and keys", "A key says who somebody is and what they may do. It is shown once, when it is made."],
  ["callbacks", "Callbacks", "What callers are told of decisions, and how that went."],
  ["workflows", "Workflows", "Rules by which jobs make reviews of what the tagger finds."],
  ["golden", "Golden items", "Reviews with known answers, mixed in with the others: nobody can tell them apart, and no result counts them."],
  ["care", "Breaks and exposure", "Care for those who look at the pictures. The evidence: blur that a reviewer lifts helps; static filters were not shown to."],
]);

export class Settings {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.act = this.act.bind(this);
    this.notice = new Notice();
    this.secret = h("div", {});
    this.lists = { subteams: h("div", {}), keys: h("div", {}) };
    this.tags = new Tags(this.act);
    this.calls = new Calls(this.act);
    this.flows = new Flows(this.act);
    this.golden = goldenForm(this.act);
    this.care = careForm(this.act);
    /** @type {Record<string, Node[]>} */
    this.bodies = {
      tags: [this.tags.element],
      subteams: [this.lists.subteams, subteamForm(this.act)],
      keys: [this.lists.keys, keyForm(this.act)],
      callbacks: [this.calls.element],
      workflows: [this.flows.element],
      golden: [this.golden.element],
      care: [this.care.element],
    };
    this.nav = h("nav", { class: "cm-sections", "aria-label": "Settings" });
    this.stage = h("div", { class: "cm-section" });
    /** @type {Map<string, {button: HTMLButtonElement, section: HTMLElement}>} */
    this.sections = new Map();
    for (const [name, words, about] of SECTIONS) this.add(name, words, about);
    const body = h("div", { class: "cm-settings-body" }, this.notice.element, this.secret, this.stage);
    this.element = h("div", { class: "cm-settings cm-own" }, this.nav, body);
    this.choose("tags");
  }

  /** @param {string} name @param {string} words @param {string} about */
  add(name, words, about) {
    const button = h("button", { type: "button", "data-section": name, click: () => this.choose(name) }, words);
    const section = h("section", { "aria-label": words }, h("h3", {}, words), h("p", { class: "cm-hint" }, about), ...this.bodies[name]);
    this.nav.append(button);
    this.stage.append(section);
    this.sections.set(name, { button, section });
  }

  /** @param {string} name */
  choose(name) {
    this.forget();
    for (const [each, { button, section }] of this.sections) {
      setAttribute(button, "aria-current", each === name ? "true" : null);
      section.hidden = each !== name;
    }
  }

  /** A secret does not stay on the screen. */
  forget() {
    this.secret.replaceChildren();
    this.notice.say("");
  }

  start() {
    this.desk.look("settings");
  }

  /**
   * @param {string} action
   * @param {Record<string, unknown>} [values]
   */
  async act(action, values = {}) {
    this.forget();
    const answer = await this.desk.do(action, values);
    if (answer.error) {
      this.notice.say(answer.error);
      return false;
    }
    if (answer.secret) {
      const found = { secret: answer.secret, told: answer.told ?? "", once: Boolean(answer.once) };
      this.secret.replaceChildren(secretCard(found, () => this.forget()));
      this.secret.querySelector("button")?.focus();
    } else {
      this.notice.say(answer.told ?? "Done", false);
    }
    return true;
  }

  paint() {
    const told = /** @type {Told | null} */ (this.desk.settings);
    if (!told) {
      this.forget();
      return;
    }
    if (told.error) {
      this.notice.say(told.error);
      return;
    }
    this.tags.paint(told);
    this.lists.subteams.replaceChildren(subteamList(told));
    this.lists.keys.replaceChildren(keyList(told, this.act));
    this.calls.paint(told);
    this.flows.paint(told);
    this.golden.paint(told);
    this.care.paint(told);
  }
}
