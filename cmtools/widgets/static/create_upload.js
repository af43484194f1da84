// Files on their way to the kernel: in pieces, few at a time, sent again when one was lost. It shows nothing.

/** About how many bytes travel in one message, how many may be on their way, and how many files one message carries. */
const PIECE = 1_000_000;
const IN_FLIGHT = 4_000_000;
const PARTS = 50;

/** How many files are announced in one message. */
const ANNOUNCED = 500;

/** After how much silence the kernel is asked what it has, in milliseconds. */
const SILENCE = 8000;

/** Files that folders have beside pictures. */
const TAKEN = /\.(png|jpe?g|jfif|gif|webp|bmp|tiff?|csv|tsv|jsonl)$/i;

/** @typedef {{name: string, file: File}} Named */
/** @typedef {{name: string, file: File, key: string, offset: number, size: number}} Upload */

/**
 * @typedef {object} UploadHooks
 * @property {(message: {type: string} & Record<string, any>, buffers?: ArrayBuffer[]) => void} send
 * @property {(words: string) => void} tell says what is wrong
 * @property {() => void} changed
 */

export class Uploads {
  /** @param {UploadHooks} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {Named[]} all files that this page was given; the kernel names them by their place here */
    this.files = [];
    /** @type {Upload[]} */
    this.queue = [];
    /** @type {Map<string, Upload>} */
    this.flying = new Map();
    this.bytes = 0;
    this.done = 0;
    this.total = 0;
    this.heardAt = performance.now();
    this.pumping = false;
    this.timer = window.setInterval(() => this.look(), SILENCE / 4);
  }

  close() {
    clearInterval(this.timer);
    this.queue = [];
    this.flying.clear();
  }

  get left() {
    return this.total - this.done;
  }

  /** @param {Named[]} files */
  add(files) {
    if (!this.left) this.total = this.done = 0;
    this.total += files.length;
    for (let start = 0; start < files.length; start += ANNOUNCED) {
      const part = files.slice(start, start + ANNOUNCED);
      const first = this.files.length;
      this.files.push(...part);
      this.hooks.send({ type: "files", first, files: part.map(({ name, file }) => [name, file.size]) });
    }
    this.hooks.changed();
  }

  /** @param {{first: number, keys: (string | null)[]}} message */
  taken({ first, keys }) {
    this.heardAt = performance.now();
    keys.forEach((key, index) => {
      const named = this.files[first + index];
      if (!named) return;
      if (key) this.queue.push({ ...named, key, offset: 0, size: 0 });
      else this.done += 1;
    });
    this.hooks.changed();
    this.pump();
  }

  /** @param {{got: Record<string, number>}} message */
  got({ got }) {
    this.heardAt = performance.now();
    for (const [key, received] of Object.entries(got)) {
      const upload = this.flying.get(key);
      if (!upload) continue;
      this.flying.delete(key);
      this.bytes -= upload.size;
      if (received < 0 || received >= upload.file.size) this.done += 1;
      else this.queue.unshift({ ...upload, offset: received, size: 0 });
    }
    this.hooks.changed();
    this.pump();
  }

  /** Send what there is room for. */
  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.queue.length && this.bytes < IN_FLIGHT) await this.sendSome();
    } finally {
      this.pumping = false;
    }
  }

  /** One message: the end of a file, several small ones, or a piece of a large one. */
  async sendSome() {
    const parts = [];
    const buffers = [];
    let bytes = 0;
    while (this.queue.length && bytes < PIECE && parts.length < PARTS) {
      const upload = /** @type {Upload} */ (this.queue.shift());
      const end = Math.min(upload.file.size, upload.offset + PIECE - bytes);
      try {
        buffers.push(await upload.file.slice(upload.offset, end).arrayBuffer());
      } catch {
        this.done += 1;
        this.hooks.tell(`${upload.name} cannot be read any more: add it again`);
        this.hooks.send({ type: "remove", keys: [upload.key] });
        continue;
      }
      upload.size = end - upload.offset;
      bytes += upload.size;
      this.bytes += upload.size;
      this.flying.set(upload.key, upload);
      parts.push({ key: upload.key, offset: upload.offset, last: end === upload.file.size });
    }
    if (parts.length) this.hooks.send({ type: "chunk", parts }, buffers);
  }

  /** The kernel answers in order: what it has not got by the time it answers this was lost. */
  look() {
    if (!this.flying.size || performance.now() - this.heardAt < SILENCE) return;
    this.heardAt = performance.now();
    this.hooks.send({ type: "where", keys: [...this.flying.keys()] });
  }
}

/**
 * The files of a drop, folders walked through; of a folder only what can be a picture or a table.
 * @param {DataTransfer} data
 * @returns {Promise<{files: Named[], passed: number}>}
 */
export async function dropped(data) {
  const roots = [...data.items].map((item) => (item.kind === "file" ? item.webkitGetAsEntry() : null));
  const plain = [...data.files];
  /** @type {Named[]} */
  const files = [];
  let passed = 0;
  for (const [index, root] of roots.filter((_, place) => data.items[place].kind === "file").entries()) {
    if (!root) {
      if (plain[index]) files.push({ name: plain[index].name, file: plain[index] });
      continue;
    }
    for await (const found of walk(root)) {
      if (root.isDirectory && !isTaken(found.name)) passed += 1;
      else files.push(found);
    }
  }
  return { files, passed };
}

/**
 * The files of an input; of a chosen folder only what can be a picture or a table.
 * @param {FileList} list
 */
export function chosen(list) {
  const all = [...list].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  const files = all.filter(({ name, file }) => !file.webkitRelativePath || isTaken(name));
  return { files, passed: all.length - files.length };
}

/** @param {string} name */
function isTaken(name) {
  return TAKEN.test(name) && !name.split("/").some((part) => part.startsWith("."));
}

/**
 * @param {any} entry
 * @returns {AsyncGenerator<Named>}
 */
async function* walk(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    yield { name: entry.fullPath.replace(/^\//, ""), file };
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) yield* walk(one);
  }
}
