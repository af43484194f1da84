// The portal in the browser: sign in, tabs, and the widgets that the tabs show. Messages: cmtools/widgets/portal.py.
import { h, icon, setAttribute, setText } from "./shared.js";
import { Notice, picker, pushButton } from "./portal_parts.js";
import { Desk } from "./portal_store.js";
import { Entry } from "./portal_entry.js";
import { Figures } from "./portal_figures.js";
import { Settings } from "./portal_settings.js";

/** @typedef {import("./shared.js").Model} Model */

/**
 * Jupyter's own keeper of widgets, as far as it is needed here.
 * @typedef {object} Manager
 * @property {(id: string) => Promise<any>} get_model
 * @property {(model: any) => Promise<{el: HTMLElement, remove: () => void}>} create_view
 */

const NAMES = /** @type {Record<string, string>} */ ({ try: "Try", review: "Review", dashboard: "Dashboard", settings: "Settings" });
const TABS = ["try", "review", "dashboard", "settings"];
const KINDS = /** @type {[string, string][]} */ ([["Image", "Images"], ["Text", "Texts"], ["Video", "Videos"]]);

/** How often the counts of the queue are asked for while somebody reviews, in milliseconds. */
const COUNT_AGAIN = 60000;

let made = 0;

/** Another widget's view in a tab: made once, then shown and hidden. */
class Guests {
  /**
   * @param {Manager | undefined} manager
   * @param {HTMLElement} stage
   */
  constructor(manager, stage) {
    this.manager = manager;
    this.stage = stage;
    /** @type {Map<string, {element: HTMLElement, remove: () => void}>} */
    this.views = new Map();
  }

  /** @param {string | null} id */
  show(id) {
    if (id && !this.views.has(id)) this.fetch(id);
    for (const [each, view] of this.views) view.element.hidden = each !== id;
  }

  /** @param {string} id */
  async fetch(id) {
    const element = h("div", { class: "cm-guest" }, h("p", { class: "cm-none", role: "status" }, "One moment…"));
    const guest = { element, remove: () => {} };
    this.views.set(id, guest);
    this.stage.append(element);
    try {
      if (!this.manager) throw new Error("there is no widget manager on this page");
      const view = await this.manager.create_view(await this.manager.get_model(id));
      guest.remove = () => view.remove();
      if (this.views.get(id) === guest) element.replaceChildren(view.el);
      else view.remove();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      element.replaceChildren(h("p", { class: "cm-none", role: "alert" }, `This part cannot be shown: ${words}. Reload the page.`));
    }
  }

  clear() {
    for (const view of this.views.values()) {
      view.remove();
      view.element.remove();
    }
    this.views.clear();
  }
}

class PortalView {
  /**
   * @param {Desk} desk
   * @param {HTMLElement} el
   */
  constructor(desk, el) {
    this.desk = desk;
    this.signed = false;
    this.tab = "";
    made += 1;
    this.id = `cm-portal-${made}`;
    this.entry = new Entry(desk);
    this.figures = new Figures(desk);
    this.settings = new Settings(desk);
    this.notice = new Notice();
    this.who = h("span", { class: "cm-who" });
    this.tabs = h("div", { role: "tablist", class: "cm-tabs", "aria-label": "Portal", keydown: (/** @type {KeyboardEvent} */ event) => this.walk(event) });
    /** @type {Map<string, {button: HTMLButtonElement, panel: HTMLElement}>} */
    this.parts = new Map();
    this.kinds = h("div", { class: "cm-kinds", role: "group", "aria-label": "Type of reviews" });
    /** @type {Map<string, {button: HTMLButtonElement, count: HTMLElement}>} */
    this.kindButtons = new Map();
    this.disputeCount = h("span", { class: "cm-count cm-number" });
    const settle = () => desk.open("review", { disputes: !desk.state?.disputes });
    const about = "Reviews of which several people said different things: you decide";
    const toggle = { type: "button", class: "cm-button cm-disputes", "data-action": "disputes", "aria-pressed": "false", title: about };
    this.disputes = h("button", { ...toggle, hidden: true, click: settle }, icon("split"), "Disputes", this.disputeCount);
    this.subteam = picker("subteam", [], { "aria-label": "Subteam", change: () => desk.open("review", { subteam: this.subteam.value }) });
    this.tries = h("div", {});
    this.boards = h("div", {});
    this.desktop = h("div", { class: "cm-desk" });
    this.build();
    const manager = /** @type {any} */ (desk.model).widget_manager;
    this.guests = { try: new Guests(manager, this.tries), review: new Guests(manager, this.boards) };
    this.counting = window.setInterval(() => this.count(), COUNT_AGAIN);
    const root = {
      class: "cm-portal",
      "data-lm-suppress-shortcuts": "true",
      tabindex: -1,
      keydown: (/** @type {Event} */ event) => event.stopPropagation(),
      keyup: (/** @type {Event} */ event) => event.stopPropagation(),
    };
    this.root = h("div", root, this.entry.element, this.desktop);
    el.append(this.root);
    this.listen = this.listen.bind(this);
    desk.listeners.add(this.listen);
    this.listen("state");
  }

