// A player for an address under review, in a frame of its own: it starts on a click, without sound, and says nothing of
// where it plays (no referrer). The browser fetches the address; the service and the kernel do not.
import { h, setText } from "./shared.js";

/** The frame's page: no script runs in it, and what it fetches is not told the page's address. */
const PAGE =
  '<!doctype html><meta name="referrer" content="no-referrer"><style>html,body{margin:0;height:100%;background:#000}' +
  "video{width:100%;height:100%}</style>";

const CANNOT = "This browser cannot play the address. Its frames and transcript are all there is to see.";

/**
 * Whether an address is one that a player may be given.
 * @param {string} address
 */
export function playable(address) {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

export class Player {
  /**
   * @param {string} address
   * @param {number} at where to begin, in milliseconds
   * @param {{moved: (at: number) => void, changed: () => void}} hooks are told where it plays, and that it stops
   */
  constructor(address, at, hooks) {
    this.fault = h("p", { class: "cm-player-fault", role: "alert", hidden: true });
    /** @type {HTMLVideoElement | null} */
    this.video = null;
    this.start = at;
    this.frame = h("iframe", {
      title: "Player of the video",
      sandbox: "allow-same-origin",
      referrerpolicy: "no-referrer",
      allow: "fullscreen",
      srcdoc: PAGE,
      load: () => this.fill(address, hooks),
    });
    this.cover = h("div", { class: "cm-picture cm-cover", title: "Press and hold to see it uncovered" });
    this.element = h("div", { class: "cm-player" }, this.frame, this.cover, this.fault);
  }

  /**
   * @param {string} address
   * @param {{moved: (at: number) => void, changed: () => void}} hooks
   */
  fill(address, { moved, changed }) {
    const page = this.frame.contentDocument;
    if (!page || this.video) return;
    const video = page.createElement("video");
    video.muted = true;
    video.controls = true;
    video.preload = "metadata";
    video.playsInline = true;
    video.disableRemotePlayback = true;
    video.addEventListener("error", () => this.fail());
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, changed);
    video.addEventListener("timeupdate", () => moved(video.currentTime * 1000));
    video.addEventListener("loadedmetadata", () => (video.currentTime = this.start / 1000), { once: true });
    this.video = video;
    video.src = address;
    page.body.append(video);
    this.play();
  }

  fail() {
    this.fault.hidden = false;
    this.frame.hidden = true;
    setText(this.fault, CANNOT);
  }

  get plays() {
    return this.video !== null && !this.video.paused;
  }

  play() {
    void this.video?.play().catch(() => {});
  }

  toggle() {
    if (this.video?.paused) this.play();
    else this.video?.pause();
  }

  /** @param {number} at milliseconds */
  seek(at) {
    this.start = at;
    if (this.video && this.video.readyState > 0) this.video.currentTime = at / 1000;
  }

  close() {
    if (this.video && this.frame.contentDocument) {
      this.video.pause();
      this.video.removeAttribute("src");
      this.video.load();
    }
    this.element.remove();
  }
}

/**
 * Where an address leads, in short.
 * @param {string} address
 */
export function hostOf(address) {
  return playable(address) ? new URL(address).host : "";
}
