// What a person does on the board, however they do it: by key, mouse or finger, on one review or on several.
import { fillHelp, openDialog, openMenu } from "./dialogs.js";
import { kindOf } from "./kinds.js";
import { holdTimes, tileEntries } from "./menus.js";
import { splitText } from "./tile.js";

const FULL =
  "You have revealed as many pictures today as your team allows. It starts again at midnight UTC; " +
  "tags, hold and Next work on.";

/** @type {Record<string, string>} */
const STEP_NAMES = { next: "Next", prev: "Prev", hold: "Hold", move: "Move to", retry: "Retry", count: "The new number" };

export class Steps {
  /** @param {import("./board.js").BoardView} view */
  constructor(view) {
    this.view = view;
    /** @type {{type: string, fields: object} | null} */
    this.missedStep = null;
    /** @type {import("./dialogs.js").Menu | null} */
    this.menuOpen = null;
  }

  /** @param {string} action */
  act(action) {
    if (action === "all") {
      this.view.store.found = null;
      this.view.finder.field.value = "";
      this.view.choose("all");
    } else if (action === "dismiss") {
      this.view.draw();
      this.view.focusSomething();
    } else if (action === "rested") {
      this.view.store.wellness.rest = 0;
      this.view.store.model.send({ type: "rested" });
      this.view.draw();
    } else if (action === "again") {
      this.askAgain();
    } else {
      this.view.store.ask(action);
    }
  }

  goOn() {
    const { store, notice, grid } = this.view;
    const { state, wellness, items } = store;
    if (state?.phase !== "reviewing" || state.taking) return;
    wellness.stop();
    notice.said = null;
    const hidden = items.size - grid.ids.length;
    if (store.ask("next")) this.view.unseen = hidden;
  }

  goBack() {
    this.view.notice.said = null;
    if (this.view.store.undoLeft > 0) this.view.store.ask("prev");
  }

  /**
   * A step, or its answer, got lost on its way: say so; taking it again does no harm.
   * @param {{type: string, fields: object, taken: boolean}} step
   */
  missed({ type, fields, taken }) {
    this.missedStep = { type, fields };
    const name = STEP_NAMES[type] ?? "That";
    const text = taken
      ? `${name} was carried out, but the answer got lost on its way: here is what holds now.`
      : `${name} did not reach the kernel: nothing was submitted or changed, and all tags you switched are kept. ` +
        "It can be tried again safely; nothing is done twice.";
    this.view.notice.say(text, taken ? "info" : "warning", taken ? "" : "again");
    this.view.draw();
  }

  askAgain() {
    const { type, fields } = this.missedStep ?? { type: "", fields: {} };
    this.view.notice.said = null;
    if (type === "next") this.goOn();
    else if (type) this.view.store.ask(type, fields);
  }

  /** @param {"blur" | "grey"} what */
  veil(what) {
    const { wellness } = this.view.store;
    if (!wellness.choose(what, !wellness[what])) this.view.notice.say(FULL);
    this.view.say(`${what === "blur" ? "Blur" : "Black and white"} ${wellness[what] ? "on" : "off"}`);
  }

  /** @param {string} key */
  reveal(key) {
    if (kindOf(this.view.store.state?.kind).pictures && !this.view.store.wellness.reveal(key)) this.view.notice.say(FULL);
  }

  /** Switch a tag of the active review, or of all that are selected. @param {string} tag */
  toggle(tag) {
    const ids = this.view.selection.meant(this.view.grid.active);
    if (ids.length > 1) this.view.store.changes.toggleAll(ids, tag);
    else this.view.store.changes.toggle(ids[0], tag);
  }

  undoTags() {
    const { state } = this.view.store;
    if (state?.notice?.action === "move_back" && !this.view.store.changes.last) return void this.act("move_back");
    const undone = this.view.store.changes.undo();
    this.view.say(undone ? `Undone: ${undone}` : "Nothing to undo");
  }

  clearSelection() {
    this.view.selection.clear();
    this.view.focusSomething();
  }

