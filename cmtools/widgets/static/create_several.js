// Who is asked about the entries of a create form: how many people, of which share, who settles it, and how blind.
import { h } from "./shared.js";

/** @typedef {import("./create_store.js").Form} Form */
/** @typedef {import("./create_store.js").View} View */

const RULES = /** @type {[string, string][]} */ ([
  ["majority", "Majority; a lead settles ties"],
  ["unanimity", "On only where all say so"],
  ["adjudication", "A lead settles what differs"],
]);

export class Several {
  /** @param {Form} form */
  constructor(form) {
    this.overlap = numberField("overlap", { min: 1, step: 1, placeholder: "1" }, (value) => form.set("overlap", value));
    const share = { min: 1, max: 100, step: "any", placeholder: "100" };
    this.share = numberField("overlap-share", share, (value) => form.set("overlap_share", value === null ? null : value / 100));
    this.final = h("select", { "data-role": "final", change: () => form.set("final", this.final.value) });
    this.final.append(...RULES.map(([value, words]) => h("option", { value }, words)));
    this.blind = h("input", { type: "checkbox", "data-role": "blind", change: () => form.set("blind", this.blind.checked) });
    const field = (/** @type {string} */ name, /** @type {Node} */ control, /** @type {string} */ about) =>
      h("label", { class: "cm-field", title: about }, name, control);
    this.shareField = field("Share of items (%)", this.share, "This share goes to several people, drawn at random; the others to one");
    this.finalField = field("Final tags", this.final, "How the final tags come of what several people say");
    const people = field("Reviewers per item", this.overlap, "How many different people review each item, none knowing of the others");
    const hide = h("label", { class: "cm-blind", title: "What the tagger said is not shown to reviewers" }, this.blind, h("span", {}, "Hide auto tags from reviewers"));
    this.elements = [people, this.shareField, this.finalField, hide];
  }

  /** @param {View["options"]} options */
  draw({ overlap, overlap_share: share, final, blind }) {
    const several = (overlap ?? 1) > 1;
    this.shareField.hidden = this.finalField.hidden = !several;
    put(this.overlap, overlap);
    put(this.share, share === null ? null : Number((share * 100).toPrecision(12)));
    if (document.activeElement !== this.final) this.final.value = final ?? RULES[0][0];
    this.blind.checked = Boolean(blind);
  }
}

/**
 * @param {string} role
 * @param {import("./shared.js").Props} props
 * @param {(value: number | null) => void} change
 */
function numberField(role, props, change) {
  /** @type {HTMLInputElement} */
  const input = h("input", { type: "number", "data-role": role, ...props });
  input.addEventListener("change", () => {
    if (input.value === "" || input.checkValidity()) change(input.value === "" ? null : input.valueAsNumber);
    else input.reportValidity();
  });
  return input;
}

/**
 * @param {HTMLInputElement} input
 * @param {number | null} value
 */
function put(input, value) {
  if (document.activeElement !== input) input.value = value === null ? "" : String(value);
}
