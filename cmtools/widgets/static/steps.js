// What a person does on the board, however they do it: by key, mouse or finger, on one review or on several.
import { fillHelp, openDialog } from "./dialogs.js";
import { kindOf } from "./kinds.js";
import { holdTimes, openEntries, tileEntries } from "./menus.js";

const FULL =
  "You have revealed as many pictures today as your team allows. It starts again at midnight UTC; " +
  "tags, hold and Next work on.";

export class Steps {
  /** @param {import("./board.js").BoardView} view */
  constructor(view) {
    this.view = view;
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
    } else {
      this.view.store.ask(action);
    }
  }

  goOn() {
    const { state, wellness } = this.view.store;
    if (state?.phase !== "reviewing" || state.taking) return;
    wellness.stop();
    this.view.store.ask("next");
  }

  goBack() {
    if (this.view.store.undoLeft > 0) this.view.store.ask("prev");
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
    fillHelp(body, state?.tags ?? [], this.view.keys, kindOf(state?.kind).help);
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
    this.openAt(place, tileEntries(this.view.store, id, this.view.selection.meant(id), hooks));
  }

  /**
   * @param {HTMLElement} place
   * @param {import("./menus.js").Entry[]} entries
   */
  openAt(place, entries) {
    openEntries(this.view.root, place, entries, () => this.view.focusSomething());
  }
}
