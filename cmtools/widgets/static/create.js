// The create form in the browser: it takes files, lines and tables, and shows what becomes of them. Messages:
// cmtools/widgets/create_talk.py.
import { h, setAttribute, setText } from "./shared.js";
import { Form } from "./create_store.js";
import { Foot } from "./create_foot.js";
import { Intake } from "./create_intake.js";
import { List } from "./create_list.js";
import { Pane } from "./create_pane.js";
import { Several } from "./create_several.js";
import { choice, fill, paintRow, tagSwitch } from "./create_parts.js";

/** @typedef {import("./create_store.js").Row} Row */
/** @typedef {import("./create_store.js").View} View */

const TYPES = /** @type {[string, string][]} */ (["Image", "Text", "Video"].map((name) => [name, name]));
const SHOWN = /** @type {[string, string][]} */ ([
  ["all", "All"],
  ["open", "Open"],
  ["problems", "Problems"],
  ["created", "Created"],
]);

/** How many views there were, for ids that differ on a page. */
let viewsMade = 0;

class CreateView {
  /**
   * @param {Form} form
   * @param {HTMLElement} el
   */
  constructor(form, el) {
    this.form = form;
    this.blurred = true;
    this.version = -1;
    this.types = choice("Type", TYPES, "type", (type) => form.set("type", type));
    this.subteam = h("select", { "data-role": "subteam", change: () => form.set("subteam", this.subteam.value) });
    this.callback = h("input", {
      type: "url",
      "data-role": "callback",
      placeholder: "Address to tell",
      spellcheck: "false",
      "aria-describedby": `cm-callback-${form.page}-${++viewsMade}`,
      change: () => form.set("callback", this.callback.value),
    });
    this.callbackError = h("p", { class: "cm-why cm-callback-why", id: `cm-callback-${form.page}-${viewsMade}`, hidden: true });
    this.batch = h("input", { type: "text", "data-role": "batch", change: () => form.set("batch", this.batch.value) });
    setAttribute(this.batch, "title", "The same items under another batch name become other reviews");
    this.several = new Several(form);
    this.allTags = h("div", { class: "cm-switches", role: "group", "aria-label": "Tags for all" });
    /** @type {Map<string, ReturnType<typeof tagSwitch>>} */
    this.switches = new Map();
    this.missing = h("label", { class: "cm-missing", hidden: true });
    this.newTags = h("input", { type: "checkbox", "data-role": "new-tags", change: () => form.set("new_tags", this.newTags.checked) });
    this.missingText = h("span", {});
    this.missing.append(this.newTags, this.missingText);
    this.intake = new Intake(form);
    const hooks = { edit: (/** @type {Row} */ row) => this.edit(row), remove: (/** @type {Row} */ row) => this.remove(row) };
    this.list = new List(form, {
      paint: (element, row) => paintRow(element, row, row.thumb ? form.thumbs.url(row.thumb) : undefined, hooks),
      choose: (row) => this.choose(row),
      remove: (row) => this.remove(row),
      counted: (total) => this.counted(total),
    });
    this.pane = new Pane(form);
    this.pane.onLeave = () => this.choose(null);
    this.shows = choice("Show", SHOWN, "filter", (show) => this.filter(show));
    this.search = h("input", { type: "search", "data-role": "find", placeholder: "Find by name or id", "aria-label": "Find by name or id", input: () => this.filter(this.list.show) });
    this.blur = h(
      "button",
      { type: "button", class: "cm-button cm-small", "data-action": "blur", "aria-pressed": "true", click: () => form.send({ type: "blur", on: !this.blurred }) },
      "Blur previews",
    );
    this.empty = h("div", { class: "cm-empty" });
    this.listHead = h("div", { class: "cm-list-head" }, this.shows.element, this.search, this.blur);
    this.foot = new Foot(form, { cleared: () => this.choose(null), wrong: () => this.callback.focus(), problems: () => this.filter("problems") });
    this.who = h("p", { class: "cm-about" });
    this.root = this.build();
    el.append(this.root);
    this.listen = this.listen.bind(this);
    form.listeners.add(this.listen);
    this.listen("view", []);
  }

  close() {
    this.form.listeners.delete(this.listen);
    this.form.thumbs.leave(this.list);
    this.form.thumbs.leave(this.pane);
    this.list.close();
    this.root.remove();
  }

  build() {
    const field = (/** @type {string} */ name, /** @type {Node} */ control) => h("label", { class: "cm-field" }, name, control);
    const controls = h(
      "div",
      { class: "cm-controls" },
      h("div", { class: "cm-field" }, h("span", {}, "Type"), this.types.element),
      field("Subteam", this.subteam),
      h("div", {}, field("Callback", this.callback), this.callbackError),
      field("Batch", this.batch),
      ...this.several.elements,
      h("div", { class: "cm-field cm-grow" }, h("span", {}, "Tags for all"), this.allTags, this.missing),
    );
    const main = h("div", { class: "cm-main" }, this.intake.element, this.listHead, h("div", { class: "cm-stage" }, this.list.element, this.empty));
    const props = {
      class: "cm-create",
      "aria-label": "Create reviews",
      "data-lm-suppress-shortcuts": "true",
      tabindex: -1,
      keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
      keyup: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(),
      dragover: (/** @type {DragEvent} */ event) => this.intake.over(event),
      drop: (/** @type {DragEvent} */ event) => this.intake.take(event),
      paste: (/** @type {ClipboardEvent} */ event) => this.intake.paste(event),
    };
    const head = h("header", { class: "cm-head" }, h("h2", {}, "Create reviews"), this.who);
    return h("section", props, head, controls, this.foot.notice, h("div", { class: "cm-two" }, main, this.pane.element), this.foot.element);
  }