  close() {
    clearInterval(this.counting);
    this.desk.listeners.delete(this.listen);
    this.figures.stop();
    this.guests.try.clear();
    this.guests.review.clear();
    this.root.remove();
  }

  build() {
    for (const name of TABS) {
      const ids = { tab: `${this.id}-tab-${name}`, panel: `${this.id}-${name}` };
      const tab = { type: "button", role: "tab", id: ids.tab, "aria-controls": ids.panel, "data-tab": name, click: () => this.desk.open(name) };
      const button = h("button", tab, NAMES[name]);
      const panel = h("div", { role: "tabpanel", id: ids.panel, "aria-labelledby": ids.tab, class: `cm-panel cm-panel-${name}`, hidden: true });
      this.tabs.append(button);
      this.parts.set(name, { button, panel });
    }
    for (const [kind, words] of KINDS) {
      const count = h("span", { class: "cm-count cm-number" });
      const button = h("button", { type: "button", "data-kind": kind, click: () => this.desk.open("review", { kind }) }, words, count);
      this.kinds.append(button);
      this.kindButtons.set(kind, { button, count });
    }
    const choices = h("div", { class: "cm-row" }, this.kinds, this.disputes);
    const bar = h("div", { class: "cm-row cm-between cm-kind-bar cm-own" }, choices, h("label", { class: "cm-row cm-hint" }, "Subteam", this.subteam));
    /** @type {Record<string, Node[]>} */
    const inside = { try: [this.tries], review: [bar, this.boards], dashboard: [this.figures.element], settings: [this.settings.element] };
    const out = pushButton("sign-out", "Sign out", () => this.desk.signOut(), "cm-small");
    const head = h("header", { class: "cm-bar-top cm-own" }, h("h2", {}, "Content reviews"), this.tabs, h("div", { class: "cm-row" }, this.who, out));
    this.desktop.append(head, h("div", { class: "cm-said cm-own" }, this.notice.element));
    for (const [name, { panel }] of this.parts) {
      panel.append(...inside[name]);
      this.desktop.append(panel);
    }
  }

  // Keys ------------------------------------------------------------------------------------------------------------

