// Settings of members and their keys: made, shown once, given anew, ended. They ask through the section's `act`.
import { h } from "./shared.js";
import { asking, labelled, line, moment, picker, table } from "./portal_parts.js";
import { smallForm } from "./portal_lists.js";

/** @typedef {import("./portal_lists.js").Act} Act */
/** @typedef {import("./portal_lists.js").Told} Told */

const ROLES = /** @type {[string, string][]} */ ([
  ["reviewer", "Reviewer: reviews"],
  ["lead", "Lead: reviews, creates, oversees"],
  ["submitter", "Submitter: creates only"],
  ["auditor", "Auditor: reads only"],
  ["administrator", "Administrator: everything"],
]);

/** @param {Act} act */
export function keyForm(act) {
  const reviewer = line("key-reviewer", { required: true });
  const label = line("key-label");
  const role = picker("key-role", ROLES);
  const fields = [labelled("Member", reviewer, "whom decisions will name"), labelled("Role", role), labelled("Label", label, "such as: Ana's laptop")];
  const submit = () => act("create_key", { label: label.value.trim() || reviewer.value, role: role.value, reviewer: reviewer.value });
  return smallForm("Add a member with a key", fields, "Make key", submit);
}

/** @param {Told} told @param {Act} act */
export function keyList(told, act) {
  const now = new Date().toISOString();
  const live = told.keys.filter((/** @type {any} */ key) => !key.ended || key.ended > now);
  const rows = live.map((/** @type {any} */ key) => [
    key.reviewer || key.label,
    key.label,
    key.role,
    moment(key.created),
    key.ended ? `ends ${moment(key.ended)}` : key.id === told.me ? "yours" : "in use",
    key.ended ? "" : actions(key, told.me, act),
  ]);
  const ended = told.keys.length - live.length;
  const list = table("Members and keys", ["Member", "Label", "Role", "Made", "State", ""], rows, "There are no keys.");
  return h("div", {}, list, ended > 0 && h("p", { class: "cm-hint" }, `${ended} ended`));
}

/** @param {any} key @param {string} me @param {Act} act */
function actions(key, me, act) {
  const rotate = asking("rotate-key", "Rotate", "The old key ends now.", () => act("rotate_key", { id: key.id }));
  const revoke = asking("revoke-key", "Revoke", "It ends now, for good.", () => act("revoke_key", { id: key.id }));
  return h("span", { class: "cm-row" }, key.id === me ? h("span", { class: "cm-hint" }, "you are using it") : rotate, key.id !== me && revoke);
}
