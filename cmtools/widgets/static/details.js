// The details pane beside the grid: everything about one review. Each part comes by itself and fails by itself.
import { kindOf, paintPicture } from "./kinds.js";
import { answerTables, factTable, momentText, partRows, partSection, quietButton, scoreBar } from "./details_parts.js";
import { h, icon, setAttribute, setText } from "./shared.js";
import { flaggedWords, marked } from "./text.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./shared.js").Message} Message */

/**
 * @typedef {object} DetailsHooks
 * @property {() => void} closed puts the focus back to where the work is
 * @property {(step: number) => void} step goes to the next or the previous review
 * @property {() => string} place says which of how many it is
 * @property {(key: string) => void} reveal shows a picture uncovered until it is let go
 */

/** How long the pane waits before it asks, so that an arrow held down asks for nothing, in milliseconds. */
const REST = 60;

export class Details {
  /**
   * @param {Store} store
   * @param {HTMLElement} root the board; the pane goes into its body
   * @param {DetailsHooks} hooks
   */
  constructor(store, root, hooks) {
    this.store = store;
    this.root = root;
    this.hooks = hooks;
    this.id = "";
    /** The picture in full: whose it is, and its object URL; asked for once it may be seen. */
    this.full = { key: "", url: "" };
    this.timer = 0;
    this.frameTimer = 0;
    this.number = 0;
    this.title = h("h2", {});
    this.place = h("span", { class: "cm-number cm-soft" });
    this.top = h("div", {});
    this.rest = h("div", {});
    const about = { class: "cm-details-body", tabindex: 0, role: "group", "aria-label": "What is known of it" };
    this.body = h("div", about, this.top, this.rest);
    /** @type {Map<string, HTMLElement>} */
    this.parts = new Map();
    this.element = this.build();
    root.querySelector(".cm-body")?.append(this.element);
  }

