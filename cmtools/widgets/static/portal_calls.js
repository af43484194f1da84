// Settings of callbacks, the secret that signs them, and workflows. They ask through the section's `act`.
import { h, setAttribute, setText } from "./shared.js";
import { asking, labelled, line, moment, picker, pushButton, table } from "./portal_parts.js";

/** @typedef {import("./portal_lists.js").Act} Act */
/** @typedef {import("./portal_lists.js").Told} Told */

const CALL_STATES = /** @type {[string, string][]} */ ([
  ["failed", "Given up"],
  ["waiting", "Waiting"],
  ["delivered", "Delivered"],
  ["cancelled", "Taken back"],
]);

const KEEP_SECONDS = 86400;

const NEW_RULE = JSON.stringify({ Type: "Logic", If: { Type: "Condition", ConnectorName: "moderator", OutputName: "isAdult", Operator: "eq", Value: "true" }, Then: { Perform: [{ Name: "createreview" }] } }, null, 2);

/** The notices to callers, by how they went. */
export class Calls {
  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.state = "failed";
    /** @type {Told | null} */
    this.told = null;
    this.states = picker("callback-state", CALL_STATES, { "aria-label": "Callbacks to list", change: () => this.choose(this.states.value) });
    this.all = pushButton("redeliver-all", "Send all given up anew", () => this.act("redeliver"));
    this.list = h("div", {});
    const show = pushButton("signing-secret", "Show signing secret", () => this.act("signing_secret"));
    const rotate = asking("rotate-signing-secret", "New signing secret", "The old one signs too for one more day.", () => this.act("rotate_signing_secret", { keep_seconds: KEEP_SECONDS }));
    const signing = h("div", { class: "cm-block" }, h("h5", {}, "Signatures"), h("div", { class: "cm-row" }, show, rotate));
    this.element = h("div", {}, h("div", { class: "cm-row" }, this.states, this.all), this.list, signing);
  }

  /** @param {string} state */
  choose(state) {
    this.state = state;
    if (this.told) this.paint(this.told);
  }

  /** @param {Told} told */
  paint(told) {
    this.told = told;
    for (const option of this.states.options) {
      const words = CALL_STATES.find(([state]) => state === option.value)?.[1] ?? "";
      const count = told.callbacks[option.value].length;
      setText(option, `${words} (${count === 100 ? "100 latest" : count})`);
    }
    setAttribute(this.all, "aria-disabled", told.callbacks.failed.length ? "false" : "true");
    const open = this.state === "failed" || this.state === "waiting";
    const heads = ["Of", "To", "Tries", "Answer", this.state === "waiting" ? "Next try" : "Last try", ...(open ? [""] : [])];
    const rows = told.callbacks[this.state].map((/** @type {any} */ one) => [
      h("code", {}, one.of),
      h("span", { class: "cm-address" }, one.endpoint),
      String(one.tries),
      one.answer || "none yet",
      moment(this.state === "waiting" ? one.next : one.tried) || "not yet",
      ...(open ? [pushButton("redeliver", "Send now", () => this.act("redeliver", { id: one.id }), "cm-small")] : []),
    ]);
    this.list.replaceChildren(table("Callbacks", heads, rows, "None."));
  }
}

/** The team's workflows, and one of them to change. */
export class Flows {
  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.list = h("div", {});
    this.name = line("workflow-name", { required: true });
    this.kind = picker("workflow-kind", [["Image", "Image"], ["Text", "Text"]]);
    this.about = line("workflow-about");
    this.rule = h("textarea", { "data-role": "workflow-rule", rows: 14, spellcheck: "false" });
    const go = pushButton("keep-workflow", "Keep workflow", () => this.keep(), "cm-primary");
    const fields = h("div", { class: "cm-small-form" }, labelled("Name", this.name), labelled("Type", this.kind), labelled("Description", this.about));
    this.form = h("div", { class: "cm-block", hidden: true }, fields, labelled("Rule (JSON)", this.rule), h("div", { class: "cm-row" }, go, pushButton("leave-workflow", "Leave", () => this.leave())));
    this.element = h("div", {}, this.list, pushButton("new-workflow", "New workflow", () => this.edit({ name: "", kind: "Image", about: "", rule: NEW_RULE })), this.form);
  }

  /** @param {{name: string, kind: string, about: string, rule: string}} flow */
  edit(flow) {
    this.form.hidden = false;
    this.name.value = flow.name;
    this.kind.value = flow.kind;
    this.about.value = flow.about;
    this.rule.value = flow.rule;
    (flow.name ? this.rule : this.name).focus();
  }

  leave() {
    this.form.hidden = true;
    this.element.querySelector("button")?.focus();
  }

  async keep() {
    const values = { name: this.name.value, kind: this.kind.value, about: this.about.value, rule: this.rule.value };
    if (await this.act("put_workflow", values)) this.leave();
  }

  /** @param {Told} told */
  paint(told) {
    const rows = told.workflows.map((/** @type {any} */ flow) => [flow.name, flow.kind, flow.about, pushButton("edit-workflow", "Edit", () => this.edit(flow), "cm-small")]);
    this.list.replaceChildren(table("Workflows", ["Name", "Type", "Description", ""], rows, "There are no workflows."));
  }
}