  /** The tags of the active review for all its near-duplicates. */
  copyToGroup() {
    const group = this.view.store.alike.get(this.view.grid.active);
    if (group) this.view.store.changes.copy(this.view.grid.active, group);
  }

  hold() {
    const ids = this.view.selection.meant(this.view.grid.active).filter((id) => !this.view.store.isLost(id));
    if (ids.length) this.view.store.ask("hold", { ids, seconds: holdTimes()[0][1] });
  }

  help() {
    const { body } = openDialog(this.view.root, "Keys", () => this.view.focusSomething());
    const { state } = this.view.store;
    const settles = state?.adjudicate;
    const afterwards = [
      ...(settles ? ["Shift C: the next tag or frame on which reviewers differ"] : []),
      ...(state?.feedback ? ["Shift K: known answers that differ from yours; Esc dismisses them"] : []),
    ];
    const note = settles ? "most reviewers" : "the automatic side";
    fillHelp(body, state?.tags ?? [], this.view.keys, { first: kindOf(state?.kind).help ?? [], afterwards, note });
  }

  /**
   * Go to the next tag on which reviewers differ, or frame: on this tile, then on those that follow, then from the top.
   */
  nextContested() {
    const { grid, store } = this.view;
    const tags = store.state?.tags ?? [];
    const at = grid.index.get(grid.active) ?? 0;
    const focused = document.activeElement;
    const here = focused?.closest(".cm-tags > .cm-tag");
    const framed = Boolean(focused?.closest(".cm-frame"));
    const from = here instanceof HTMLElement ? tags.findIndex((tag) => tag.code === here.dataset.tag) + 1 : framed ? tags.length : 0;
    const places = [...grid.ids.slice(at), ...grid.ids.slice(0, at + 1)];
    for (const [place, id] of places.entries()) {
      const item = store.items.get(id);
      const code = tags.slice(place ? 0 : from).find((tag) => item && splitText(item, tag.code))?.code;
      if (!code && !item?.said?.frames) continue;
      grid.activate(id, false, true);
      this.view.details.follow(id);
      const tile = grid.tiles.get(id);
      const chip = code && tile?.querySelector(`:scope > .cm-tags > [data-tag="${CSS.escape(code)}"]`);
      if (chip instanceof HTMLElement) chip.focus({ preventScroll: true });
      const face = tile?.children[1];
      if (chip || (face instanceof HTMLElement && kindOf(store.state?.kind).contested?.(face, framed && place === 0))) return;
    }
    if (store.state?.adjudicate) this.view.say("No tag is contested here");
  }

  openDetails() {
    this.view.details.open(this.view.grid.active);
  }

  /** Go on in the details: to another review, or with 0 to the one that is active now. @param {number} by */
  stepDetails(by) {
    const { details, grid } = this.view;
    const to = grid.ids[(grid.index.get(grid.active) ?? 0) + by];
    if (to !== undefined) grid.activate(to);
    if (to !== undefined) grid.scrollTo(Math.floor((grid.index.get(to) ?? 0) / grid.columns));
    details.follow(grid.active);
  }

  /**
   * @param {string} id
   * @param {HTMLElement | null} [button]
   */
  menu(id, button) {
    const place = button ?? this.view.grid.tiles.get(id)?.querySelector(".cm-more");
    if (!(place instanceof HTMLElement) || !this.view.store.state) return;
    const hooks = { details: () => this.openDetails(), group: (/** @type {string[]} */ ids) => this.view.store.pick(ids) };
    this.openAt(place, () => tileEntries(this.view.store, id, this.view.selection.meant(id), hooks));
  }

  /**
   * Open a menu of what can be done now; it follows what the service says meanwhile, such as new subteams.
   * @param {HTMLElement} place
   * @param {() => import("./menus.js").Entry[]} entries
   */
  openAt(place, entries) {
    this.view.store.model.send({ type: "subteams" });
    this.menuOpen = openMenu(this.view.root, place, entries, () => {
      this.menuOpen = null;
      this.view.focusSomething();
    });
  }
}
