// What each kind of review looks like on its tile, behind one table. A kind of its own file adds itself to `KINDS`.
import { h, icon } from "./shared.js";

/** @typedef {import("./store.js").Item} Item */
/** @typedef {import("./store.js").Store} Store */

/**
 * @typedef {object} Kind
 * @property {[string, string]} nouns what one is called, and several
 * @property {boolean} pictures whether its tiles want pictures (store.veils, store.thumbs), which is where they veil
 * @property {number} least how wide a tile is at least, in CSS pixels
 * @property {number} [widest] how wide its pictures are at most, where they are not as wide as the tile
 * @property {Item} sample what is measured to know how high a tile is
 * @property {(item: Item, store: Store) => HTMLElement} make makes the part of a tile above its caption
 * @property {(face: HTMLElement, item: Item, store: Store) => void} paint brings that part up to date
 * @property {(face: HTMLElement, key: string, tag: string | undefined) => boolean} [press] takes a key, and the tag that
 *   it switches, before the board does
 * @property {(face: HTMLElement, on: boolean) => boolean} [contested] goes to its first part on which reviewers differ, or
 *   on to the next one; whether there is one
 * @property {string[]} [help] its keys, for the list of all keys: "key: what it does"
 * @property {(store: Store, id: string) => number | undefined} [momentOf] which frame of it is looked at, by its moment
 */

/** @type {Map<string, Kind>} by the type of the reviews */
export const KINDS = new Map();

/**
 * The kind of a type; one that nobody knows is shown as a text, so that a newer kernel does not break an older page.
 * @param {string | undefined} type
 * @returns {Kind}
 */
export function kindOf(type) {
  const kind = KINDS.get(type ?? "Image") ?? KINDS.get("Text");
  if (!kind) throw new Error(`no kind is known, nor ${type}`);
  return kind;
}

/**
 * What a sample tile shows: nothing of its own.
 * @param {object} [more]
 * @returns {Item}
 */
export function sampleItem(more = {}) {
  return { id: "", name: "x", subteam: "", auto: {}, on: new Set(), ...more };
}

KINDS.set("Image", {
  nouns: ["picture", "pictures"],
  pictures: true,
  least: 172,
  sample: sampleItem(),
  make: () => h("div", { class: "cm-picture" }),
  paint: (face, item, store) => paintPicture(face, item.id, store),
});

/**
 * Put a picture into its place: as it is, or what stands for it while it is blurred, with itself over that while it is
 * revealed. While all is blurred the browser does not have the picture itself.
 * @param {HTMLElement} face
 * @param {string} key a review, or a part of it: "review@part"
 * @param {Store} store
 */
export function paintPicture(face, key, store) {
  const { wellness, thumbs, veils } = store;
  const base = wellness.blur ? veils.url(key) : thumbs.url(key);
  const shown = wellness.shown === key;
  const over = shown && wellness.blur ? thumbs.url(key) : undefined;
  const drawn = `${base} ${over} ${shown}`;
  if (face.dataset.drawn === drawn) return;
  face.dataset.drawn = drawn;
  face.classList.toggle("cm-shown", shown);
  face.querySelector(".cm-clear")?.remove();
  if (base === null) {
    showBroken(face, "This picture cannot be shown");
    return;
  }
  const before = face.querySelector("img");
  if (base === undefined) face.replaceChildren();
  else if (before?.getAttribute("src") !== base) face.replaceChildren(pictureElement(face, base));
  if (over) {
    const clear = pictureElement(face, over);
    clear.classList.add("cm-clear");
    face.append(clear);
  }
}

/**
 * @param {HTMLElement} face
 * @param {string} url
 */
function pictureElement(face, url) {
  const image = h("img", {
    alt: "",
    decoding: "async",
    draggable: "false",
    load: () => image.classList.add("cm-loaded"),
    error: () => showBroken(face, "This picture cannot be read"),
  });
  image.src = url;
  if (image.complete && image.naturalWidth) image.classList.add("cm-loaded");
  return image;
}

/**
 * @param {HTMLElement} face
 * @param {string} reason
 */
export function showBroken(face, reason) {
  face.replaceChildren(h("div", { class: "cm-broken" }, icon("broken"), h("span", {}, reason)));
}

/**
 * Whether what the automatic side said of a review is kept away.
 * @param {Store} store
 * @param {string} id
 */
export function isBlind({ state, items }, id) {
  return Boolean(state?.blind || items.get(id)?.blind);
}

/**
 * What several reviews of a type are called.
 * @param {string | undefined} type
 */
export function nouns(type) {
  return kindOf(type).nouns[1];
}

/**
 * "1 picture", "20 pictures", "1,200 pictures".
 * @param {number} number
 * @param {string | undefined} type
 */
export function counted(number, type) {
  const [one, several] = kindOf(type).nouns;
  return `${number.toLocaleString("en")} ${number === 1 ? one : several}`;
}
