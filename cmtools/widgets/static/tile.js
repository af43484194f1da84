// One tile: what a kind shows of a review, a name, its tags. It is made once and painted again when something changes.
import { h, icon, setAttribute, setText } from "./shared.js";
import { isBlind, kindOf } from "./kinds.js";

/** @typedef {import("./store.js").Item} Item */
/** @typedef {import("./store.js").State} State */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Tag} Tag */

/** Below which width of the grid tiles are narrower, and how narrow, in CSS pixels. */
const PHONE = 400;
const PHONE_TILE = 140;

/** How wide a tile is at least where tags say how many reviewers set them. */
const DISPUTE_TILE = 216;

/** Keys with a meaning of their own, which no tag gets. */
const TAKEN = "npufmh";

/**
 * A key for each tag: the first letter or digit of its code that is free, else of its name, else any.
 * @param {Tag[]} tags
 * @returns {Map<string, string>} tag code by key
 */
export function keysOf(tags) {
  /** @type {Map<string, string>} */
  const keys = new Map();
  for (const tag of tags) {
    const candidates = `${tag.code}${tag.name}1234567890abcdefghijklmnopqrstuvwxyz`.toLowerCase();
    const letters = [...candidates].filter((letter) => /[a-z0-9]/.test(letter) && !TAKEN.includes(letter));
    const key = letters.find((letter) => !keys.has(letter));
    if (key) keys.set(key, tag.code);
  }
  return keys;
}

/**
 * What the automatic side said of a tag, as a sentence.
 * @param {Item} item
 * @param {string} code
 */
export function autoSaid(item, code) {
  if (!(code in item.auto)) return "auto said nothing";
  return item.auto[code] ? "auto said on" : "auto said off";
}

/**
 * Whether a person switched a tag away from what the automatic side said; nothing said counts as off.
 * @param {Item} item
 * @param {string} code
 */
export function differs(item, code) {
  const before = item.said ? 2 * (item.said.on[code] ?? 0) > item.said.of : Boolean(item.auto[code]);
  return item.on.has(code) !== before;
}

/**
 * Of how many reviewers how many set a tag, where they differ: "2 of 3"; empty where all agree.
 * @param {{said?: import("./types.js").Split}} item
 * @param {string} code
 */
export function splitText({ said }, code) {
  const count = said?.on[code] ?? 0;
  return said && count > 0 && count < said.of ? `${count} of ${said.of}` : "";
}

/**
 * How many reviewers set a tag, as a sentence.
 * @param {import("./types.js").Split} said
 * @param {string} code
 */
function reviewersSaid({ of, on }, code) {
  const count = on[code] ?? 0;
  if (count === of || count === 0) return `all ${of} reviewers say ${count ? "on" : "off"}`;
  return `${count} of ${of} reviewers say on`;
}

/**
 * Where the reviewers differ, in a few words; empty where the board settles no disputes.
 * @param {Item} item
 * @param {Tag[]} tags
 */
export function disputeText(item, tags) {
  if (!item.said) return "";
  const on = tags.filter((tag) => splitText(item, tag.code)).map((tag) => tag.name);
  const { frames } = item.said;
  if (frames) on.push(`${frames.toLocaleString("en")} ${frames === 1 ? "frame" : "frames"}`);
  const few = on.length > 2 ? `${on.slice(0, -1).join(", ")} and ${on[on.length - 1]}` : on.join(" and ");
  return `${item.said.of} answers${few ? `, differ on ${few}` : ""}`;
}

/**
 * @param {Item} item
 * @param {number} index
 * @param {Store} store
 * @param {Map<string, string>} keys
 */
