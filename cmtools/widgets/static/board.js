// The review board in the browser. Python holds the state (cmtools/widgets/board.py lists the messages too); this draws it.
//
// To Python:   ready | toggle {id, tag, on, page, seq} | thumbs {ids} | details {id} | alive
//              next, prev {serial} | count {count} | move {id, subteam} | resume | give_back | take_new | look_again | retry
//              (these steps carry page and n, and are answered by done with the same)
// From Python: screen {serial, start, total, items} | state {...} | toggled {id, tag, on, page, seq} | done {page, n}
//              thumbs {ids, none, failed, error} + buffers | details {...} | picture {id, error?} + buffer | alive
import { counted, h, icon, ring, setAttribute, setText } from "./shared.js";
import { Store } from "./store.js";
import { Grid } from "./grid.js";
import { keysOf, makeTile, paintTile, passes, tileHeight } from "./tile.js";
import { fillDetails, fillHelp, openDialog, openMenu, showPicture } from "./dialogs.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {"all" | "tagged" | "untagged"} Filter */

const FILTERS = /** @type {Filter[]} */ (["all", "tagged", "untagged"]);
const FILTER_NAMES = { all: "All", tagged: "Tagged", untagged: "Untagged" };
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];

/** How long the slider rests before it counts, in milliseconds. */
const SLIDER_REST = 350;

class BoardView {
  /**
   * @param {Store} store
   * @param {HTMLElement} el
   */
  constructor(store, el) {
    this.store = store;
    /** @type {Filter} */
    this.filter = "all";
    /** @type {Map<string, string>} */
    this.keys = new Map();
    this.tagsDrawn = "";
    this.panelDrawn = "";
    this.dismissed = "";
    this.sliderTimer = 0;
    /** @type {{id: string, body: HTMLElement, url: string} | null} */
    this.details = null;
    this.build();
    el.append(this.root);
    this.grid = new Grid(this.gridElement, {
      make: (id, index) => this.make(id, index),
      height: (width) => (store.state ? tileHeight(this.root, store.state, this.keys, width) : 1),
      near: (ids) => store.state?.kind === "Image" && store.thumbs.want(this, ids),
    });
    this.listen = this.listen.bind(this);
    store.listeners.add(this.listen);
    this.clock = window.setInterval(() => this.tick(), 200);
    this.draw();
    if (store.items.size) this.showScreen(true);
    store.open();
  }

  close() {
    clearInterval(this.clock);
    clearTimeout(this.sliderTimer);
    this.store.listeners.delete(this.listen);
    this.store.thumbs.leave(this);
    this.grid.close();
    this.root.remove();
  }

