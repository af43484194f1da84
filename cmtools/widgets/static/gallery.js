// The pictures of a board: as they are, and what stands for them while they are blurred. It paints none.
import { Thumbs } from "./thumbs.js";

/** @typedef {import("./store.js").Store} Store */

/** The sizes in which pictures are asked for, in pixels; the service has made the first when it took the picture in. */
const SIZES = [192, 240, 320, 480, 640];

/** A picture may be drawn larger than it is by so much: nobody sees it, and the smaller size is a third fewer bytes. */
const STRETCH = 1.15;

/** How many of what stands for blurred pictures are asked for and kept: they are very small. */
const MANY = { asked: 48, flying: 144, kept: 1500 };

export class Gallery {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.size = 0;
    const arrived = (/** @type {string[]} */ ids) => store.tell("thumbs", ids);
    const ask = (/** @type {object} */ about) => store.model.send({ type: "thumbs", ...about });
    this.thumbs = new Thumbs((ids, soon) => ask({ ids, soon, size: this.size }), arrived);
    this.veils = new Thumbs((ids, soon) => ask({ ids, soon, veiled: true }), arrived, MANY);
  }

  /**
   * Which pictures a view has near, those in view first: as they are, or what stands for them while they are blurred.
   * @param {object} view
   * @param {string[]} keys
   * @param {string[]} [further]
   */
  near(view, keys, further = []) {
    const [wanted, other] = this.store.wellness.blur ? [this.veils, this.thumbs] : [this.thumbs, this.veils];
    other.leave(view);
    wanted.want(view, keys, further);
  }

  /**
   * How large pictures are shown, in device pixels; larger ones than there are are asked for anew.
   * @param {number} pixels
   */
  showAt(pixels) {
    const size = SIZES.find((each) => each * STRETCH >= pixels) ?? SIZES[SIZES.length - 1];
    if (size <= this.size) return;
    if (this.size) this.thumbs.forget();
    this.size = size;
  }

  /**
   * @param {import("./shared.js").Message} message
   * @param {BufferSource[]} buffers
   */
  receive(message, buffers) {
    (message.veiled ? this.veils : this.thumbs).receive(/** @type {any} */ (message), buffers);
  }

  /** Ask at once again for what did not come. */
  again() {
    this.thumbs.again();
    this.veils.again();
  }

  close() {
    this.thumbs.close();
    this.veils.close();
  }
}