export function makeTile(item, index, store, keys) {
  const tags = store.state?.tags ?? [];
  const keyOf = new Map([...keys].map(([key, code]) => [code, key]));
  const name = item.name || item.id;
  const more = { "data-action": "more", "aria-haspopup": "menu", "aria-label": `More for ${name}`, title: "More (m)" };
  const pick = { role: "checkbox", "data-action": "pick", "aria-checked": "false", "aria-label": `Select ${name}` };
  return h(
    "div",
    { class: "cm-tile", role: "gridcell", "data-review-id": item.id, "data-index": index },
    h("span", { class: "cm-unseen cm-said" }),
    kindOf(store.state?.kind).make(item, store),
    h(
      "div",
      { class: "cm-caption" },
      h("button", { type: "button", class: "cm-pick", title: "Select (Ctrl-click)", ...pick }, h("span", {}, icon("check"))),
      h("span", { class: "cm-name", title: name }, name),
      h("button", { type: "button", class: "cm-same", "data-action": "same", hidden: true }),
      h("button", { type: "button", class: "cm-more", ...more }, icon("more")),
    ),
    item.said ? disputeLine(disputeText(item, tags)) : null,
    h("div", { class: "cm-tags" }, ...tags.map((tag) => makeChip(tag, keyOf.get(tag.code) ?? "", item))),
  );
}

/** @param {string} text */
function disputeLine(text) {
  return h("div", { class: "cm-dispute", title: text }, icon("split"), h("span", {}, text));
}

/**
 * @param {Tag} tag
 * @param {string} key
 * @param {Item} item
 */
export function makeChip(tag, key, item) {
  const score = item.said ? undefined : item.scores?.[tag.code];
  const split = splitText(item, tag.code);
  const contested = item.said ? String(split !== "") : null;
  return h(
    "button",
    { type: "button", class: "cm-tag", "data-tag": tag.code, "data-contested": contested, "aria-keyshortcuts": key || null },
    h("span", { class: "cm-box", "aria-hidden": "true" }, icon("check")),
    h("span", { class: "cm-tag-name" }, tag.name),
    h("span", { class: "cm-unseen" }),
    score === undefined ? null : h("span", { class: "cm-chip-score", "aria-hidden": "true" }, shortScore(score)),
    split ? h("span", { class: "cm-chip-split", "aria-hidden": "true" }, split) : null,
    key ? h("kbd", { "aria-hidden": "true" }, key) : null,
  );
}

/**
 * A score in three signs: .07, .93, 1.0.
 * @param {number} score
 */
function shortScore(score) {
  return score >= 0.995 && score <= 1 ? "1.0" : score.toFixed(2).replace(/^0/, "");
}

/**
 * Bring a tile up to date: tags, marks, picture.
 * @param {HTMLElement} tile
 * @param {Item} item
 * @param {Store} store
 */
export function paintTile(tile, item, store) {
  const { state } = store;
  if (!state) return;
  const kind = kindOf(state.kind);
  const lost = store.isLost(item.id);
  const picked = store.picked.has(item.id);
  const unsaved = store.unsavedOf(item.id);
  const chips = tile.querySelectorAll(":scope > .cm-tags > .cm-tag");
  state.tags.forEach((tag, index) => {
    if (!chips[index]) return;
    paintChip(chips[index], item, tag, { lost, unsaved: unsaved.has(tag.code), blind: isBlind(store, item.id) });
  });
  const on = state.tags.filter((tag) => item.on.has(tag.code)).map((tag) => tag.name);
  const alike = store.alike.get(item.id)?.length ?? 0;
  const parts = [on.length ? `tagged ${on.join(", ")}` : "no tag"];
  if (item.said) parts.push(disputeText(item, state.tags));
  if (picked) parts.push("selected");
  if (alike > 1) parts.push(sameText(alike));
  if (lost) parts.push("no longer yours");
  tell(tile, ".cm-said", `${kind.nouns[0]} ${Number(tile.dataset.index) + 1}, ${parts.join(", ")}.`);
  tile.classList.toggle("cm-tagged", on.length > 0);
  tile.classList.toggle("cm-lost", lost);
  tile.classList.toggle("cm-picked", picked);
  setAttribute(tile, "aria-selected", String(picked));
  const pick = tile.querySelector(":scope > .cm-caption > .cm-pick");
  if (pick) setAttribute(pick, "aria-checked", String(picked));
  paintSame(tile, alike);
  const face = tile.children[1];
  if (face instanceof HTMLElement) kind.paint(face, item, store);
}

/** @param {number} alike how many there are in a group of near-duplicates, this one included */
export function sameText(alike) {
  return `same as ${alike - 1} other${alike === 2 ? "" : "s"}`;
}

/**
 * @param {HTMLElement} tile
 * @param {number} alike
 */
