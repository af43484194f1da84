// Signing in: a form for team and key. The key leaves it in one message and is taken out of the field at once.
import { h, setText } from "./shared.js";
import { Notice, labelled, line } from "./portal_parts.js";

/** @typedef {import("./portal_store.js").Desk} Desk */

export class Entry {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.begun = false;
    this.url = line("url", { type: "url", required: true });
    this.team = line("team", { autocomplete: "organization", required: true });
    this.key = line("key", { type: "password", autocomplete: "current-password", required: true });
    this.address = labelled("Service", this.url);
    this.notice = new Notice();
    this.go = h("button", { type: "submit", class: "cm-button cm-primary", "data-action": "sign-in" }, "Sign in");
    const form = h("form", { novalidate: true, submit: (/** @type {Event} */ event) => this.submit(event) });
    const hint = "It stays in this page's session, and is gone when you sign out, close or reload the page.";
    form.append(this.notice.element, this.address, labelled("Team", this.team), labelled("Key", this.key, hint), this.go);
    this.element = h("main", { class: "cm-entry cm-own", "aria-label": "Sign in" }, h("h2", {}, "Content reviews"), h("p", { class: "cm-hint" }, "Sign in with your team's name and your key."), form);
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const state = this.desk.state;
    if (this.desk.waiting || !state) return;
    const missing = [this.url, this.team, this.key].find((field) => !field.value.trim() && !(field === this.url && state.fixed));
    if (missing) {
      const name = missing === this.key ? "key" : missing === this.team ? "team's name" : "service's address";
      this.notice.say(`Type the ${name} first.`);
      missing.focus();
      return;
    }
    const key = this.key.value.trim();
    this.key.value = "";
    this.desk.signIn({ url: this.url.value.trim(), team: this.team.value.trim(), key });
  }

  paint() {
    const { state, waiting, refused } = this.desk;
    if (!state) return;
    if (!this.begun) {
      this.begun = true;
      this.url.value = state.url;
      this.team.value = state.team;
    }
    this.address.hidden = state.fixed;
    this.go.setAttribute("aria-disabled", String(waiting));
    setText(this.go, waiting ? "Signing in…" : "Sign in");
    this.notice.say(refused || state.error);
    if (refused && !waiting && this.element.contains(document.activeElement)) this.key.focus();
  }
}
