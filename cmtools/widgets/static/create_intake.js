// What a create form takes in: drops, files, folders, lines, tables of the notebook. It knows no entry.
import { h, icon, setAttribute, setText } from "./shared.js";
import { chosen, dropped } from "./create_upload.js";
import { fill, many } from "./create_parts.js";

/** @typedef {import("./create_store.js").Form} Form */

const HINTS = /** @type {Record<string, string>} */ ({
  Image: "Addresses of pictures, one a line, or a request body as JSON",
  Text: "Texts, one a line, or a request body as JSON",
  Video: "Addresses of videos, one a line, or a request body as JSON",
});
const DROPS = /** @type {Record<string, string>} */ ({
  Image: "Drop pictures, folders or a CSV file here",
  Text: "Drop a CSV file with a column of texts here",
  Video: "Drop a CSV file with a column of addresses here",
});

export class Intake {
  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    const files = h("input", { type: "file", multiple: true, hidden: true, accept: "image/*,.csv,.tsv,.jsonl", "aria-hidden": "true" });
    const folder = h("input", { type: "file", webkitdirectory: true, hidden: true, "aria-hidden": "true" });
    for (const input of [files, folder]) {
      input.addEventListener("change", () => {
        if (input.files) this.add(chosen(input.files));
        input.value = "";
      });
    }
    this.dropText = h("span", { class: "cm-drop-text" });
    const pick = (/** @type {HTMLInputElement} */ input, /** @type {string} */ action, /** @type {string} */ text) =>
      h("button", { type: "button", class: "cm-button", "data-action": action, click: () => input.click() }, text);
    this.folderButton = pick(folder, "choose-folder", "Choose folder");
    this.drop = h(
      "div",
      { class: "cm-drop", dragleave: () => this.drop.classList.remove("cm-over") },
      icon("inbox"),
      this.dropText,
      pick(files, "choose-files", "Choose files"),
      this.folderButton,
      files,
      folder,
    );
    this.lines = h("textarea", { rows: 2, "data-role": "lines", spellcheck: "false", input: () => this.draw() });
    this.addButton = h("button", { type: "button", class: "cm-button", "data-action": "add", click: () => this.addLines(false) }, "Add");
    this.wholeButton = h("button", { type: "button", class: "cm-button", "data-action": "add-whole", click: () => this.addLines(true) }, "Add as one text");
    this.linesError = h("p", { class: "cm-why", role: "alert", hidden: true });
    this.table = h("select", { "data-role": "table", "aria-label": "Table of the notebook", change: () => this.addTable() });
    this.table.addEventListener("focus", () => this.form.send({ type: "tables" }));
    this.live = h("div", { class: "cm-unseen", role: "status" });
    this.element = h(
      "div",
      { class: "cm-intake" },
      this.drop,
      h("div", { class: "cm-lines" }, this.lines, h("div", { class: "cm-lines-end" }, this.addButton, this.wholeButton, this.table)),
      this.linesError,
      this.live,
    );
  }

  /** @param {DragEvent} event */
  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
    this.drop.classList.add("cm-over");
  }

  /** @param {DragEvent} event */
  async take(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    this.drop.classList.remove("cm-over");
    try {
      this.add(await dropped(event.dataTransfer));
    } catch (error) {
      this.form.say(`What was dropped cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** @param {ClipboardEvent} event */
  paste(event) {
    event.stopPropagation();
    const files = event.clipboardData ? chosen(event.clipboardData.files) : null;
    if (!files?.files.length) return;
    event.preventDefault();
    this.add(files);
  }

  /** @param {{files: {name: string, file: File}[], passed: number}} found */
  add({ files, passed }) {
    const words = passed ? `${many(passed, "file")} of the folder are no pictures and were left out.` : "";
    this.form.say(files.length || passed ? words : "There is no file in it.");
    if (files.length) this.form.uploads.add(files);
  }

  /** @param {boolean} whole */
  addLines(whole) {
    const text = this.lines.value;
    this.addButton.disabled = this.wholeButton.disabled = true;
    this.form.ask({ type: "lines", text, whole }, ({ count, error }) => {
      if (!error && this.lines.value === text) this.lines.value = "";
      this.said(error, count);
    });
  }

  addTable() {
    const name = this.table.value;
    this.table.value = "";
    if (name) this.form.ask({ type: "table", name }, ({ count, error }) => this.said(error, count));
  }

  /**
   * @param {string | undefined} error
   * @param {number} count
   */
  said(error, count) {
    this.linesError.hidden = !error;
    setText(this.linesError, error ?? "");
    if (!error) setText(this.live, `${many(count, "entry")} added.`);
    this.draw();
  }

  draw() {
    const { view } = this.form;
    if (!view) return;
    const { type } = view.options;
    setText(this.dropText, DROPS[type]);
    setAttribute(this.lines, "placeholder", HINTS[type]);
    setAttribute(this.lines, "aria-label", HINTS[type]);
    this.folderButton.hidden = type !== "Image";
    this.wholeButton.hidden = type !== "Text";
    this.addButton.disabled = this.wholeButton.disabled = !this.lines.value.trim();
    this.table.hidden = !view.tables.length;
    fill(this.table, ["", ...view.tables], "", "Table of the notebook …");
  }
}