  // What a person does ----------------------------------------------------------------------------------------------

  /** The notebook hears no key that is pressed in here. @param {KeyboardEvent} event */
  press(event) {
    if (event.key !== "Tab") event.stopPropagation();
    const typed = event.target === this.intake.lines && event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (typed) {
      event.preventDefault();
      this.intake.addLines(false);
    }
    if (event.key === "Escape" && this.pane.row) this.choose(null);
  }

  /** @param {Row | null} row */
  choose(row) {
    this.list.chosen = row?.key ?? "";
    this.list.repaint();
    if (this.pane.row !== row) this.pane.show(row);
    const below = this.pane.element.offsetTop >= this.list.element.offsetTop + this.list.element.offsetHeight;
    if (row && below) this.pane.element.scrollIntoView({ block: "nearest" });
  }

  /** Show an entry where it can be changed, its id at hand. @param {Row} row */
  edit(row) {
    this.choose(row);
    this.pane.id.focus();
    this.pane.id.select();
  }

  /** @param {Row} row */
  remove(row) {
    if (this.pane.row?.key === row.key) this.choose(null);
    this.form.send({ type: "remove", keys: [row.key] });
    this.list.activate(this.list.active, true);
  }

  /** @param {string} show */
  filter(show) {
    this.list.filter(show, this.search.value);
    this.shows.mark(show);
  }

  // Drawing ---------------------------------------------------------------------------------------------------------

  /**
   * @param {"view" | "thumbs"} what
   * @param {string[]} _ids
   */
  listen(what, _ids) {
    if (what === "thumbs") {
      this.list.repaint();
      this.pane.drawPicture();
    } else this.draw();
  }

  draw() {
    const { view, quiet } = this.form;
    this.blurred = view?.blur ?? true;
    setAttribute(this.blur, "aria-pressed", String(this.blurred));
    this.root.classList.toggle("cm-blurred", this.blurred);
    this.foot.drawNotice();
    if (!view) return;
    const { who } = view;
    const tagger = view.tagger ? ` · tagged by ${view.tagger}` : "";
    setText(this.who, `Team ${who.team}${who.reviewer ? ` · ${who.reviewer}` : ""}${tagger}`);
    this.root.classList.toggle("cm-stale", quiet);
    this.drawControls(view);
    this.intake.draw();
    this.drawCounts(view);
    this.foot.draw(view);
    if (view.version !== this.version) {
      this.version = view.version;
      this.list.refresh();
      this.pane.refresh();
    }
  }

  /** @param {View} view */
  drawControls(view) {
    const { options } = view;
    this.types.mark(options.type);
    fill(this.subteam, view.subteams, options.subteam ?? "public");
    for (const [input, value] of /** @type {[HTMLInputElement, string][]} */ ([[this.callback, options.callback], [this.batch, options.batch]])) {
      if (document.activeElement !== input) input.value = value;
    }
    this.several.draw(options);
    setAttribute(this.callback, "aria-invalid", view.callback_error ? "true" : null);
    this.callbackError.hidden = !view.callback_error;
    setText(this.callbackError, view.callback_error);
    const codes = view.tags.map(({ code }) => code).join();
    if (this.allTags.dataset.codes !== codes) {
      this.allTags.dataset.codes = codes;
      const made = view.tags.map(({ code, name }) => {
        return /** @type {[string, ReturnType<typeof tagSwitch>]} */ ([code, tagSwitch(code, name, (on) => this.form.send({ type: "all_tag", code, on }))]);
      });
      this.switches = new Map(made);
      this.allTags.replaceChildren(...made.map(([, { element }]) => element));
    }
    for (const [code, one] of this.switches) one.draw(options.tags[code] ?? null, null, "");
    this.missing.hidden = !view.missing.length;
    this.newTags.checked = options.new_tags;
    setText(this.missingText, `Add ${view.missing.join(", ")} to the team's tags`);
  }

  /** @param {View} view */
  drawCounts({ counts }) {
    const numbers = /** @type {Record<string, number>} */ ({
      all: Object.values(counts).reduce((sum, one) => sum + one, 0),
      open: counts.arriving + counts.waiting + counts.ready,
      problems: counts.refused + counts.failed,
      created: counts.created,
    });
    this.shows.element.classList.toggle("cm-has-problems", numbers.problems > 0);
    for (const [show, name] of SHOWN) this.shows.name(show, `${name} ${numbers[show].toLocaleString("en")}`);
    this.shows.mark(this.list.show);
    this.root.classList.toggle("cm-full", numbers.all > 0);
  }

  /** @param {number} total */
  counted(total) {
    this.empty.hidden = total > 0;
    this.list.element.hidden = !total;
    const nothing = this.list.show === "all" && !this.search.value;
    setText(this.empty, nothing ? "Nothing here yet. What you add is shown here before anything is sent." : "Nothing to show with this filter.");
    this.pane.take(this.list.rows);
    this.pane.draw();
  }

}

/** One store per form, one view per place where it is shown. */
export default () => {
  /** @type {Form} */
  let form;
  return {
    /** @param {{model: import("./shared.js").Model}} about */
    initialize({ model }) {
      form = new Form(model);
      return () => form.close();
    },
    /** @param {{model: import("./shared.js").Model, el: HTMLElement}} about */
    render({ el }) {
      const view = new CreateView(form, el);
      return () => view.close();
    },
  };
};
