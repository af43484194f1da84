// The foot of a create form: how far it is, Clear, Cancel, Create; and the line that says what went wrong.
import { h, icon, setAttribute, setText } from "./shared.js";
import { many } from "./create_parts.js";

/** @typedef {import("./create_store.js").Form} Form */
/** @typedef {import("./create_store.js").View} View */

export class Foot {
  /**
   * @param {Form} form
   * @param {{cleared: () => void, wrong: () => void, problems: () => void}} hooks
   */
  constructor(form, hooks) {
    this.form = form;
    this.hooks = hooks;
    this.wasRunning = false;
    const button = (/** @type {string} */ action, /** @type {string} */ text, /** @type {string} */ extra = "") =>
      h("button", { type: "button", class: `cm-button ${extra}`, "data-action": action, click: (/** @type {Event} */ event) => this.act(event, action) }, text);
    this.clear = button("clear", "Clear");
    this.cancel = button("cancel", "Cancel");
    this.submit = button("submit", "Create reviews", "cm-primary");
    this.fill = h("div", { class: "cm-fill" });
    this.bar = h("div", { class: "cm-bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": "0", "aria-valuemax": "100", hidden: true }, this.fill);
    this.standing = h("div", { class: "cm-progress-text" }, "Waiting for the kernel …");
    this.notice = h("div", { class: "cm-notice-line", role: "alert", hidden: true });
    this.noticeText = h("span", {});
    this.dismissButton = h("button", { type: "button", class: "cm-quiet", "aria-label": "Dismiss", click: () => this.dismiss() }, icon("close"));
    this.notice.append(icon("warning"), this.noticeText, this.dismissButton);
    this.left = h("button", { type: "button", class: "cm-left cm-why", "data-action": "problems", hidden: true, click: () => this.hooks.problems() });
    this.live = h("div", { class: "cm-unseen", role: "status" });
    this.element = h("footer", { class: "cm-foot" }, this.standing, this.bar, this.left, h("div", { class: "cm-buttons" }, this.clear, this.cancel, this.submit), this.live);
  }

  /**
   * @param {Event} event
   * @param {string} action
   */
  act(event, action) {
    const button = /** @type {HTMLElement} */ (event.currentTarget);
    if (button.getAttribute("aria-disabled") === "true") return;
    if (action === "clear") this.hooks.cleared();
    if (action === "submit" && this.form.view?.callback_error) this.hooks.wrong();
    this.form.send({ type: action });
  }

  dismiss() {
    this.form.say("");
    this.form.send({ type: "dismiss" });
  }

  drawNotice() {
    const { view, words, quiet } = this.form;
    const silent = "The kernel does not answer. It may be busy with another cell: what you do here waits for it.";
    const told = quiet ? silent : view?.notice || stopWords(view?.run) || words;
    this.notice.hidden = !told;
    setText(this.noticeText, told || "");
    this.dismissButton.hidden = quiet || !(view?.notice || words);
  }

  /** @param {View} view */
  draw(view) {
    const { run } = view;
    const { uploads } = this.form;
    const running = !!run?.running;
    const any = Object.values(view.counts).some((count) => count > 0);
    setAttribute(this.clear, "aria-disabled", any ? null : "true");
    this.cancel.hidden = !running;
    this.clear.hidden = running;
    setAttribute(this.cancel, "aria-disabled", run?.stopping ? "true" : null);
    setAttribute(this.submit, "aria-disabled", running || !view.ready ? "true" : null);
    setText(this.submit, view.ready ? `Create ${many(view.ready, "review")}` : "Create reviews");
    const share = running ? run.done / run.total : uploads.left ? uploads.done / uploads.total : null;
    this.bar.hidden = share === null;
    this.fill.style.width = `${100 * (share ?? 0)}%`;
    setAttribute(this.bar, "aria-valuenow", Math.round(100 * (share ?? 0)));
    const words = running ? runWords(run) : uploads.left ? `Uploading ${uploads.done} of ${many(uploads.total, "file")}` : restWords(view);
    setText(this.standing, words);
    this.left.hidden = running || !view.left_out;
    setText(this.left, view.left_out);
    setAttribute(this.left, "title", `${view.left_out}. Show the problems`);
    if (this.wasRunning && !running) setText(this.live, `${restWords(view)}. ${view.left_out}`);
    this.wasRunning = running;
  }
}

/** @param {NonNullable<View["run"]>} run */
function runWords(run) {
  const stopping = run.stopping ? "Stopping: " : "";
  return `${stopping}${run.done.toLocaleString("en")} of ${many(run.total, "review")}`;
}

/**
 * What stopped a run, and what became of it.
 * @param {View["run"] | undefined} run
 */
function stopWords(run) {
  if (!run?.error) return "";
  const made = run.created ? `What was created stays (${many(run.created, "review")}). ` : "";
  return `${run.error.replace(/[.]?$/, ".")} ${made}Create goes on with the rest, and makes no doubles.`;
}

/**
 * Where the form stands when nothing is on its way.
 * @param {View} view
 */
function restWords({ counts, run }) {
  const parts = [
    counts.waiting && `looking at ${counts.waiting.toLocaleString("en")}`,
    counts.ready && `${counts.ready.toLocaleString("en")} ready`,
    counts.created && `${counts.created.toLocaleString("en")} created`,
    run?.existed && `${run.existed.toLocaleString("en")} of them were there before`,
  ].filter(Boolean);
  const stopped = run && !run.running && run.done < run.total ? "Stopped: " : "";
  return `${stopped}${parts.join(" · ")}` || "Nothing is sent before you press Create.";
}
