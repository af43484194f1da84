// Small charts as inline SVG: an interval on a line, and two curves over a threshold. They take the colours of the text.

const SVG_NAME = "http://www.w3.org/2000/svg";

/** The curves' drawing area inside its labels, in the units of the view box. */
const BOX = { left: 30, top: 10, width: 300, height: 130, right: 66, bottom: 24 };

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG_NAME, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * A number as a person reads it: a true minus sign, a dash for none.
 * @param {number | null} value
 */
export function number(value) {
  if (value === null) return "–";
  const text = value.toFixed(2);
  return Number(text) === 0 ? "0.00" : text.replace("-", "−");
}

/** @typedef {{estimate: number | null, low: number | null, high: number | null, flag: string}} Figure */

/**
 * Where a scale begins: at zero, or at the fifth below the lowest bound; it ends at 1.
 * @param {Figure[]} figures
 */
export function floorOf(figures) {
  const ends = figures.flatMap(({ estimate, low }) => [estimate, low]).filter((end) => end !== null);
  return Math.min(0, Math.floor(Math.min(0, ...ends) * 5) / 5);
}

/**
 * An interval with its estimate, drawn on a line from `floor` to 1; hollow and thin where it is flagged.
 * @param {Figure} figure
 * @param {number} floor
 * @param {number | null} [reference] another estimate, as a mark to compare with
 */
export function bar(figure, floor, reference = null) {
  const at = (/** @type {number} */ value) => `${((100 * (value - floor)) / (1 - floor)).toFixed(1)}%`;
  const { estimate, low, high, flag } = figure;
  const svg = s("svg", { class: flag ? "cm-bar cm-doubt" : "cm-bar", "aria-hidden": "true" });
  svg.append(s("line", { class: "cm-track", x1: 0, x2: "100%", y1: 8, y2: 8 }));
  if (floor < 0) svg.append(s("line", { class: "cm-zero", x1: at(0), x2: at(0), y1: 3, y2: 13 }));
  if (reference !== null) {
    svg.append(s("line", { class: "cm-reference", x1: at(reference), x2: at(reference), y1: 0, y2: 16 }));
  }
  if (low !== null && high !== null) svg.append(s("line", { class: "cm-reach", x1: at(low), x2: at(high), y1: 8, y2: 8 }));
  if (estimate !== null) svg.append(s("circle", { cx: at(estimate), cy: 8, r: 3.6 }));
  return svg;
}

/** @typedef {{threshold: number[], precision: (number | null)[], recall: (number | null)[]}} Curve */

/**
 * Precision and recall over the threshold, with a mark where the threshold is.
 * @param {Curve} curve
 * @param {number | null} threshold
 */
export function curves(curve, threshold) {
  const { left, top, width, height, right, bottom } = BOX;
  const first = curve.threshold[0];
  const last = curve.threshold[curve.threshold.length - 1];
  const x = (/** @type {number} */ value) => left + (width * (value - first)) / (last - first || 1);
  const y = (/** @type {number} */ value) => top + height * (1 - value);
  const box = `0 0 ${left + width + right} ${top + height + bottom}`;
  const svg = s("svg", { class: "cm-curves", viewBox: box, role: "img", "aria-label": sentence(curve, threshold) });
  for (const level of [0, 0.5, 1]) {
    svg.append(s("line", { class: "cm-grid-line", x1: left, x2: left + width, y1: y(level), y2: y(level) }));
    svg.append(s("text", { x: left - 6, y: y(level) + 3.5, "text-anchor": "end" }, String(level)));
  }
  for (const value of [first, (first + last) / 2, last]) {
    svg.append(s("text", { x: x(value), y: top + height + 16, "text-anchor": "middle" }, String(+value.toFixed(2))));
  }
  if (threshold !== null) {
    const place = x(Math.min(last, Math.max(first, threshold)));
    svg.append(s("line", { class: "cm-here", x1: place, x2: place, y1: top - 4, y2: top + height }));
  }
  const ends = labelPlaces(lastOf(curve.precision), lastOf(curve.recall), y);
  for (const [index, name] of /** @type {["precision", "recall"]} */ (["precision", "recall"]).entries()) {
    const line = curve[name].map((value, place) => ({ value, place })).filter(({ value }) => value !== null);
    const points = line.map(({ value, place }) => `${x(curve.threshold[place]).toFixed(1)},${y(value ?? 0).toFixed(1)}`);
    svg.append(s("polyline", { class: `cm-line cm-${name}`, points: points.join(" ") }));
    if (line.length) svg.append(s("text", { class: `cm-name-${name}`, x: left + width + 6, y: ends[index] + 3.5 }, name));
  }
  return svg;
}

/**
 * The threshold under a pointer.
 * @param {Element} svg what `curves` drew
 * @param {Curve} curve
 * @param {number} clientX
 */
export function thresholdAt(svg, curve, clientX) {
  const { left, width: wide } = svg.getBoundingClientRect();
  const scale = (BOX.left + BOX.width + BOX.right) / wide;
  const share = ((clientX - left) * scale - BOX.left) / BOX.width;
  const place = Math.round(share * (curve.threshold.length - 1));
  return curve.threshold[Math.min(curve.threshold.length - 1, Math.max(0, place))];
}

/** @param {(number | null)[]} values */
function lastOf(values) {
  return values.filter((value) => value !== null).at(-1) ?? 0;
}

/**
 * Where the two names stand, so that they do not lie on each other.
 * @param {number} one
 * @param {number} other
 * @param {(value: number) => number} y
 */
function labelPlaces(one, other, y) {
  const places = [y(one), y(other)];
  const gap = 12 - Math.abs(places[0] - places[1]);
  if (gap <= 0) return places;
  const up = places[0] <= places[1] ? 0 : 1;
  places[up] -= gap / 2;
  places[1 - up] += gap / 2;
  return places;
}

/**
 * What the curves say, for who does not see them.
 * @param {Curve} curve
 * @param {number | null} threshold
 */
function sentence(curve, threshold) {
  if (threshold === null) return "Precision and recall by threshold; auto tags are as they were given";
  const place = curve.threshold.findIndex((value) => value >= threshold - 1e-9);
  const said = place < 0 ? [null, null] : [curve.precision[place], curve.recall[place]];
  return `Precision and recall by threshold; at ${threshold}: ${number(said[0])} and ${number(said[1])}`;
}
