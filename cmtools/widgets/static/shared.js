// Small helpers for every widget: elements, icons, time. They know no reviews.

/**
 * What anywidget gives us of a model.
 * @typedef {object} Model
 * @property {(content: object, callbacks?: object, buffers?: ArrayBuffer[]) => void} send
 * @property {(event: "msg:custom", handler: (message: Message, buffers: BufferSource[]) => void) => void} on
 * @property {(event: "msg:custom", handler: (message: Message, buffers: BufferSource[]) => void) => void} off
 */

/** @typedef {{type: string} & Record<string, any>} Message */

/** @typedef {Node | string | null | undefined | false} Child */

/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Props */

/**
 * An element. A function becomes a listener, false and null leave an attribute out. Children are nodes or text, never
 * HTML.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else {
      setAttribute(element, name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Set an attribute only when it changes, so that nothing is announced or painted for nothing.
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * Set text only when it changes.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A moment of a video: "0:04", "12:30.5", "1:02:03".
 * @param {number} at milliseconds
 */
export function timeCode(at) {
  const whole = Math.floor(at / 1000);
  const rest = Math.round(at % 1000);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const fraction = rest ? `.${String(rest).padStart(3, "0").replace(/0+$/, "")}` : "";
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${fraction}`;
}

/** Shapes on a 16 x 16 grid; each is drawn with a stroke in the colour of the text. */
const SHAPES = {
  prev: "M10 3.5 5.5 8l4.5 4.5",
  next: "M6 3.5 10.5 8 6 12.5",
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  close: "M4 4l8 8M12 4l-8 8",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6L12.6 8Z",
  warning: "M8 2.2 14.4 13.4H1.6ZM8 6.4v3.2M8 11.6v.01",
  info: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 7.2v4M8 4.8v.01",
  broken: "M2 3h5l-1 3 2 2-1 2 1 3H2ZM10 3h4v10h-4l-.5-3 1.5-2-2-2ZM4 6h.01",
  done: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M5 8.2 7.2 10.4 11 6",
  veil: "M2 8s2.4-4 6-4 6 4 6 4-2.4 4-6 4-6-4-6-4M3 13.5 13 2.5",
  half: "M8 2.2a5.8 5.8 0 1 1 0 11.6ZM8 2.2a5.8 5.8 0 0 0 0 11.6",
  edit: "M3 13l.7-3L10.8 2.9l2.3 2.3L6 12.3ZM9.3 4.4l2.3 2.3",
  picture: "M2 3h12v10H2ZM2 11l3.2-3.2 3 3L10.6 8.4 14 11.5M5.3 5.8h.01",
  split: "M8 14V9L3.5 4.5M8 9l4.5-4.5M3.5 7.6V4.5h3.1M12.5 7.6V4.5H9.4",
  inbox: "M2 9.5 4 3.5h8l2 6v3H2ZM2 9.5h3.5l1 1.5h3l1-1.5H14",
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * A drawn sign, hidden from screen readers: the words are beside it.
 * @param {keyof typeof SHAPES} name
 * @param {string} [className]
 */
export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `cm-icon ${className}`.trim());
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/**
 * A ring that empties; `setRing` says how full it is.
 * @returns {SVGSVGElement}
 */
export function ring() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "cm-ring");
  for (const name of ["cm-ring-back", "cm-ring-left"]) {
    const circle = document.createElementNS(SVG, "circle");
    circle.setAttribute("class", name);
    circle.setAttribute("cx", "10");
    circle.setAttribute("cy", "10");
    circle.setAttribute("r", "8.5");
    circle.setAttribute("pathLength", "100");
    svg.append(circle);
  }
  return svg;
}

/**
 * Rows that were sent compressed.
 * @param {BufferSource} buffer
 * @returns {Promise<any[]>}
 */
export function unpack(buffer) {
  return new Response(new Blob([buffer]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
}
