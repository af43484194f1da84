// Settings of tags: the list with a threshold for each, and a form that adds or changes one. They ask through `act`.
import { h, setAttribute } from "./shared.js";
import { asking, labelled, line, table } from "./portal_parts.js";
import { smallForm } from "./portal_lists.js";

/** @typedef {import("./portal_lists.js").Act} Act */
/** @typedef {import("./portal_lists.js").Told} Told */

const ABOUT = "A threshold says from which score on, from 0 to 1, a tag is true for this team. Empty: as the tagger has it.";

/** From which score on one tag is true. What is typed stays until it is kept, or given up with Escape. */
class Threshold {
  /**
   * @param {string} code
   * @param {Act} act
   */
  constructor(code, act) {
    this.code = code;
    this.act = act;
    this.kept = "";
    this.paints = 0;
    this.input = line("threshold", { "aria-label": `Threshold of ${code}`, placeholder: "the tagger's", inputmode: "decimal", maxlength: 12 });
    this.button = h("button", { type: "submit", class: "cm-button cm-small", "data-action": "keep-threshold", "aria-label": `Keep threshold of ${code}` }, "Keep");
    this.element = h("form", { class: "cm-threshold-of" }, this.input, this.button);
    this.input.addEventListener("input", () => this.compare());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.input.value === this.kept) return;
      event.stopPropagation();
      this.take(this.kept);
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.keep();
    });
    this.compare();
  }

  get typed() {
    return this.input.value.trim() !== this.kept;
  }

  compare() {
    setAttribute(this.input, "aria-invalid", null);
    this.button.hidden = !this.typed;
  }

  /** @param {string} text */
  take(text) {
    this.kept = text;
    this.input.value = text;
    this.compare();
  }

  async keep() {
    if (!this.typed) return;
    const wanted = this.input.value.trim();
    const { paints } = this;
    this.input.focus();
    if (await this.act("set_threshold", { code: this.code, threshold: wanted })) {
      // what was painted meanwhile is how the service writes it: 0.65 for 0,65
      if (this.input.value.trim() === wanted) this.take(this.paints === paints ? wanted : this.kept);
    } else {
      setAttribute(this.input, "aria-invalid", "true");
    }
  }

  /** @param {number | null} threshold */
  paint(threshold) {
    this.paints += 1;
    const text = threshold === null ? "" : String(threshold);
    if (this.typed) this.kept = text;
    else this.take(text);
    this.button.hidden = !this.typed;
  }
}

/** The team's tags. */
export class Tags {
  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    /** @type {Map<string, Threshold>} */
    this.thresholds = new Map();
    this.list = h("div", {});
    this.element = h("div", {}, this.list, h("p", { class: "cm-hint" }, ABOUT), tagForm(act));
  }

  /** @param {string} code */
  threshold(code) {
    const made = this.thresholds.get(code) ?? new Threshold(code, this.act);
    this.thresholds.set(code, made);
    return made;
  }

  /** @param {Told} told */
  paint(told) {
    const focused = [...this.thresholds.values()].find((field) => field.element.contains(document.activeElement));
    const there = new Set(told.tags.map((/** @type {any} */ tag) => tag.code));
    for (const code of this.thresholds.keys()) if (!there.has(code)) this.thresholds.delete(code);
    const rows = told.tags.map((/** @type {any} */ tag) => {
      const field = this.threshold(tag.code);
      field.paint(tag.threshold);
      return [h("code", {}, tag.code), tag.name, tag.about + (tag.visible ? "" : " (not shown to reviewers)"), field.element, ending(tag, this.act)];
    });
    this.list.replaceChildren(table("Tags", ["Code", "Name", "Description", "Threshold", ""], rows, "There are no tags."));
    if (focused?.element.isConnected) focused.input.focus();
  }
}

/** @param {any} tag @param {Act} act */
function ending(tag, act) {
  if (["a", "r"].includes(tag.code)) return h("span", { class: "cm-hint" }, "built in");
  return asking("remove-tag", "Remove", `Remove ${tag.code}? What was answered stays.`, () => act("remove_tag", { code: tag.code }));
}

/** @param {Act} act */
function tagForm(act) {
  const code = line("tag-code", { maxlength: 16, required: true });
  const name = line("tag-name");
  const about = line("tag-about");
  const fields = [labelled("Short code", code, "such as sc"), labelled("Name", name, "such as isscreenshot"), labelled("Description", about, "of a tag that is there, what is left empty stays")];
  return smallForm("Add or change a tag", fields, "Keep tag", () => act("add_tag", { code: code.value, name: name.value, about: about.value }));
}
