// Which reviews of the screen are shown, and in which order. It draws the fields for that, and no tile.
import { h, setAttribute } from "./shared.js";

/** @typedef {import("./store.js").Item} Item */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {"all" | "tagged" | "untagged"} Filter */

/** @type {Filter[]} */
export const FILTERS = ["all", "tagged", "untagged"];
export const FILTER_NAMES = { all: "All", tagged: "Tagged", untagged: "Untagged" };

/** @type {[string, string][]} */
export const SORTS = [
  ["oldest", "Oldest first"],
  ["uncertain", "Most uncertain first"],
  ["highest", "Highest score first"],
  ["near", "Near-duplicates together"],
  ["random", "Shuffled"],
];

/** How long typing rests before it is looked for, in milliseconds. */
const TYPED = 220;

/**
 * The ids of the reviews that pass, in order.
 * @param {Store} store
 * @param {Filter} filter
 * @param {string} sort
 */
export function arranged(store, filter, sort) {
  const { found } = store;
  const all = [...store.items.values()];
  const passing = all.filter((item) => {
    if (found && !found.ids.has(item.id)) return false;
    return filter === "all" || item.on.size > 0 === (filter === "tagged");
  });
  return inOrder(passing, sort, store.alike).map((item) => item.id);
}

/**
 * @param {Item[]} items
 * @param {string} sort
 * @param {Map<string, string[]>} alike
 */
function inOrder(items, sort, alike) {
  if (sort === "oldest") return sorted(items, (item) => item.at ?? 0);
  if (sort === "highest") return sorted(items, (item) => -(highest(item) ?? -1));
  if (sort === "uncertain") return sorted(items, (item) => doubt(item) ?? 2);
  if (sort !== "near") return items;
  const groups = [...new Set(items.map((item) => alike.get(item.id)).filter((group) => group !== undefined))];
  const known = new Map(items.map((item) => [item.id, item]));
  const first = groups.flatMap((group) => group.map((id) => known.get(id)).filter((item) => item !== undefined));
  return [...first, ...items.filter((item) => !alike.has(item.id))];
}

/**
 * @param {Item[]} items
 * @param {(item: Item) => number} by
 */
function sorted(items, by) {
  return items
    .map((item, place) => ({ item, place, key: by(item) }))
    .sort((a, b) => a.key - b.key || a.place - b.place)
    .map(({ item }) => item);
}

/** @param {Item} item */
function highest(item) {
  const scores = Object.values(item.scores ?? {});
  return scores.length ? Math.max(...scores) : undefined;
}

/** How near the least certain score is to 0.5. @param {Item} item */
function doubt(item) {
  const scores = Object.values(item.scores ?? {});
  return scores.length ? Math.min(...scores.map((score) => Math.abs(score - 0.5))) : undefined;
}