  build() {
    this.prev = h(
      "button",
      { type: "button", class: "cm-button", "data-action": "prev", click: () => this.goBack() },
      icon("prev"),
      h("span", {}, "Prev"),
      (this.countdown = h("span", { class: "cm-countdown", hidden: true }, ring(), h("span", { class: "cm-seconds" }))),
    );
    this.next = h(
      "button",
      { type: "button", class: "cm-button cm-primary", "data-action": "next", click: () => this.goOn() },
      (this.nextText = h("span", {}, "Next")),
      icon("next"),
    );
    this.filters = FILTERS.map((filter) =>
      h(
        "button",
        { type: "button", "data-filter": filter, "aria-pressed": "false", click: () => this.choose(filter) },
        h("span", {}, FILTER_NAMES[filter]),
        h("span", { class: "cm-number" }),
      ),
    );
    this.slider = h("input", {
      type: "range",
      "data-role": "count",
      min: 1,
      max: 100,
      "aria-label": "Reviews to display",
      input: () => this.slide(),
    });
    this.sliderText = h("output", { class: "cm-number" });
    const help = h(
      "button",
      { type: "button", class: "cm-quiet", "data-action": "help", title: "Keys (?)", click: () => this.help() },
      h("span", { "aria-hidden": "true" }, "?"),
      h("span", { class: "cm-unseen" }, "Keyboard help"),
    );
    this.progress = h("div", { class: "cm-progress-text" });
    this.who = h("div", { class: "cm-who" });
    this.progressFill = h("div", { class: "cm-progress-fill" });
    this.gridElement = h("div", { class: "cm-grid", role: "grid", "aria-label": "Reviews on the screen" });
    this.panel = h("div", { class: "cm-panel", hidden: true });
    this.notice = h("div", { class: "cm-notice", hidden: true });
    this.live = h("div", { class: "cm-unseen", role: "status" });
    this.root = h(
      "section",
      {
        class: "cm-board",
        "aria-label": "Review board",
        "data-lm-suppress-shortcuts": "true",
        tabindex: -1,
        keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
      },
      h(
        "div",
        { class: "cm-toolbar", role: "toolbar", "aria-label": "Review board" },
        h("div", { class: "cm-steps" }, this.prev, this.next),
        h("div", { class: "cm-filters", role: "group", "aria-label": "Show" }, ...this.filters),
        h("label", { class: "cm-slider" }, h("span", {}, "Reviews to display"), this.slider, this.sliderText),
        help,
      ),
      h(
        "div",
        { class: "cm-progress" },
        h("div", { class: "cm-progress-line" }, this.progress, this.who),
        h("div", { class: "cm-progress-bar", "aria-hidden": "true" }, this.progressFill),
      ),
      h("div", { class: "cm-stage" }, this.gridElement, this.panel, this.notice),
      this.live,
    );
    this.gridElement.addEventListener("click", (event) => this.click(event));
    this.gridElement.addEventListener("focusin", (event) => this.focusIn(event));
    this.gridElement.addEventListener("dblclick", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target.closest(".cm-picture")) this.openDetails();
    });
    for (const name of ["keyup", "keypress"]) this.root.addEventListener(name, (event) => event.stopPropagation());
  }

  // -- what Python says ------------------------------------------------------------------------------------------------

  /**
   * @param {import("./store.js").Topic} topic
   * @param {any} detail
   */
  listen(topic, detail) {
    if (topic === "screen") this.screenIsNew = true;
    else if (topic === "items") this.itemsAreNew = true;
    else if (topic === "tag") this.paint(detail);
    else if (topic === "thumbs") detail.forEach((/** @type {string} */ id) => this.paint(id));
    else if (topic === "details") this.showDetails(detail);
    else if (topic === "picture") this.showPicture(detail);
    if (topic !== "thumbs" && topic !== "picture") this.draw();
  }

  draw() {
    const { state } = this.store;
    const tags = JSON.stringify(state?.tags ?? []);
    if (state && tags !== this.tagsDrawn) {
      this.tagsDrawn = tags;
      this.keys = keysOf(state.tags);
      this.itemsAreNew = true;
    }
    if (state && state.serial === this.store.serial && (this.screenIsNew || this.itemsAreNew)) {
      this.showScreen(Boolean(this.screenIsNew));
      this.screenIsNew = this.itemsAreNew = false;
    }
    this.drawToolbar(state);
    this.drawStage(state);
    this.drawNotice(state);
    for (const id of this.grid.tiles.keys()) this.paint(id);
  }

  /** @param {boolean} fresh another set of reviews: go to its top, and take the focus along */
  showScreen(fresh) {
    const had = this.root.contains(document.activeElement) && !document.activeElement?.closest("dialog, .cm-slider");
    const kept = [...this.store.items.keys()].filter((id) => this.grid.index.has(id)).length;
    const top = fresh && kept === 0;
    if (top) this.grid.active = "";
    const inGrid = this.gridElement.contains(document.activeElement);
    this.grid.show(this.filtered(), top);
    if (top && had) this.focusSomething();
    else if (inGrid) this.grid.activate(this.grid.active, true);
    if (top && this.store.total) this.say(`${counted(this.store.total, this.store.state?.kind ?? "")} on the screen.`);
  }

  filtered() {
    return [...this.store.items.values()].filter((item) => passes(item, this.filter)).map((item) => item.id);
  }

  focusSomething() {
    if (this.grid.ids.length) this.grid.activate(this.grid.active, true);
    else this.root.focus({ preventScroll: true });
  }

  /** @param {State | null} state */
  drawToolbar(state) {
    const busy = this.store.busy;
    const held = state ? this.store.total - state.lost.length : 0;
    setText(this.nextText, held > 0 && state?.phase === "reviewing" ? `Next · submit ${held}` : "Next");
    this.enable(this.next, !busy && state?.phase === "reviewing");
    const hidden = this.store.items.size - this.grid.ids.length;
    const also = hidden > 0 ? `, also the ${hidden} that the filter hides` : "";
    setAttribute(this.next, "title", `Submit everything on the screen${also} (n)`);
    const tagged = [...this.store.items.values()].filter((item) => item.on.size > 0).length;
    const numbers = { all: this.store.items.size, tagged, untagged: this.store.items.size - tagged };
    FILTERS.forEach((filter, index) => {
      const button = this.filters[index];
      setAttribute(button, "aria-pressed", String(filter === this.filter));
      setText(/** @type {Element} */ (button.lastElementChild), String(numbers[filter]));
    });
    if (state && !this.sliderTimer) {
      this.slider.max = String(Math.max(100, state.count));
      this.slider.value = String(state.count);
      setText(this.sliderText, String(state.count));
    }
    setText(this.progress, state ? this.progressText(state, held) : "Waiting for the kernel …");
    const where = state?.subteam ? `${state.team} / ${state.subteam}` : (state?.team ?? "");
    setText(this.who, state ? [state.reviewer, where].filter(Boolean).join(" · ") : "");
    const share = state?.queue.total ? state.queue.done / state.queue.total : 0;
    this.progressFill.style.width = `${share * 100}%`;
    this.root.classList.toggle("cm-busy", busy);
    setAttribute(this.gridElement, "aria-busy", busy ? "true" : null);
    this.tick();
  }

  /**
   * @param {State} state
   * @param {number} held
   */
  progressText(state, held) {
    const { waiting, elsewhere, done, total } = state.queue;
    const parts = [`${held.toLocaleString("en")} on screen`, `${waiting.toLocaleString("en")} waiting`];
    if (elsewhere) parts.push(`${elsewhere.toLocaleString("en")} held elsewhere`);
    parts.push(`${done.toLocaleString("en")} of ${total.toLocaleString("en")} done`);
    return parts.join(" · ");
  }

  /**
   * Disabled buttons stay in reach, so that the focus is not lost when one becomes so.
   * @param {HTMLElement} button
   * @param {boolean} can
   */
  enable(button, can) {
    setAttribute(button, "aria-disabled", can ? null : "true");
  }

  /** The countdown; the service said how long, and only the number changes between its messages. */
  tick() {
    const { state } = this.store;
    const left = this.store.undoLeft;
    const can = left > 0 && !this.store.busy;
    this.enable(this.prev, can);
    this.countdown.hidden = left <= 0;
    const count = state ? counted(state.undo.count, state.kind) : "";
    setAttribute(this.prev, "title", left > 0 ? `Take ${count} back (p)` : "Nothing to take back");
    setAttribute(this.prev, "aria-label", left > 0 ? `Prev: take ${count} back` : "Prev");
    if (left <= 0 || !state) return;
    setText(/** @type {Element} */ (this.countdown.lastElementChild), String(Math.ceil(left)));
    this.countdown.style.setProperty("--cm-left", String((left / (state.undo.window || left)) * 100));
  }

  /** @param {State | null} state */
  drawStage(state) {
    const phase = state?.phase ?? "waiting";
    const tiles = this.store.items.size > 0 && (phase === "reviewing" || phase === "lost" || phase === "loading");
    const none = tiles && this.grid.ids.length === 0;
    this.gridElement.hidden = !tiles || none;
    const drawn = JSON.stringify([phase, none, this.filter, state?.offer, state?.queue, state?.mine, state?.notice, this.store.busy, this.store.silent]);
    this.panel.hidden = tiles && !none;
    if (drawn === this.panelDrawn) return;
    this.panelDrawn = drawn;
    const had = this.panel.contains(document.activeElement);
    this.panel.replaceChildren(...(this.panel.hidden ? [] : this.panelFor(state, none)));
    setAttribute(this.panel, "data-phase", none ? "filtered" : phase);
    if (had) (this.panel.querySelector("button") ?? this.root).focus({ preventScroll: true });
  }

  /**
   * @param {State | null} state
   * @param {boolean} none
   * @returns {Node[]}
   */
  panelFor(state, none) {
    if (!state) return this.silentOrLoading();
    const kind = state.kind === "Text" ? "texts" : "pictures";
    if (none) {
      const text = `None of the ${this.store.items.size} on the screen is ${this.filter}.`;
      return [h("p", {}, text), this.button("Show all", "all", () => this.choose("all"))];
    }
    const look = this.button("Look again", "look_again", () => this.step("look_again"), true);
    switch (state.phase) {
      case "offer":
        return this.offerPanel(state);
      case "error":
        return [
          icon("warning", "cm-big"),
          h("h3", {}, "The board has no reviews yet"),
          h("p", { role: "alert" }, state.notice?.text ?? ""),
          this.button("Retry", "retry", () => this.step("retry"), true),
        ];
      case "finished":
        return [
          icon("done", "cm-big"),
          h("h3", {}, "All reviewed"),
          h("p", {}, this.totals(state)),
          look,
        ];
      case "empty":
        return [
          icon("inbox", "cm-big"),
          h("h3", {}, `No ${kind} wait for review`),
          h("p", {}, this.emptyText(state)),
          look,
        ];
    }
    return this.silentOrLoading();
  }

  silentOrLoading() {
    if (this.store.silent) return [icon("info", "cm-big"), h("p", {}, silentText())];
    return [h("div", { class: "cm-skeleton", "aria-label": "Loading" }, ...Array.from({ length: 12 }, () => h("i")))];
  }

  /** @param {State} state */
  totals(state) {
    const { done, total, elsewhere } = state.queue;
    const rest = elsewhere ? ` ${elsewhere} are still with other reviewers.` : "";
    return `You submitted ${counted(state.mine, state.kind)} here; ${done} of ${total} are done.${rest}`;
  }

  /** @param {State} state */
  emptyText(state) {
    const { elsewhere, done, total } = state.queue;
    if (elsewhere) return `${counted(elsewhere, state.kind)} are with other reviewers or on other boards right now.`;
    if (total && done === total) return `All ${total} are done.`;
    return "New ones show up here once they are created.";
  }

  /** @param {State} state */
  offerPanel(state) {
    const { count, text, switched } = state.offer;
    const one = count === 1;
    const tags = switched ? ` You have changed tags on ${switched} of them.` : "";
    return [
      icon("inbox", "cm-big"),
      h("h3", {}, `You still hold ${text} from before`),
      h("p", {}, `${one ? "It was" : "They were"} taken on another board or before a restart.${tags}`),
      h(
        "div",
        { class: "cm-choices" },
        this.button(`Resume ${one ? "it" : `these ${count}`}`, "resume", () => this.step("resume"), true),
        this.button("Give back", "give_back", () => this.step("give_back")),
        this.button("Take new ones", "take_new", () => this.step("take_new")),
      ),
      h("p", { class: "cm-small" }, "Resuming ends the other board's hold on them. Given back, anyone may take them."),
    ];
  }

  /**
   * @param {string} text
   * @param {string} action
   * @param {() => void} clicked
   * @param {boolean} [primary]
   */
  button(text, action, clicked, primary = false) {
    const disabled = this.store.busy ? "true" : null;
    const name = `cm-button${primary ? " cm-primary" : ""}`;
    return h("button", { type: "button", class: name, "data-action": action, "aria-disabled": disabled, click: clicked }, text);
  }

  /** @param {State | null} state */
  drawNotice(state) {
    let notice = state?.phase === "error" ? null : (state?.notice ?? null);
    if (state && this.store.silent) notice = { kind: "warning", text: silentText(), action: "" };
    const drawn = notice ? JSON.stringify([notice, this.store.busy]) : "";
    if (!notice) this.dismissed = "";
    const shown = notice !== null && JSON.stringify(notice) !== this.dismissed;
    this.notice.hidden = !shown;
    this.gridElement.classList.toggle("cm-under-notice", shown);
    if (!shown || !notice || this.notice.dataset.drawn === drawn) return;
    this.notice.dataset.drawn = drawn;
    const { kind, text, action } = notice;
    const names = /** @type {Record<string, string>} */ ({ retry: "Retry", look_again: "Look again" });
    const key = JSON.stringify(notice);
    const had = this.notice.contains(document.activeElement);
    setAttribute(this.notice, "data-kind", kind);
    setAttribute(this.notice, "role", kind === "info" ? "status" : "alert");
    this.notice.replaceChildren(
      icon(kind === "info" ? "info" : "warning"),
      h("span", { class: "cm-notice-text" }, text),
      ...(names[action] ? [this.button(names[action], action, () => this.step(action))] : []),
      h(
        "button",
        {
          type: "button",
          class: "cm-quiet",
          "aria-label": "Dismiss",
          click: () => {
            this.dismissed = key;
            this.draw();
            this.focusSomething();
          },
        },
        icon("close"),
      ),
    );
    if (had) this.notice.querySelector("button")?.focus();
  }

  // -- tiles -----------------------------------------------------------------------------------------------------------

  /**
   * @param {string} id
   * @param {number} index
   */
  make(id, index) {
    const { state, items, thumbs } = this.store;
    const item = items.get(id);
    if (!state || !item) return h("div", { class: "cm-tile", role: "gridcell" });
    const tile = makeTile(item, index, state, this.keys);
    paintTile(tile, item, state, thumbs.url(id));
    return tile;
  }

  /** @param {string} id */
  paint(id) {
    const tile = this.grid.tiles.get(id);
    const item = this.store.items.get(id);
    if (tile && item && this.store.state) paintTile(tile, item, this.store.state, this.store.thumbs.url(id));
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {Element} */ (event.target);
    const tile = /** @type {HTMLElement | null} */ (target.closest(".cm-tile"));
    const id = tile?.dataset.reviewId;
    if (!tile || !id) return;
    this.grid.activate(id);
    const chip = /** @type {HTMLElement | null} */ (target.closest(".cm-tag"));
    const more = /** @type {HTMLElement | null} */ (target.closest('[data-action="more"]'));
    if (chip?.dataset.tag) this.store.toggle(id, chip.dataset.tag);
    else if (more) this.menu(id, more);
    else tile.focus({ preventScroll: true });
  }

  /** @param {FocusEvent} event */
  focusIn(event) {
    const tile = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".cm-tile"));
    if (tile?.dataset.reviewId) this.grid.activate(tile.dataset.reviewId);
  }

  // -- what a person does ----------------------------------------------------------------------------------------------

  goOn() {
    if (this.store.state?.phase === "reviewing") this.step("next");
  }

  goBack() {
    if (this.store.undoLeft > 0) this.step("prev");
  }

  /**
   * @param {string} type
   * @param {object} [fields]
   */
  step(type, fields = {}) {
    this.store.ask(type, fields);
  }

  /** @param {Filter} filter */
  choose(filter) {
    this.filter = filter;
    this.grid.show(this.filtered(), true);
    this.draw();
    this.say(`${FILTER_NAMES[filter]}: ${this.grid.ids.length}`);
  }

  slide() {
    setText(this.sliderText, this.slider.value);
    clearTimeout(this.sliderTimer);
    const rest = () => {
      if (this.store.busy) {
        this.sliderTimer = window.setTimeout(rest, SLIDER_REST);
        return;
      }
      this.sliderTimer = 0;
      if (Number(this.slider.value) !== this.store.state?.count) this.step("count", { count: Number(this.slider.value) });
    };
    this.sliderTimer = window.setTimeout(rest, SLIDER_REST);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.key !== "Tab") event.stopPropagation();
    if (event.defaultPrevented || target.closest("dialog, .cm-menu")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.pressed(event.key, target)) event.preventDefault();
  }

  /**
   * @param {string} key
   * @param {Element} target
   * @returns {boolean} whether the key was ours
   */
  pressed(key, target) {
    const inGrid = target === this.root || this.gridElement.contains(target);
    const onTile = target.classList.contains("cm-tile");
    if (MOVES.includes(key)) return inGrid && this.grid.move(key);
    if (key === " ") return onTile || target === this.root;
    if (key === "Enter") {
      if (onTile) this.openDetails();
      return onTile;
    }
    const lower = key.toLowerCase();
    if (lower === "n") this.goOn();
    else if (lower === "p" || lower === "u") this.goBack();
    else if (lower === "f") this.choose(FILTERS[(FILTERS.indexOf(this.filter) + 1) % FILTERS.length]);
    else if (lower === "m") this.menu(this.grid.active);
    else if (key === "?") this.help();
    else if (this.keys.has(lower)) this.store.toggle(this.grid.active, /** @type {string} */ (this.keys.get(lower)));
    else return false;
    return true;
  }

  // -- what opens over it ----------------------------------------------------------------------------------------------

  help() {
    const { body } = openDialog(this.root, "Keys", () => this.focusSomething());
    fillHelp(body, this.store.state?.tags ?? [], this.keys);
  }

  openDetails() {
    const id = this.grid.active;
    const item = this.store.items.get(id);
    if (!item || this.details) return;
    const { body } = openDialog(this.root, item.name, () => {
      if (this.details?.url) URL.revokeObjectURL(this.details.url);
      this.details = null;
      this.focusSomething();
    });
    this.details = { id, body, url: "" };
    this.store.askDetails(id);
  }

  /** @param {any} about */
  showDetails(about) {
    if (this.details?.id === about.id) fillDetails(this.details.body, about);
  }

  /** @param {any} message */
  showPicture(message) {
    if (this.details?.id === message.id) this.details.url = showPicture(this.details.body, message);
  }

  /**
   * @param {string} id
   * @param {HTMLElement | null} [button]
   */
  menu(id, button = this.grid.tiles.get(id)?.querySelector('[data-action="more"]') ?? null) {
    const { state } = this.store;
    if (!button || !state) return;
    const moves = state.subteams.filter((name) => name !== state.subteam);
    const entries = [{ label: "View details", action: "details", hint: "Enter", chosen: () => this.openDetails() }];
    if (state.subteams.length > 1 && !state.lost.includes(id)) {
      for (const name of moves) {
        const chosen = () => this.step("move", { id, subteam: name });
        entries.push({ label: `Move to ${name}`, action: "move", hint: "", chosen });
      }
    }
    openMenu(this.root, button, entries, () => this.details || this.focusSomething());
  }

  /** @param {string} text */
  say(text) {
    setText(this.live, text);
  }
}

function silentText() {
  return (
    "The kernel does not answer. It may be busy with another cell; if it was stopped or restarted, run the board's cell " +
    "again: your tags are kept by the service."
  );
}

/** One store per board, one view per place where it is shown. */
export default () => {
  /** @type {Store} */
  let store;
  return {
    /** @param {{model: import("./shared.js").Model}} about */
    initialize({ model }) {
      store = new Store(model);
      return () => store.close();
    },
    /** @param {{model: import("./shared.js").Model, el: HTMLElement}} about */
    render({ el }) {
      const view = new BoardView(store, el);
      return () => view.close();
    },
  };
};