  build() {
    const header = h(
      "header",
      {},
      this.title,
      this.place,
      quietButton("prev", "Previous review (←)", () => this.hooks.step(-1)),
      quietButton("next", "Next review (→)", () => this.hooks.step(1)),
      quietButton("close", "Close the details (Esc)", () => this.shut(), "close-details"),
    );
    const props = {
      class: "cm-details",
      "aria-label": "Details",
      tabindex: -1,
      hidden: true,
      keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
      pointerdown: (/** @type {PointerEvent} */ event) => this.hold(event),
    };
    return h("aside", props, header, this.body);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {string} id */
  open(id) {
    if (!this.store.items.has(id)) return;
    const again = this.isOpen && this.id === id;
    this.element.hidden = false;
    this.root.classList.add("cm-with-details");
    this.follow(id);
    if (again || this.covers) this.element.focus({ preventScroll: true });
  }

  /** Whether the pane lies over the grid, as it does on a narrow board. */
  get covers() {
    return this.isOpen && getComputedStyle(this.element).position === "absolute";
  }

  /** Close the pane; the focus goes back to the tiles when it was in here. */
  shut() {
    if (!this.isOpen) return;
    const had = this.element.contains(document.activeElement) || this.covers;
    this.element.hidden = true;
    this.root.classList.remove("cm-with-details");
    this.forget();
    if (had) this.hooks.closed();
  }

  /** The board is going. */
  close() {
    this.forget();
    this.element.remove();
  }

  forget() {
    clearTimeout(this.timer);
    clearTimeout(this.frameTimer);
    this.dropPicture();
    this.id = "";
    this.face = undefined;
    this.parts.clear();
    this.top.replaceChildren();
    this.rest.replaceChildren();
  }

  /**
   * Show another review in the open pane; ask for it when the choice has come to rest.
   * @param {string} id
   */
  follow(id) {
    if (!this.isOpen) return;
    const item = this.store.items.get(id);
    if (!item) {
      this.shut();
      return;
    }
    setText(this.place, this.hooks.place());
    if (this.id === id) return;
    this.forget();
    this.id = id;
    setText(this.title, item.name);
    setAttribute(this.title, "title", item.name);
    if (kindOf(this.store.state?.kind).pictures) this.top.append(this.makeFace());
    this.body.scrollTop = 0;
    this.timer = window.setTimeout(() => this.store.askDetails(id), REST);
  }

  /**
   * @param {string} topic
   * @param {any} detail
   */
  listen(topic, detail) {
    if (!this.isOpen) return;
    if (["screen", "items", "state"].includes(topic)) requestAnimationFrame(() => this.stay());
    else if (topic === "veil" || topic === "thumbs") this.drawPicture();
    else if (topic === "looked" && detail === this.id) this.lookAtFrame();
    else if (topic === "details" && detail.id === this.id) this.fill(detail);
    else if (topic === "picture" && detail.id === this.id) this.takePicture(detail);
    else if (topic === "kind" && detail.type === "part" && detail.id === this.id) this.fillPart(detail);
  }

  /** What the pane shows may have left the screen; then it goes on with what is at hand, or closes. */
  stay() {
    if (!this.isOpen || this.store.items.has(this.id)) return;
    if (this.store.items.size) this.hooks.step(0);
    else this.shut();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key === "Tab") return;
    event.stopPropagation();
    const { target } = event;
    const writing = target instanceof HTMLTextAreaElement;
    if (event.key === "Escape") this.shut();
    else if (writing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.sendNote();
    else if (!writing && event.key === "ArrowLeft") this.hooks.step(-1);
    else if (!writing && event.key === "ArrowRight") this.hooks.step(1);
    else if (event.key !== " " || target !== this.face) return;
    else if (!event.repeat) this.hooks.reveal(this.key);
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  hold(event) {
    const pressed = event.target instanceof Element && event.target.closest(".cm-picture");
    if (pressed && pressed === this.face && event.button === 0) this.hooks.reveal(this.key);
  }

  // -- its picture ---------------------------------------------------------------------------------------------------

  /** What the picture is revealed under: the review, or the frame of it that is looked at. */
  get key() {
    return this.at === undefined ? this.id : `${this.id}@${this.at}`;
  }

  /** The moment of the frame that is looked at; nothing where the review is no video. */
  get at() {
    return kindOf(this.store.state?.kind).momentOf?.(this.store, this.id);
  }

  makeFace() {
    const about = "Press and hold, or hold Space, to see it uncovered";
    const label = "The picture under review";
    this.face = h("div", { class: "cm-picture cm-full", tabindex: 0, role: "img", "aria-label": label, title: about });
    this.drawPicture();
    return this.face;
  }

  /** Veiled as on its tile; in full, which is asked for only then, when nothing veils it. */
  drawPicture() {
    const { face, key, store } = this;
    if (!face || !this.id) return;
    if (this.full.key !== key) this.dropPicture();
    const clear = store.wellness.uncovered(key);
    if (clear && !this.full.key) {
      this.full.key = key;
      store.model.send({ type: "full", id: this.id, at: this.at });
    }
    store.gallery.near(this, [key]);
    paintPicture(face, key, store);
    const shown = face.querySelector(".cm-in-full");
    if (shown && clear && shown.getAttribute("src") === this.full.url) return;
    shown?.remove();
    if (clear && this.full.url) {
      const props = { class: "cm-in-full cm-clear cm-loaded", alt: "", draggable: "false", src: this.full.url };
      face.append(h("img", props));
    }
  }

  /** @param {{at?: number | null, buffer?: BufferSource, error?: string}} message */
  takePicture({ at, buffer, error }) {
    if ((at ?? undefined) !== this.at) return;
    if (this.full.url) URL.revokeObjectURL(this.full.url);
    this.full = { key: this.key, url: buffer ? URL.createObjectURL(new Blob([buffer])) : "" };
    if (error && this.face) setAttribute(this.face, "title", error);
    this.drawPicture();
  }

  /** Another frame of the video is looked at: its picture, and what is known of it. */
  lookAtFrame() {
    this.drawPicture();
    clearTimeout(this.frameTimer);
    const ask = () => this.isOpen && this.store.model.send({ type: "frame", id: this.id, at: this.at });
    if (this.parts.has("frame")) this.frameTimer = window.setTimeout(ask, REST);
  }

  dropPicture() {
    if (this.full.url) URL.revokeObjectURL(this.full.url);
    this.full = { key: "", url: "" };
    this.store.thumbs.leave(this);
    this.store.veils.leave(this);
  }

  // -- what is in it -------------------------------------------------------------------------------------------------

  /** @param {Message} about */
  fill(about) {
    const facts = [...about.facts, ...(about.created ? [["Created", momentText(about.created)]] : [])];
    if (about.kind !== "Text") facts.push(["Content", about.content]);
    this.parts.clear();
    if (about.kind === "Text") this.showText(about);
    this.rest.replaceChildren(
      ...(about.answers ? [partSection("Answers", ...answerTables(about.answers))] : []),
      ...(about.kind === "Video" ? [this.part("frame", "Frame")] : []),
      partSection("Review", factTable(facts)),
      ...(about.scores.length ? [partSection("Scores", h("div", {}, ...about.scores.map(scoreBar)))] : []),
      ...(about.metadata.length ? [partSection("Metadata", factTable(about.metadata))] : []),
      this.part("notes", "Notes"),
      ...(about.history ? [this.part("history", "History")] : []),
      this.rawPart(),
    );
    this.lookAtFrame();
  }

  /** @param {Message} about */
  showText(about) {
    const label = { role: "group", "aria-label": "The text under review" };
    this.text = h("div", { class: "cm-full-text", dir: "auto", tabindex: 0, ...label });
    this.flagged = h("p", { class: "cm-soft" });
    this.content = about.content;
    this.top.replaceChildren(this.text, this.flagged);
    this.mark(about.marks);
  }

  /** @param {import("./text.js").Marks} marks */
  mark(marks) {
    this.text?.replaceChildren(...marked(this.content ?? "", marks));
    if (this.flagged) setText(this.flagged, marks.length ? flaggedWords(marks.length) : "");
  }

  /**
   * A part that is on its way.
   * @param {string} name
   * @param {string} title
   */
  part(name, title) {
    const place = h("div", { class: "cm-part", "aria-busy": "true" }, h("p", { class: "cm-soft" }, "Loading …"));
    this.parts.set(name, place);
    return partSection(title, place, name === "notes" && this.noteForm());
  }

  /** @param {Message} message */
  fillPart({ part, found, error, n, page }) {
    const place = this.parts.get(part);
    if (part === "marks") this.mark(found ?? []);
    if (!place) return;
    if (n !== undefined && page === this.store.page) this.noteCame(n, error);
    if (n !== undefined && error) return;
    place.removeAttribute("aria-busy");
    place.replaceChildren(...(error ? [this.fault(error)] : partRows(part, found)));
  }

  /** @param {string} error */
  fault(error) {
    const again = () => this.store.askDetails(this.id);
    const retry = h("button", { type: "button", class: "cm-button", click: again }, "Retry");
    return h("div", { class: "cm-part-fault", role: "alert" }, icon("warning"), h("span", {}, error), retry);
  }

  rawPart() {
    const place = h("div", { class: "cm-part" });
    this.parts.set("raw", place);
    const open = (/** @type {Event} */ event) => {
      const { currentTarget } = event;
      if (!(currentTarget instanceof HTMLDetailsElement) || !currentTarget.open || place.childElementCount) return;
      place.append(h("p", { class: "cm-soft" }, "Loading …"));
      this.store.model.send({ type: "raw", id: this.id });
    };
    return h("details", { class: "cm-raw", toggle: open }, h("summary", {}, "JSON"), place);
  }

  // -- notes ---------------------------------------------------------------------------------------------------------

  noteForm() {
    this.noteText = h("textarea", { rows: 2, "aria-label": "New note", placeholder: "Write a note for colleagues" });
    this.noteSend = h("button", { type: "submit", class: "cm-button", title: "Add the note (Ctrl+Enter)" }, "Add note");
    this.noteFault = h("p", { class: "cm-part-fault", role: "alert", hidden: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.sendNote();
    };
    return h("form", { class: "cm-note-form", submit }, this.noteText, this.noteSend, this.noteFault);
  }

  sendNote() {
    const text = this.noteText?.value.trim() ?? "";
    if (!text || !this.noteSend || this.noteSend.disabled) return;
    this.number += 1;
    this.noteSend.disabled = true;
    this.store.model.send({ type: "note", id: this.id, text, page: this.store.page, n: this.number });
  }

  /**
   * The service has a note, or refused it; then its text stays.
   * @param {number} number
   * @param {string} [error]
   */
  noteCame(number, error) {
    if (number !== this.number || !this.noteText || !this.noteSend || !this.noteFault) return;
    this.noteSend.disabled = false;
    this.noteFault.hidden = !error;
    setText(this.noteFault, error ?? "");
    if (!error) this.noteText.value = "";
    this.noteText.focus();
  }
}
