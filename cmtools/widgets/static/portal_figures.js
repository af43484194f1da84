// The portal's dashboard: totals, and small bars of what is pending and complete. Numbers stand beside every bar.
import { h, setText } from "./shared.js";
import { Notice, pushButton } from "./portal_parts.js";

/** @typedef {import("./portal_store.js").Desk} Desk */
/** @typedef {{name: string, pending: number, complete: number, today?: number, on?: number}} FigureRow */

/** How often the figures are asked for while somebody looks, in milliseconds. */
const LOOK_AGAIN = 30000;

const TOTALS = /** @type {[string, string, string][]} */ ([
  ["waiting", "Waiting", "in the queue"],
  ["in_hand", "In hand", "on a screen, or parked"],
  ["submitted", "Just submitted", "can still be taken back"],
  ["complete", "Complete", "decided"],
]);

export class Figures {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.notice = new Notice();
    this.at = h("span", { class: "cm-hint", role: "status" });
    this.body = h("div", { class: "cm-cards" });
    this.totals = h("dl", { class: "cm-totals" });
    const again = pushButton("refresh", "Refresh", () => desk.look("figures"));
    const head = h("header", { class: "cm-row cm-between" }, h("h3", {}, "Dashboard"), h("div", { class: "cm-row" }, this.at, again));
    this.element = h("div", { class: "cm-figures cm-own" }, head, this.notice.element, this.totals, this.body);
    this.timer = 0;
  }

  /** Ask now, and again and again while the tab is open and seen. */
  start() {
    if (this.timer) return;
    this.desk.look("figures");
    this.timer = window.setInterval(() => {
      if (!document.hidden) this.desk.look("figures");
    }, LOOK_AGAIN);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
  }

  paint() {
    const told = /** @type {any} */ (this.desk.figures);
    if (!told) {
      this.totals.replaceChildren();
      this.body.replaceChildren();
      setText(this.at, "");
      return;
    }
    this.notice.say(told.error ?? "");
    if (told.error) return;
    setText(this.at, `as of ${new Date(told.at).toLocaleTimeString(undefined, { timeStyle: "short" })}`);
    const totals = TOTALS.map(([name, words, about]) => total(words, told.states[name], about));
    if (told.states.disputed) totals.push(total("Disputed", told.states.disputed, "reviewers differ: a lead settles it"));
    if (told.states.unpublished) totals.push(total("Unpublished", told.states.unpublished, "videos in the making"));
    totals.push(total("You today", told.today, "submitted since midnight UTC"));
    totals.push(total("Team today", told.team_today, "submitted since midnight UTC"));
    this.totals.replaceChildren(...totals);
    this.body.replaceChildren(
      card("By type", "Type", told.types),
      card("By subteam", "Subteam", told.subteams),
      card("By reviewer", "Reviewer", told.reviewers, { today: "Today" }),
      card("By tag", "Tag", told.tags, { on: "Set" }),
    );
  }
}

/**
 * @param {string} words
 * @param {number} count
 * @param {string} about
 */
function total(words, count, about) {
  return h("div", { class: "cm-total" }, h("dt", {}, words), h("dd", { class: "cm-number" }, count.toLocaleString()), h("dd", { class: "cm-hint" }, about));
}

/**
 * A table whose rows have a bar each; the longest bar is the row with the most.
 * @param {string} title
 * @param {string} what
 * @param {FigureRow[]} rows
 * @param {{today?: string, on?: string}} [more]
 */
function card(title, what, rows, more = {}) {
  const section = h("section", { class: "cm-card", "aria-label": title }, h("h4", {}, title));
  if (!rows.length) {
    section.append(h("p", { class: "cm-none" }, "Nothing yet."));
    return section;
  }
  const most = Math.max(1, ...rows.map((row) => row.pending + row.complete));
  const extra = /** @type {["today" | "on", string][]} */ (Object.entries(more));
  const head = h("tr", {}, h("th", { scope: "col" }, what));
  for (const name of ["Pending", "Complete", ...extra.map(([, words]) => words)]) head.append(h("th", { scope: "col", class: "cm-amount" }, name));
  const body = h("tbody", {});
  for (const row of rows) {
    const cells = h("tr", {}, h("th", { scope: "row" }, h("span", { class: "cm-name" }, row.name), bar(row, most)));
    for (const count of [row.pending, row.complete, ...extra.map(([name]) => row[name] ?? 0)]) {
      cells.append(h("td", { class: "cm-amount cm-number" }, count.toLocaleString()));
    }
    body.append(cells);
  }
  section.append(h("table", {}, h("caption", { class: "cm-unseen" }, title), h("thead", {}, head), body));
  return section;
}

/**
 * @param {FigureRow} row
 * @param {number} most
 */
function bar(row, most) {
  const whole = h("span", { class: "cm-bar", "aria-hidden": "true" });
  for (const [name, count] of /** @type {[string, number][]} */ ([["complete", row.complete], ["pending", row.pending]])) {
    const part = h("span", { class: `cm-bar-${name}` });
    part.style.width = `${(100 * count) / most}%`;
    whole.append(part);
  }
  return whole;
}