function paintSame(tile, alike) {
  const same = tile.querySelector(":scope > .cm-caption > .cm-same");
  if (!(same instanceof HTMLElement)) return;
  const shown = alike > 1;
  if (same.hidden === shown) same.hidden = !shown;
  if (!shown) return;
  setText(same, `≈ ${alike}`);
  setAttribute(same, "aria-label", `Select all ${alike} near-duplicates`);
  setAttribute(same, "title", `Looks the ${sameText(alike)}: click to select all ${alike}, = gives them these tags`);
}

/**
 * @param {Element} chip
 * @param {{on: Set<string>, auto: Record<string, boolean>, scores?: Record<string, number>,
 *   said?: import("./types.js").Split}} item
 * @param {Tag} tag
 * @param {{lost: boolean, unsaved: boolean, blind: boolean}} how
 */
export function paintChip(chip, item, tag, { lost, unsaved, blind }) {
  const on = item.on.has(tag.code);
  const { said } = item;
  const changed = (said !== undefined || !blind) && differs(/** @type {Item} */ (item), tag.code);
  const auto = blind ? "" : autoSaid(/** @type {Item} */ (item), tag.code);
  const before = [said ? reviewersSaid(said, tag.code) : "", auto].filter(Boolean).join("; ");
  const marks = before ? [changed ? `${before}, you said ${on ? "on" : "off"}` : before] : [];
  const score = item.scores?.[tag.code];
  if (score !== undefined) marks.push(`score ${score.toFixed(2)}`);
  if (unsaved) marks.push("not saved yet");
  setAttribute(chip, "aria-pressed", String(on));
  setAttribute(chip, "data-changed", changed);
  setAttribute(chip, "data-unsaved", unsaved);
  setAttribute(chip, "aria-disabled", lost ? "true" : null);
  const split = splitText(item, tag.code);
  const words = [split && `reviewers differ, ${split} say on`, changed && "changed by you", unsaved && "not saved yet"];
  tell(chip, ".cm-unseen", words.filter(Boolean).join(", "));
  const about = tag.description ? ` - ${tag.description}` : "";
  setAttribute(chip, "title", [`${tag.name}${about}`, marks.join("; ")].filter(Boolean).join("\n"));
}

/**
 * Words for screen readers; what can be seen says the same by its looks.
 * @param {Element} parent
 * @param {string} selector
 * @param {string} text
 */
function tell(parent, selector, text) {
  const element = parent.querySelector(selector);
  if (element) setText(element, text);
}

/**
 * The least width of a tile: as its kind says, and more where there are many tags.
 * @param {State | null} state
 * @param {number} width of the grid: on a phone two stand side by side
 */
export function leastWidth(state, width) {
  const least = Math.max(kindOf(state?.kind).least, state?.adjudicate ? DISPUTE_TILE : 0);
  if (width < PHONE && least <= PHONE / 2) return Math.min(least, PHONE_TILE);
  return Math.max(least, Math.min(280, least + 16 * Math.max(0, (state?.tags.length ?? 0) - 4)));
}

/**
 * What was said of the review on which reviewers differ most: the one with the widest tags.
 * @param {Store} store
 */
function mostDisputed(store) {
  const codes = (store.state?.tags ?? []).map((tag) => tag.code);
  const splits = (/** @type {Item} */ item) => codes.filter((code) => splitText(item, code)).length;
  let most;
  for (const item of store.items.values()) if (item.said && (!most || splits(item) > splits(most))) most = item;
  return most?.said;
}

/**
 * How high a tile of that width is, with these tags: measured on one that nobody sees.
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Map<string, string>} keys
 * @param {number} width
 */
export function tileHeight(root, store, keys, width) {
  const scored = [...store.items.values()].find((item) => Object.keys(item.scores ?? {}).length > 0);
  const sample = { ...kindOf(store.state?.kind).sample, scores: scored?.scores, said: mostDisputed(store) };
  const tile = makeTile(sample, 0, store, keys);
  tile.classList.add("cm-sample");
  tile.style.width = `${width}px`;
  setAttribute(tile, "aria-hidden", "true");
  root.append(tile);
  const height = Math.ceil(tile.getBoundingClientRect().height);
  tile.remove();
  return height;
}
