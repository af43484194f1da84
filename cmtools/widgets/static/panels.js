// What stands in place of the tiles (an offer, an error, the end) and the notice that lies over them.
import { counted, nouns } from "./kinds.js";
import { h, icon, setAttribute } from "./shared.js";
import { spanText } from "./wellness.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */

/** @type {Record<string, string>} */
const ACTION_NAMES = { retry: "Retry", look_again: "Look again", rested: "I had a break", move_back: "Undo", again: "Try again" };

const SILENT =
  "The kernel does not answer. It may be busy with another cell; if it was stopped or restarted, run the board's " +
  "cell again: the service keeps the tags that it has.";

export class Panel {
  /**
   * @param {Store} store
   * @param {(action: string) => void} act
   */
  constructor(store, act) {
    this.store = store;
    this.act = act;
    this.drawn = "";
    this.element = h("div", { class: "cm-panel", hidden: true });
  }

  /** @param {string} none why there are no tiles although there are reviews, else empty */
  draw(none) {
    const { state, items, busy, silent } = this.store;
    const phase = state?.phase ?? "waiting";
    const tiles = items.size > 0 && ["reviewing", "lost", "loading"].includes(phase);
    const shown = !tiles || none !== "";
    this.element.hidden = !shown;
    const parts = [phase, none, state?.offer, state?.queue, state?.mine, state?.notice, busy, silent];
    const drawn = shown ? JSON.stringify(parts) : "";
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const had = this.element.contains(document.activeElement);
    this.element.replaceChildren(...(shown ? this.content(state, none) : []));
    setAttribute(this.element, "data-phase", none ? "filtered" : phase);
    if (had) this.element.querySelector("button")?.focus({ preventScroll: true });
  }

  /**
   * @param {State | null} state
   * @param {string} none
   * @returns {Node[]}
   */
  content(state, none) {
    if (none) return [h("p", {}, none), this.button("Show all", "all")];
    switch (state?.phase) {
      case "offer":
        return this.offer(state);
      case "error":
        return this.broken(state);
      case "finished":
        if (state.adjudicate) return this.ending("done", state.queue.waiting ? "No more disputes for you" : "All disputes are settled", settledText(state));
        return this.ending("done", "All reviewed", totals(state));
      case "empty":
        if (state.adjudicate) return this.ending("inbox", `No disputes wait${state.queue.waiting ? " for you" : ""}`, noDisputesText(state));
        return this.ending("inbox", `No ${nouns(state.kind)} wait for review`, emptyText(state));
    }
    if (this.store.silent) return [icon("info", "cm-big"), h("p", { role: "status" }, SILENT)];
    const tiles = Array.from({ length: 12 }, () => h("i"));
    return [h("div", { class: "cm-skeleton", role: "img", "aria-label": "Loading" }, ...tiles)];
  }

  /**
   * @param {"done" | "inbox" | "warning" | "info"} sign
   * @param {string} title
   * @param {string} text
   * @param {string} [action] what can be done; empty for nothing
   */
  ending(sign, title, text, action = "look_again") {
    const said = h("p", { role: sign === "warning" ? "alert" : "status" }, text);
    const go = action ? [this.button(ACTION_NAMES[action], action, true)] : [];
    return [icon(sign, "cm-big"), h("h3", {}, title), said, ...go];
  }

  /** @param {State} state */
  broken({ notice, adjudicate }) {
    const text = notice?.text ?? "";
    if (notice && !notice.action) return this.ending("info", adjudicate ? "These disputes are not yours to settle" : "This is not for your key", text, "");
    return this.ending("warning", "The board has no reviews yet", text, "retry");
  }

  /** @param {State} state */
  offer(state) {
    const { count, text, switched } = state.offer;
    const one = count === 1;
    const tags = switched ? ` You have changed tags on ${switched} of them.` : "";
    const choices = [
      this.button(`Resume ${one ? "it" : `these ${count}`}`, "resume", true),
      this.button("Give back", "give_back"),
      this.button("Take new ones", "take_new"),
    ];
    return [
      icon("inbox", "cm-big"),
      h("h3", {}, `You still hold ${text} from before`),
      h("p", {}, `${one ? "It was" : "They were"} taken on another board, or before a restart.${tags}`),
      h("div", { class: "cm-choices" }, ...choices),
      h("p", { class: "cm-small" }, "Resumed here, they end on any other board. Given back, anyone may take them."),
    ];
  }

