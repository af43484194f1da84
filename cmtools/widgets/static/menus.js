// The menus of the board: of a tile, of a selection, of what is held. They say what can be done; the board does it.
import { counted } from "./kinds.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./dialogs.js").Entry} Entry */

/** At what hour "tomorrow" begins. */
const MORNING = 8;

/** How many held reviews the menu names. */
const NAMED = 8;

/** @returns {[string, number][]} how long reviews can be parked: words, and seconds from now */
export function holdTimes() {
  const now = new Date();
  const morning = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING);
  const tomorrow = Math.max(60, Math.round((morning.getTime() - now.getTime()) / 1000));
  return [
    ["15 minutes", 15 * 60],
    ["1 hour", 60 * 60],
    ["until tomorrow", tomorrow],
  ];
}

/**
 * @param {Store} store
 * @param {string[]} ids
 * @returns {Entry[]}
 */
export function holdEntries(store, ids) {
  const what = ids.length > 1 ? `Hold ${ids.length}` : "Hold";
  return holdTimes().map(([words, seconds], place) => ({
    label: words.startsWith("until") ? `${what} ${words}` : `${what} for ${words}`,
    action: "hold",
    hint: place === 0 ? "h" : "",
    chosen: () => void store.ask("hold", { ids, seconds }),
  }));
}

/**
 * Where reviews can be moved to; when they cannot be, one entry that says why.
 * @param {Store} store
 * @param {string[]} ids
 * @returns {Entry[]}
 */
export function moveEntries(store, ids) {
  const { state, items } = store;
  const able = ids.filter((id) => items.has(id) && !store.isLost(id));
  const others = (state?.subteams ?? []).filter((name) => able.some((id) => items.get(id)?.subteam !== name));
  const what = able.length > 1 ? `Move ${able.length} to` : "Move to";
  if (!others.length) {
    const why = able.length ? "There is no other subteam" : "No longer yours";
    return [{ label: what, action: "move", why, chosen: () => {} }];
  }
  return others.map((subteam) => ({
    label: `${what} ${subteam}`,
    action: "move",
    chosen: () => void store.ask("move", able.length > 1 ? { ids: able, subteam } : { id: able[0], subteam }),
  }));
}

/**
 * @param {Store} store
 * @param {string} id
 * @param {string[]} ids the reviews that are meant: this one, or all that are selected
 * @param {{details: () => void, group: (ids: string[]) => void}} hooks
 * @returns {Entry[]}
 */
export function tileEntries(store, id, ids, hooks) {
  /** @type {Entry[]} */
  const entries = [{ label: "View details", action: "details", hint: "Enter", chosen: hooks.details }];
  const able = ids.filter((each) => !store.isLost(each));
  const group = store.alike.get(id) ?? [];
  if (group.length > 1 && able.length) {
    const label = `Give all ${group.length} alike these tags`;
    entries.push({ label, action: "same-tags", hint: "=", chosen: () => store.changes.copy(id, group) });
    const pick = () => hooks.group(group);
    entries.push({ label: `Select all ${group.length} alike`, action: "same", hint: "", chosen: pick });
  }
  if (able.length) entries.push(...holdEntries(store, able));
  entries.push(...moveEntries(store, ids));
  const { last } = store.changes;
  if (last) {
    const undo = () => void store.changes.undo();
    entries.push({ label: `Undo: ${last}`, action: "undo-tags", hint: "Ctrl Z", chosen: undo });
  }
  return entries;
}

/**
 * @param {Store} store
 * @returns {Entry[]}
 */
export function heldEntries(store) {
  const held = store.state?.held ?? [];
  const all = `Take ${held.length > 1 ? "all " : ""}${counted(held.length, store.state?.kind)} back`;
  const take = (/** @type {string[]} */ ids) => () => void store.ask("take_held", { ids });
  /** @type {Entry[]} */
  const entries = [{ label: all, action: "take_held", hint: "", chosen: take(held.map(({ id }) => id)) }];
  for (const { id, name, until } of held.slice(0, NAMED)) {
    entries.push({ label: name, action: "take_one", hint: `until ${until}`, chosen: take([id]) });
  }
  return entries;
}
