// The board's toolbar: Prev with its countdown, Next, blur and grey, held ones, slider, help, and how far the work is.
import { counted, kindOf } from "./kinds.js";
import { h, icon, ring, setAttribute, setText } from "./shared.js";
import { spanText } from "./wellness.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").State} State */

/** How long the slider rests before it counts, in milliseconds. */
const SLIDER_REST = 350;

/** How far the slider goes, unless more are shown already. */
const SLIDER_MOST = 100;

/**
 * @typedef {object} ToolbarHooks
 * @property {() => void} next
 * @property {() => void} prev
 * @property {(what: "blur" | "grey") => void} veil
 * @property {(button: HTMLElement) => void} held
 * @property {(count: number) => void} count
 * @property {() => void} help
 */

export class Toolbar {
  /**
   * @param {Store} store
   * @param {ToolbarHooks} hooks
   * @param {import("./finding.js").Finder} finder
   */
  constructor(store, hooks, finder) {
    this.finder = finder;
    this.store = store;
    this.hooks = hooks;
    this.sliderTimer = 0;
    this.seconds = h("span", { class: "cm-seconds" });
    this.countdown = h("span", { class: "cm-countdown", "aria-hidden": "true", hidden: true }, ring(), this.seconds);
    this.prevTells = h("span", { class: "cm-unseen" });
    const parts = [icon("prev"), h("span", {}, "Prev"), this.prevTells, this.countdown];
    this.prev = toolButton("prev", "", hooks.prev, parts);
    this.nextText = h("span", {}, "Next");
    this.hiddenText = h("span", { class: "cm-next-hidden" });
    this.next = toolButton("next", "cm-primary", hooks.next, [this.nextText, this.hiddenText, icon("next")]);
    this.blur = veilButton("blur", "Blur", "Blur all pictures (Shift+B)", () => hooks.veil("blur"));
    this.grey = veilButton("grey", "B/W", "All pictures in black and white (Shift+G)", () => hooks.veil("grey"));
    this.veils = h("div", { class: "cm-veils", role: "group", "aria-label": "How pictures are shown" }, this.blur, this.grey);
    this.seen = h("span", { class: "cm-seen" });
    const about = "Reviews of which several people said different things: you decide. Who said what is not told.";
    this.mode = h("span", { class: "cm-mode", title: about, hidden: true }, icon("split"), "Disputes");
    this.heldText = h("span", {}, "Held");
    this.held = toolButton("held", "cm-held", () => hooks.held(this.held), [this.heldText]);
    setAttribute(this.held, "aria-haspopup", "menu");
    this.slider = h("input", {
      type: "range",
      "data-role": "count",
      min: 1,
      max: SLIDER_MOST,
      "aria-label": "Reviews to display",
      input: () => this.slide(),
    });
    this.sliderText = h("output", { class: "cm-number" });
    this.progress = h("div", { class: "cm-progress-text" });
    this.who = h("div", { class: "cm-who" });
    this.progressFill = h("div", { class: "cm-progress-fill" });
    this.element = this.build();
  }

  build() {
    const help = h(
      "button",
      { type: "button", class: "cm-quiet", "data-action": "help", title: "Keys (?)", click: this.hooks.help },
      h("span", { "aria-hidden": "true" }, "?"),
      h("span", { class: "cm-unseen" }, "Keyboard help"),
    );
    return h(
      "header",
      {},
      h(
        "div",
        { class: "cm-toolbar", role: "group", "aria-label": "Steps" },
        h("div", { class: "cm-steps" }, this.prev, this.next),
        this.mode,
        this.veils,
        this.seen,
        this.held,
        h("label", { class: "cm-slider" }, sliderName(), this.slider, this.sliderText),
        help,
      ),
      this.finder.element,
      h(
        "div",
        { class: "cm-progress" },
        h("div", { class: "cm-progress-line" }, this.progress, this.who),
        h("div", { class: "cm-progress-bar", "aria-hidden": "true" }, this.progressFill),
      ),
    );
  }

  close() {
    clearTimeout(this.sliderTimer);
  }

  /** @param {number} hidden how many reviews of the screen a filter hides */
  draw(hidden) {
    const { state, busy, total } = this.store;
    const held = state ? total - state.lost.length : 0;
    const can = state?.phase === "reviewing" && !state.taking;
    setText(this.nextText, can ? `Next · submit ${held.toLocaleString("en")}` : "Next");
    enable(this.next, can && !busy);
    const many = hidden.toLocaleString("en");
    setText(this.hiddenText, can && hidden > 0 ? `${many} hidden by the filter` : "");
    const also = hidden > 0 ? `, also the ${many} that the filter hides` : "";
    setAttribute(this.next, "title", `Submit everything on the screen${also} (n)`);
    this.mode.hidden = !state?.adjudicate;
    this.drawVeils();
    this.drawHeld();
    if (state && !this.sliderTimer) this.drawSlider(state.count);
    const text = state ? progressText(state, held) : "Waiting for the kernel …";
    setText(this.progress, [text, knownText(this.store)].filter(Boolean).join(" · "));
    const where = state?.subteam ? `${state.team} / ${state.subteam}` : (state?.team ?? "");
    setText(this.who, state ? [state.reviewer, where].filter(Boolean).join(" · ") : "");
    this.progressFill.style.width = `${state?.queue.total ? (state.queue.done / state.queue.total) * 100 : 0}%`;
    this.tick();
  }

