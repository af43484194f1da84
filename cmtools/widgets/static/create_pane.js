// The right side of a create form: one entry's picture, id and tags, and what will be sent. It decides nothing.
import { h, icon, setAttribute, setText } from "./shared.js";
import { SAID, choice, tagSwitch } from "./create_parts.js";

/** @typedef {import("./create_store.js").Form} Form */
/** @typedef {import("./create_store.js").Row} Row */
/** @typedef {import("./create_store.js").View} View */

const FORMS = /** @type {[string, string][]} */ ([
  ["body", "Body"],
  ["curl", "curl"],
  ["python", "Python"],
  ["answer", "Answer"],
]);

/** How long the typing rests before it is sent, in milliseconds. */
const TYPING = 250;

/** The right side: one entry's id and tags, and what will be sent. */
export class Pane {
  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    /** @type {Row | null} */
    this.row = null;
    this.kind = "body";
    this.asked = 0;
    this.stale = false;
    this.title = h("h3", {});
    this.back = h("button", { type: "button", class: "cm-quiet", "data-action": "all", "aria-label": "Back to all", click: () => this.leave() }, icon("close"));
    const typing = (/** @type {"rename" | "rewrite"} */ type) => ({ spellcheck: "false", input: () => this.typed(type), change: () => this.flush() });
    this.id = h("input", { type: "text", "data-role": "content-id", ...typing("rename") });
    this.content = h("textarea", { rows: 2, "data-role": "content", ...typing("rewrite") });
    this.contentName = h("span", {});
    this.contentField = h("label", { class: "cm-field" }, this.contentName, this.content);
    /** @type {(() => void) | null} */
    this.unsent = null;
    this.timer = 0;
    this.fresh = true;
    this.tags = h("div", { class: "cm-switches", role: "group", "aria-label": "Tags of this one" });
    /** @type {Map<string, ReturnType<typeof tagSwitch>>} */
    this.switches = new Map();
    this.why = h("p", { class: "cm-why" });
    this.preview = h("div", { class: "cm-preview", hidden: true });
    this.pairs = h("dl", { class: "cm-pairs" });
    this.one = h("div", { class: "cm-one", hidden: true }, this.preview, this.why, this.contentField, h("label", { class: "cm-field" }, "Id", this.id), this.tags, this.pairs);
    this.kinds = choice("Written as", FORMS, "form", (kind) => this.choose(kind));
    this.code = h("pre", { class: "cm-code", tabindex: "0", role: "region", "aria-label": "What will be sent" });
    this.more = h("p", { class: "cm-soft" });
    const copies = FORMS.map(([kind, name]) => copyButton(form, kind, name, () => this.row?.key ?? null));
    this.copies = copies;
    this.element = h(
      "section",
      { class: "cm-pane", "aria-label": "What will be sent" },
      h("div", { class: "cm-pane-head" }, this.title, this.back),
      this.one,
      this.kinds.element,
      this.code,
      this.more,
      h("div", { class: "cm-copies", role: "group", "aria-label": "Copy" }, h("span", { class: "cm-soft" }, "Copy"), ...copies),
    );
    /** @type {() => void} */
    this.onLeave = () => {};
  }

  leave() {
    this.show(null);
    this.onLeave();
  }

  /** @param {string} kind */
  choose(kind) {
    this.kind = kind;
    this.refresh();
  }

  /** @param {Row | null} row */
  show(row) {
    this.flush();
    this.row = row;
    this.contentField.hidden = true;
    this.fresh = true;
    if (row) this.id.value = row.id;
    this.refresh();
  }

  /** Send what is being typed, soon. @param {"rename" | "rewrite"} type */
  typed(type) {
    const key = this.row?.key;
    const said = type === "rename" ? { id: this.id.value } : { content: this.content.value };
    clearTimeout(this.timer);
    this.unsent = () => this.form.send({ type, key, ...said });
    this.timer = window.setTimeout(() => this.flush(), TYPING);
  }

  /** Send it now. */
  flush() {
    clearTimeout(this.timer);
    const send = this.unsent;
    this.unsent = null;
    send?.();
  }

  /** Bring the row up to date. @param {Row[]} rows */
  take(rows) {
    const row = this.row && rows.find(({ key }) => key === this.row?.key);
    if (row) this.row = row;
  }

  /** Ask for the text again; while an answer is on its way, the next questions become one. */
  refresh() {
    this.draw();
    if (this.asked) {
      this.stale = true;
      return;
    }
    const key = this.row?.key ?? null;
    this.asked = this.form.ask({ type: "text", form: this.kind, key, whole: false }, (answer) => {
      this.asked = 0;
      if (answer.gone) this.leave();
      else this.write(answer);
      if (this.stale) {
        this.stale = false;
        this.refresh();
      }
    });
  }

  draw() {
    const { view } = this.form;
    if (!view) return;
    const { row } = this;
    this.drawPicture();
    const all = this.kind === "answer" ? "What came back" : "What will be sent";
    setText(this.title, row ? row.name : all);
    setAttribute(this.title, "title", row?.name);
    this.back.hidden = !row;
    this.one.hidden = !row;
    this.kinds.mark(this.kind);
    const created = view.counts.created > 0;
    for (const button of this.copies.slice(-1)) button.hidden = !created;
    this.kinds.hide("answer", !created);
    if (!row) return;
    if (document.activeElement !== this.id) this.id.value = row.id;
    this.id.disabled = this.isFixed(row);
    setText(this.why, row.reason ? `${row.reason}. ${row.next}` : "");
    this.why.hidden = !row.reason;
    this.drawTags(view, row);
  }

  /** Whether nothing of it can be changed now. @param {Row} row */
  isFixed(row) {
    return row.state === "created" || !!this.form.view?.run?.running;
  }

  /**
   * The address or text of the one that is chosen, to change it; of what is too long only the beginning, to read.
   * @param {Row} row
   * @param {string | undefined} content
   * @param {boolean} cut
   */
  drawContent(row, content, cut) {
    this.contentField.hidden = content === undefined;
    setText(this.contentName, row.type === "Text" ? (cut ? "Text (its beginning)" : "Text") : "Address");
    this.content.readOnly = cut || this.isFixed(row);
    if (this.fresh || (document.activeElement !== this.content && !this.unsent)) this.content.value = content ?? "";
    this.fresh = false;
  }

  /** The picture of the one that is chosen, larger than in its row. */
  drawPicture() {
    const large = this.row?.thumb ? `${this.row.thumb}*` : "";
    const url = large ? this.form.thumbs.url(large) : undefined;
    this.form.thumbs.want(this, large ? [large] : []);
    this.preview.hidden = !large;
    const key = `${large} ${url}`;
    if (this.preview.dataset.drawn === key) return;
    this.preview.dataset.drawn = key;
    this.preview.replaceChildren(url ? h("img", { src: url, alt: "Preview", draggable: "false" }) : url === null ? icon("broken") : "");
  }

  /**
   * @param {View} view
   * @param {Row} row
   */
  drawTags(view, row) {
    const codes = view.tags.map(({ code }) => code).join();
    if (this.tags.dataset.codes !== codes) {
      this.tags.dataset.codes = codes;
      this.switches = new Map(
        view.tags.map(({ code, name }) => [
          code,
          tagSwitch(code, name, (on) => this.row && this.form.send({ type: "tag", key: this.row.key, code, on })),
        ]),
      );
      this.tags.replaceChildren(...[...this.switches.values()].map(({ element }) => element));
    }
    for (const { code, on, score, by } of row.tags) {
      const found = this.switches.get(code);
      found?.draw(on, score, on === null && by !== "hand" ? "" : SAID[by]);
      if (found) found.element.disabled = this.isFixed(row);
    }
  }

  /** @param {Record<string, any>} answer */
  write({ text, error, items, of, row, pairs, content, cut }) {
    if (row && row.key === this.row?.key) {
      this.row = row;
      this.draw();
      this.drawContent(row, content, cut);
    }
    const empty = !error && this.kind !== "answer" && !of;
    const nothing = this.form.view?.counts.created ? "All of it was sent." : "Nothing is ready yet.";
    setText(this.code, error || (empty ? nothing : text));
    this.code.classList.toggle("cm-why", !!error);
    const some = !error && this.kind !== "answer" && items < of;
    const out = row?.state === "refused" && this.kind !== "answer" ? "It is left out while it is refused." : "";
    setText(this.more, some ? `The first ${items} of ${of.toLocaleString("en")}; Copy takes them all.` : out);
    const others = (pairs ?? []).filter((/** @type {string[]} */ [key]) => !this.switches.has(key));
    this.pairs.replaceChildren(...others.flatMap((/** @type {string[]} */ [key, value]) => [h("dt", {}, key), h("dd", {}, value)]));
  }
}

/**
 * A button that copies all of a text, which Python writes when it is asked.
 * @param {Form} form
 * @param {string} kind
 * @param {string} name
 * @param {() => string | null} which
 */
function copyButton(form, kind, name, which) {
  const text = h("span", { role: "status" }, kind === "answer" ? "Ids" : name);
  const say = (/** @type {string} */ words) => {
    setText(text, words);
    window.setTimeout(() => setText(text, kind === "answer" ? "Ids" : name), 2000);
  };
  const click = () =>
    form.ask({ type: "text", form: kind, key: which(), whole: true }, async (answer) => {
      if (answer.error) form.say(answer.error);
      else say((await copied(answer.text)) ? "Copied" : "Not allowed here");
    });
  return h("button", { type: "button", class: "cm-button cm-small", "data-action": `copy-${kind}`, click }, text);
}

/**
 * Put a text on the clipboard, the old way where the new one is not allowed.
 * @param {string} text
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "cm-unseen", "aria-hidden": "true" });
    const before = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}