  /**
   * @param {string} text
   * @param {string} action
   * @param {boolean} [primary]
   */
  button(text, action, primary = false) {
    return actionButton(text, action, this.store.busy, () => this.act(action), primary);
  }
}

export class NoticeBar {
  /**
   * @param {Store} store
   * @param {(action: string) => void} act
   */
  constructor(store, act) {
    this.store = store;
    this.act = act;
    this.drawn = "";
    this.dismissed = "";
    /** @type {{kind: string, text: string, action: string} | null} something that the board itself says */
    this.said = null;
    this.element = h("div", { class: "cm-notice", hidden: true });
  }

  /**
   * Say something that no service said.
   * @param {string} text
   * @param {string} [kind]
   * @param {string} [action]
   */
  say(text, kind = "info", action = "") {
    this.dismissed = "";
    this.said = { kind, text, action };
    this.draw();
  }

  /** A break that is due. */
  rest() {
    const { rest } = this.store.wellness;
    if (!rest) return null;
    const text = `You have been reviewing for ${Math.floor(rest / 60) ? spanText(Math.floor(rest / 60) * 60) : spanText(rest)}. Stand up, look at something far away: nothing here runs off.`;
    return { kind: "info", text, action: "rested" };
  }

  /** @returns {boolean} whether there is a notice to see */
  draw() {
    const { state, busy, silent } = this.store;
    let notice = state?.phase === "error" ? null : (state?.notice ?? null);
    if (state && silent) notice = { kind: "warning", text: SILENT, action: "" };
    if (notice?.kind !== "error" && !silent) notice = this.said ?? notice;
    notice ??= this.rest();
    if (!notice) this.dismissed = "";
    const key = JSON.stringify(notice);
    const shown = notice !== null && key !== this.dismissed;
    this.element.hidden = !shown;
    const drawn = shown ? `${key} ${busy}` : "";
    if (drawn === this.drawn) return shown;
    this.drawn = drawn;
    const had = this.element.contains(document.activeElement);
    this.element.replaceChildren(...(shown && notice ? this.content(notice, key) : []));
    if (had) this.element.querySelector("button")?.focus();
    return shown;
  }

  /**
   * @param {{kind: string, text: string, action: string}} notice
   * @param {string} key
   */
  content({ kind, text, action }, key) {
    setAttribute(this.element, "data-kind", kind);
    setAttribute(this.element, "role", kind === "info" ? "status" : "alert");
    const dismiss = () => {
      this.dismissed = key;
      this.said = null;
      this.act("dismiss");
    };
    const name = ACTION_NAMES[action];
    return [
      icon(kind === "info" ? "info" : "warning"),
      h("span", { class: "cm-notice-text" }, text),
      ...(name ? [actionButton(name, action, this.store.busy, () => this.act(action))] : []),
      h("button", { type: "button", class: "cm-quiet", "aria-label": "Dismiss", click: dismiss }, icon("close")),
    ];
  }
}

/**
 * @param {string} text
 * @param {string} action
 * @param {boolean} busy
 * @param {() => void} click
 * @param {boolean} [primary]
 */
function actionButton(text, action, busy, click, primary = false) {
  const name = `cm-button${primary ? " cm-primary" : ""}`;
  const disabled = busy ? "true" : null;
  return h("button", { type: "button", class: name, "data-action": action, "aria-disabled": disabled, click }, text);
}

/** @param {State} state */
function totals(state) {
  const { done, total, elsewhere } = state.queue;
  const rest = elsewhere ? ` ${elsewhere} are still with other reviewers or on other boards.` : "";
  return `You submitted ${counted(state.mine, state.kind)} here; ${done} of ${total} are done.${rest}`;
}

/** @param {State} state */
function settledText(state) {
  return `You settled ${counted(state.mine, state.kind)} here. ${noDisputesText(state)}`;
}

/**
 * Disputes that wait although none was given: those of which this person gave an answer.
 * @param {State} state
 */
function noDisputesText({ queue, kind }) {
  const { waiting } = queue;
  if (!waiting) return "Reviews come here when several people decide them and do not agree.";
  const one = waiting === 1;
  return `${counted(waiting, kind)} ${one ? "waits" : "wait"} for somebody else, since one of the answers on ${one ? "it" : "each of them"} is yours.`;
}

/** @param {State} state */
function emptyText(state) {
  const { elsewhere, done, total } = state.queue;
  if (elsewhere) return `${counted(elsewhere, state.kind)} are with other reviewers or on other boards right now.`;
  if (total && done === total) return `All ${total} are done.`;
  return "New ones show up here once they are created.";
}