  drawVeils() {
    const { wellness, state } = this.store;
    this.veils.hidden = this.seen.hidden = !kindOf(state?.kind).pictures;
    setAttribute(this.blur, "aria-pressed", String(wellness.blur));
    setAttribute(this.grey, "aria-pressed", String(wellness.grey));
    setAttribute(this.blur, "aria-disabled", wellness.full && wellness.blur ? "true" : null);
  }

  drawHeld() {
    const count = this.store.state?.held.length ?? 0;
    this.held.hidden = count === 0;
    setText(this.heldText, `Held (${count.toLocaleString("en")})`);
    setAttribute(this.held, "title", "Parked by you: take them back onto the screen");
  }

  /** What was revealed today: counted on while a picture is looked at. */
  drawSeen() {
    const { wellness } = this.store;
    const { reveals, seconds } = wellness.today;
    const of = wellness.most === null ? "" : ` of ${wellness.most.toLocaleString("en")}`;
    const text = reveals ? `${reveals.toLocaleString("en")}${of} revealed, ${spanText(seconds)} today` : "";
    setText(this.seen, text || (wellness.blur ? "Hold a picture to reveal it" : ""));
    setAttribute(this.seen, "title", "How often, and how long, you looked at a picture that was not blurred; midnight UTC to midnight");
  }

  /** The countdown: the service said how long, and between its messages only the number changes. */
  tick() {
    const { state, busy, undoLeft } = this.store;
    this.drawSeen();
    const open = undoLeft > 0 && state !== null;
    enable(this.prev, open && !busy);
    this.countdown.hidden = !open;
    const count = state ? counted(state.undo.count, state.kind) : "";
    setAttribute(this.prev, "title", open ? `Take ${count} back (p)` : "Nothing to take back");
    setText(this.prevTells, open ? `: take ${count} back` : "");
    if (!open) return;
    setText(this.seconds, String(Math.ceil(undoLeft)));
    this.countdown.style.setProperty("--cm-left", String((undoLeft / (state.undo.window || undoLeft)) * 100));
  }

  /** @param {number} count */
  drawSlider(count) {
    this.slider.max = String(Math.max(SLIDER_MOST, count));
    this.slider.value = String(count);
    setText(this.sliderText, String(count));
  }

  /** Show the number at once, and ask for it when the slider has come to rest and nothing else is under way. */
  slide() {
    setText(this.sliderText, this.slider.value);
    clearTimeout(this.sliderTimer);
    const rest = () => {
      if (this.store.busy) {
        this.sliderTimer = window.setTimeout(rest, SLIDER_REST);
        return;
      }
      this.sliderTimer = 0;
      if (Number(this.slider.value) !== this.store.state?.count) this.hooks.count(Number(this.slider.value));
    };
    this.sliderTimer = window.setTimeout(rest, SLIDER_REST);
  }
}

/** The slider's label, of which a narrow board shows the last word; its accessible name is whole everywhere. */
function sliderName() {
  return h("span", { class: "cm-slider-name" }, h("span", { class: "cm-wide" }, "Reviews to "), "display");
}

/**
 * @param {string} action
 * @param {string} more
 * @param {() => void} click
 * @param {Node[]} children
 */
function toolButton(action, more, click, children) {
  const name = `cm-button ${more}`.trim();
  return h("button", { type: "button", class: name, "data-action": action, click }, ...children);
}

/**
 * @param {string} action
 * @param {string} text
 * @param {string} title
 * @param {() => void} click
 */
function veilButton(action, text, title, click) {
  const about = { "data-action": action, "aria-pressed": "true", title };
  return h("button", { type: "button", ...about, click }, icon(action === "blur" ? "veil" : "half"), h("span", {}, text));
}

/**
 * A disabled button stays in the Tab order, so that the focus is not lost when it becomes so.
 * @param {HTMLElement} button
 * @param {boolean} can
 */
function enable(button, can) {
  setAttribute(button, "aria-disabled", can ? null : "true");
}

/** How many known answers were matched on this board, where the team tells of them. @param {Store} store */
function knownText({ known }) {
  if (!known?.of) return "";
  return `${known.right.toLocaleString("en")} of ${known.of.toLocaleString("en")} known ${known.of === 1 ? "answer" : "answers"} matched`;
}

/**
 * @param {State} state
 * @param {number} held
 */
function progressText(state, held) {
  if (state.phase === "error") return state.notice && !state.notice.action ? "Nothing for this key" : "Not connected";
  const { waiting, kept, elsewhere, done, total } = state.queue;
  const { adjudicate } = state;
  const parts = [`${held.toLocaleString("en")} on screen`];
  if (state.taking) parts.push(`taking ${state.taking.toLocaleString("en")} more`);
  if (kept) parts.push(`${kept.toLocaleString("en")} kept for next`);
  parts.push(`${waiting.toLocaleString("en")} ${adjudicate ? (waiting === 1 ? "dispute waits" : "disputes wait") : "waiting"}`);
  if (elsewhere) parts.push(`${elsewhere.toLocaleString("en")} held elsewhere`);
  parts.push(adjudicate ? `${done.toLocaleString("en")} settled here` : `${done.toLocaleString("en")} of ${total.toLocaleString("en")} done`);
  return parts.join(" · ");
}