  /** Arrows walk along the tabs; Enter or the space bar opens one, for opening takes reviews. @param {KeyboardEvent} event */
  walk(event) {
    const there = TABS.filter((name) => !this.parts.get(name)?.button.hidden);
    const at = there.indexOf(/** @type {HTMLElement} */ (event.target).dataset.tab ?? "");
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: at + 1, ArrowLeft: at - 1 + there.length, Home: 0, End: there.length - 1 });
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    this.parts.get(there[steps[event.key] % there.length])?.button.focus();
  }

  // Painting --------------------------------------------------------------------------------------------------------

  /** @param {string} topic */
  listen(topic) {
    if (topic === "figures") {
      this.figures.paint();
      this.paintCounts();
    } else if (topic === "settings") {
      this.settings.paint();
      this.paintSubteams();
    } else {
      this.paint();
    }
  }

  paint() {
    const { state, silent, waiting } = this.desk;
    setAttribute(this.root, "aria-busy", state === null || waiting ? "true" : "false");
    this.entry.element.hidden = !state || state.signed;
    this.desktop.hidden = !state?.signed;
    if (!state) return;
    this.entry.paint();
    if (!state.signed) {
      this.leave();
      return;
    }
    this.notice.say(silent ? "The page's session does not answer. If this stays, reload the page and sign in again." : state.error);
    setText(this.who, [...new Set([state.reviewer, state.role, state.team])].join(" · "));
    this.paintTabs(state);
    this.paintKinds(state);
    this.guests.try.show(state.tab === "try" ? state.shown : null);
    this.guests.review.show(state.tab === "review" ? state.shown : null);
    if (!this.signed) this.arrive(state);
    if (state.tab !== this.tab) this.turn(state.tab);
  }

  /** @param {import("./portal_store.js").Stand} state */
  paintTabs(state) {
    for (const [name, { button, panel }] of this.parts) {
      const open = name === state.tab;
      button.hidden = !state.tabs.includes(name);
      setAttribute(button, "aria-selected", String(open));
      setAttribute(button, "tabindex", open ? "0" : "-1");
      panel.hidden = !open;
    }
  }

  /** @param {import("./portal_store.js").Stand} state */
  paintKinds(state) {
    for (const [kind, { button }] of this.kindButtons) setAttribute(button, "aria-pressed", String(kind === state.kind));
    setAttribute(this.disputes, "aria-pressed", String(state.disputes));
    this.paintCounts();
    this.paintSubteams();
  }

  paintSubteams() {
    const state = this.desk.state;
    if (!state) return;
    const names = this.desk.settings?.subteams ?? state.subteams;
    const wanted = ["", ...names];
    if (wanted.join("\n") !== [...this.subteam.options].map((option) => option.value).join("\n")) {
      this.subteam.replaceChildren(...wanted.map((name) => h("option", { value: name }, name || "all")));
    }
    this.subteam.value = state.subteam;
  }

  paintCounts() {
    const { figures, state } = this.desk;
    const disputes = /** @type {Record<string, number>} */ (figures?.disputes ?? {});
    const some = Object.values(disputes).reduce((sum, one) => sum + one, 0);
    this.disputes.hidden = !state?.settles || (some === 0 && !state.disputes);
    setText(this.disputeCount, some.toLocaleString());
    const waiting = state?.disputes && figures?.waiting ? disputes : figures?.waiting;
    for (const [kind, { count }] of this.kindButtons) setText(count, waiting ? (waiting[kind] ?? 0).toLocaleString() : "");
  }

  // Coming and going ------------------------------------------------------------------------------------------------

  /** @param {import("./portal_store.js").Stand} state */
  arrive(state) {
    this.signed = true;
    if (this.entry.element.contains(document.activeElement) || document.activeElement === document.body) {
      this.parts.get(state.tab)?.button.focus();
    }
  }

  /** @param {string} tab */
  turn(tab) {
    this.tab = tab;
    this.settings.forget();
    if (tab === "dashboard") this.figures.start();
    else this.figures.stop();
    if (tab === "settings") this.settings.start();
    if (tab === "review") this.count();
  }

  count() {
    if (this.signed && this.tab === "review" && !document.hidden) this.desk.look("figures");
  }

  leave() {
    if (!this.signed) return;
    this.signed = false;
    this.tab = "";
    this.figures.stop();
    this.figures.paint();
    this.settings.paint();
    this.paintCounts();
    this.guests.try.clear();
    this.guests.review.clear();
    this.entry.team.focus();
  }
}

export default () => {
  /** @type {Desk} */
  let desk;
  return {
    /** @param {{model: Model}} given */
    initialize({ model }) {
      desk = new Desk(model);
      return () => desk.close();
    },
    /** @param {{model: Model, el: HTMLElement}} given */
    render({ el }) {
      const view = new PortalView(desk, el);
      desk.begin();
      return () => view.close();
    },
  };
};