/** The line of fields: filter, sort, find. */
export class Finder {
  /**
   * @param {Store} store
   * @param {{choose: (filter: Filter) => void, sort: (sort: string) => void, leave: () => void}} hooks
   */
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    this.timer = 0;
    this.filters = FILTERS.map((filter) => filterButton(filter, () => hooks.choose(filter)));
    const options = SORTS.map(([value, name]) => h("option", { value }, name));
    this.sort = h(
      "select",
      {
        "data-role": "sort",
        "aria-label": "Order",
        title: "Sorts what is on the screen at once; what is fetched next comes in this order too (Shift+O)",
        change: () => hooks.sort(this.sort.value),
      },
      ...options,
    );
    this.field = h("input", {
      type: "search",
      "data-role": "find",
      placeholder: "Find",
      "aria-label": "Find on the screen",
      "aria-keyshortcuts": "/",
      autocomplete: "off",
      spellcheck: "false",
      title: "Words of name, text or metadata (/)\nsource:web  tag:a  -tag:a  a>0.5  score<0.2  \"two words\"",
      input: () => this.later(),
      keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
    });
    this.fault = h("span", { class: "cm-find-fault", role: "status" });
    this.more = h(
      "button",
      {
        type: "button",
        class: "cm-button cm-find-more",
        "data-action": "filter",
        "aria-haspopup": "dialog",
        title: "Filter by tag, score or metadata",
        click: () => this.open(),
      },
      "Filter…",
    );
    this.element = h(
      "div",
      { class: "cm-finder", role: "group", "aria-label": "Show and sort" },
      h("div", { class: "cm-filters", role: "group", "aria-label": "Show" }, ...this.filters.map(({ button }) => button)),
      this.sort,
      h("div", { class: "cm-find" }, this.field, this.more, this.fault),
    );
  }

  close() {
    clearTimeout(this.timer);
  }

  /**
   * @param {Filter} filter
   * @param {string} sort
   */
  draw(filter, sort) {
    const { items, tagged, found } = this.store;
    const numbers = { all: items.size, tagged, untagged: items.size - tagged };
    for (const { name, button, number } of this.filters) {
      setAttribute(button, "aria-pressed", String(name === filter));
      if (number.textContent !== String(numbers[name])) number.textContent = String(numbers[name]);
    }
    if (this.sort.value !== sort) this.sort.value = sort;
    const said = found ? found.fault || `${found.ids.size} found` : "";
    if (this.fault.textContent !== said) this.fault.textContent = said;
    setAttribute(this.field, "aria-invalid", found?.fault ? "true" : null);
    if (!found && !this.timer && this.field.value && document.activeElement !== this.field) this.field.value = "";
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.look(), TYPED);
  }

  look() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.store.find(this.field.value);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key === "Enter") {
      this.look();
      this.hooks.leave();
    } else if (event.key === "Escape") {
      this.field.value = "";
      this.look();
      this.hooks.leave();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Add a term to what is looked for. @param {string} term */
  add(term) {
    this.field.value = `${this.field.value} ${term}`.trim();
    this.look();
  }

  /** Fields for those who would rather choose than type; what they choose is put into the find field. */
  open() {
    const tags = this.store.state?.tags ?? [];
    const tag = h("select", { "aria-label": "Tag" }, ...tags.map(({ code, name }) => h("option", { value: code }, name)));
    const on = h("select", { "aria-label": "On or off" }, h("option", { value: "" }, "on"), h("option", { value: "-" }, "off"));
    const scored = h(
      "select",
      { "aria-label": "Score of" },
      h("option", { value: "score" }, "any tag"),
      ...tags.map(({ code, name }) => h("option", { value: code }, name)),
    );
    const number = { type: "number", min: 0, max: 1, step: 0.05 };
    const from = h("input", { ...number, value: "0", "aria-label": "Least score" });
    const to = h("input", { ...number, value: "1", "aria-label": "Greatest score" });
    const key = h("input", { type: "text", placeholder: "key", "aria-label": "Metadata key" });
    const value = h("input", { type: "text", placeholder: "value", "aria-label": "Metadata value" });
    const quoted = () => (/\s/.test(value.value) ? `"${value.value}"` : value.value);
    const popover = h(
      "div",
      { class: "cm-menu cm-filter-menu", popover: "auto", role: "dialog", "aria-label": "Filter" },
      line("Tag", tag, on, () => this.add(`${on.value}tag:${tag.value}`)),
      line("Score of", scored, from, h("span", {}, "to"), to, () =>
        this.add(`${scored.value}>=${from.value || 0} ${scored.value}<=${to.value || 1}`),
      ),
      line("Metadata", key, h("span", {}, "has"), value, () => key.value && this.add(`${key.value}:${quoted()}`)),
    );
    popover.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
    popover.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
      popover.remove();
      this.more.focus({ preventScroll: true });
    });
    this.element.append(popover);
    popover.showPopover();
    const place = this.more.getBoundingClientRect();
    const width = popover.getBoundingClientRect().width;
    popover.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - width - 8))}px`;
    popover.style.top = `${place.bottom + 4}px`;
    tag.focus();
  }
}

/**
 * @param {string} name
 * @param {...(Node | (() => void))} parts the fields, and what its button does
 */
function line(name, ...parts) {
  const add = /** @type {() => void} */ (parts.pop());
  const button = h("button", { type: "button", class: "cm-button", click: add, "aria-label": `Add: ${name}` }, "Add");
  return h("div", { class: "cm-filter-line" }, h("span", {}, name), .../** @type {Node[]} */ (parts), button);
}

/**
 * @param {Filter} name
 * @param {() => void} click
 */
function filterButton(name, click) {
  const number = h("span", { class: "cm-number" });
  const button = h(
    "button",
    { type: "button", "data-filter": name, "aria-pressed": "false", click },
    h("span", {}, FILTER_NAMES[name]),
    number,
  );
  return { name, button, number };
}
