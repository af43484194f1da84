"""The review board in a real JupyterLab and Chromium with 5,000 photographs: every figure that it has to keep.

Run it alone: ``pytest -s tests/benchmarks/bench_board.py``. BENCH_REVIEWS says how many reviews (5,000), BENCH_RUNS how
many runs each median is of (3). It prints a table and checks nothing that depends on the machine.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Page, sync_playwright

import cmtools as cm
from cmtools import samples
from cmtools.model import Draft
from tests.tools.browser import ARGUMENTS, chromium
from tests.widgets.lab import Lab, NotebookPage, running_lab

REVIEWS = int(os.environ.get("BENCH_REVIEWS", "5000"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
FEW = 100
MORE = 600
"""Reviews beyond those on the large board, for the screens that Next brings."""

WATCH = """() => {
  const board = () => document.querySelector(".cm-board");
  const inView = () => {
    const grid = board()?.querySelector(".cm-grid");
    if (!grid || grid.hidden) return [];
    const frame = grid.getBoundingClientRect();
    const bottom = Math.min(frame.bottom, innerHeight);
    return [...grid.querySelectorAll(".cm-tile")].filter((tile) => {
      const place = tile.getBoundingClientRect();
      return place.bottom > frame.top + 1 && place.top < bottom - 1;
    });
  };
  const there = (image) => image.complete && image.naturalWidth > 0;
  const painted = (tile) => [...tile.querySelectorAll(".cm-picture > img")].some(there);
  const frame = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
  }));
  window.bench = {
    inView, painted, frame,
    blank: () => inView().filter((tile) => !painted(tile)).length,
    first: () => inView()[0]?.dataset.reviewId ?? "",
    async ready(start, isNew = () => true) {
      for (;;) {
        const at = await frame();
        const tiles = inView();
        if (tiles.length && isNew(tiles) && tiles.every(painted)) return (await frame(), at - start);
        if (at - start > 60000) return NaN;
      }
    },
  };
}"""


class Wire:
    """Bytes that the page's web sockets receive."""

    def __init__(self, session: CDPSession) -> None:
        self.received = 0
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", self._count)

    def _count(self, event: dict[str, Any]) -> None:
        response = event["response"]
        size = len(response["payloadData"])
        self.received += size * 3 // 4 if response["opcode"] == 2 else size


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("bench")
    with cm.serve(home / "reviews.db") as running:
        client = cm.Client(running.url, key=running.key, team=running.team, reviewer="ana")
        _fill(client, REVIEWS + MORE)
        yield running


def _fill(client: Any, count: int) -> None:
    """So many photographs of 640 x 480, each another, with scores."""
    started = time.monotonic()
    chance = np.random.default_rng(7)
    sources = [Image.open(each.path).convert("RGB") for each in samples.photographs()]
    drafts = []
    for number in range(count):
        source = sources[number % len(sources)]
        width, height = source.size
        share = chance.uniform(0.45, 0.95)
        across = int(min(width, height / 0.75) * share)
        down = int(across * 0.75)
        left, top = int(chance.integers(0, width - across + 1)), int(chance.integers(0, height - down + 1))
        out = io.BytesIO()
        source.crop((left, top, left + across, top + down)).resize((640, 480)).save(out, "JPEG", quality=85)
        picture = client.upload(out.getvalue())
        score = chance.uniform()
        metadata = (("a", str(score > 0.7)), ("r", "False"), ("a.score", f"{score:.3f}"), ("source", "crops"))
        drafts.append(Draft(f"media:{picture.id}", f"photo-{number}", metadata=metadata))
    for start in range(0, count, 1000):
        client.create_reviews(drafts[start : start + 1000], progress=False)
    print(f"\n{count:,} photographs were made and created in {time.monotonic() - started:.0f} s")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


class Bench:
    """One notebook in one page, with a warm kernel."""

    def __init__(self, page: Page, lab: Lab, service: Any) -> None:
        self.page, self.lab = page, lab
        self.session = page.context.new_cdp_session(page)
        self.wire = Wire(self.session)
        self.client = cm.Client(service.url, key=service.key, team=service.team, reviewer="ana")
        self.setup = (
            "import cmtools as cm, psutil, time, gc\n"
            f"client = cm.Client({service.url!r}, key={service.key!r}, team={service.team!r}, reviewer='ana')\n"
            "warm = cm.ReviewBoard(client, count=3)\nwarm.give_back(); client.team().name"
        )
        self.open("bench.ipynb", "0")

    def open(self, name: str, source: str) -> None:
        self.lab.write(name, self.setup, source, "0")
        self.notebook = NotebookPage(self.page, self.lab, name).open()
        self.page.evaluate(WATCH)
        self.run(0)

    def run(self, cell: int, source: str | None = None) -> str:
        """Run a cell to its end; what it printed."""
        return str(
            self.page.evaluate(
                """async ([cell, source]) => {
                  const panel = window.jupyterapp.shell.currentWidget;
                  const notebook = panel.content;
                  notebook.activeCellIndex = cell;
                  const one = notebook.widgets[cell];
                  if (source !== null) one.model.sharedModel.setSource(source);
                  notebook.deselectAll();
                  await window.jupyterapp.commands.execute("notebook:run-cell");
                  const outputs = one.model.outputs.toJSON();
                  return outputs.map((each) => each.text ?? each.evalue ?? "").join("");
                }""",
                [cell, source],
            )
        )

    def show(self, count: int) -> tuple[float, int]:
        """Run the board's cell; milliseconds until all pictures in view are painted, and bytes that it took."""
        self.run(1, "0")
        self.page.wait_for_timeout(500)
        before = self.wire.received
        took = self.page.evaluate(
            """async (source) => {
              const notebook = window.jupyterapp.shell.currentWidget.content;
              notebook.activeCellIndex = 1;
              notebook.widgets[1].model.sharedModel.setSource(source);
              const start = performance.now();
              window.jupyterapp.commands.execute("notebook:run-cell");
              return window.bench.ready(start);
            }""",
            f"board = cm.ReviewBoard(client, count={count})\nboard",
        )
        received = self.wire.received - before
        self.page.wait_for_timeout(2500)
        return took, received

    def veil(self, on: bool) -> None:
        """What the reviewer is taken to have chosen before."""
        self.client.set_preferences(**{"board.blur": on, "board.grey": on})

    def end(self) -> None:
        self.run(2, "board.give_back(); gc.collect()")


def _median(values: list[float]) -> float:
    return statistics.median(values)


def _share(values: list[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")


def test_board(service: Any, lab: Lab) -> None:
    rows: list[tuple[str, str, str]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        bench = Bench(page, lab, service)
        for name, measure in MEASURES.items():
            started = time.monotonic()
            rows += measure(bench)
            print(f"  ({name}: {time.monotonic() - started:.0f} s)")
        browser.close()
    rows += _saved(lab, service)
    print(f"\nReview board, {REVIEWS:,} reviews, medians of {RUNS} (shared machine: {os.cpu_count()} cores)")
    for what, got, wanted in rows:
        print(f"  {what:<58} {got:>20}   wanted {wanted}")


def _opening(bench: Bench) -> list[tuple[str, str, str]]:
    many, few = [], []
    for _ in range(RUNS):
        few.append(bench.show(FEW))
        bench.end()
        many.append(bench.show(REVIEWS))
        bench.end()
    took, small = _median([took for took, _ in many]), _median([took for took, _ in few])
    return [
        ("cell to all pictures in view, ms", f"{took:.0f}", "400"),
        (f"  of that at N = {FEW}, ms and ratio", f"{small:.0f}, {took / small:.2f}x", "1.3x"),
        ("bytes of the first screen, KB", f"{_median([size for _, size in many]) / 1000:.0f}", "250"),
    ]


def _toggling(bench: Bench) -> list[tuple[str, str, str]]:
    bench.show(REVIEWS)
    bench.run(
        2,
        "heard = []\nbefore = board._hear_toggle\n"
        "def hear(message):\n    heard.append(time.time() * 1000); before(message)\nboard._hear_toggle = hear",
    )
    took, sent = [], []
    chips = bench.page.locator('.cm-tile .cm-tag[data-tag="r"]')
    bench.page.evaluate(
        """() => {
          window.took = []; window.sent = [];
          document.querySelector(".cm-board").addEventListener("click", async (event) => {
            if (!event.target.closest(".cm-tag")) return;
            window.sent.push(performance.timeOrigin + event.timeStamp);
            window.took.push((await window.bench.frame()) - event.timeStamp);
          }, true);
        }"""
    )
    for number in range(45):
        chips.nth(number % 14).click()
        bench.page.wait_for_timeout(120)
    took = bench.page.evaluate("window.took")
    sent = bench.page.evaluate("window.sent")
    heard = json.loads(bench.run(2, "import json; print(json.dumps(heard))"))
    reached = [b - a for a, b in zip(sent, heard, strict=False)]
    bench.end()
    return [
        ("click to toggle painted, ms p50 / p95", f"{_share(took, 0.5):.0f} / {_share(took, 0.95):.0f}", "16 / 33"),
        (
            "click to the kernel has it, ms p50 / p95",
            f"{_share(reached, 0.5):.0f} / {_share(reached, 0.95):.0f}",
            "20 / 50",
        ),
    ]


JUMP = """async (share) => {
  const grid = document.querySelector(".cm-grid");
  const start = performance.now();
  grid.scrollTop = grid.scrollHeight * share;
  const first = window.bench.first();
  await window.bench.frame();
  return window.bench.ready(start);
}"""


def _jumping(bench: Bench) -> list[tuple[str, str, str]]:
    rows = []
    for mode in ("blurred", "clear"):
        bench.veil(mode == "blurred")
        bench.show(REVIEWS)
        shares = [0.15, 0.35, 0.55, 0.75, 0.95][: max(3, RUNS)]
        fresh = [bench.page.evaluate(JUMP, share + (0.03 if mode == "clear" else 0)) for share in shares]
        bench.page.evaluate("() => { document.querySelector('.cm-grid').scrollTop = 0; }")
        bench.page.wait_for_timeout(1000)
        rows.append((f"far jump, {mode}, not made, ms", f"{_median(fresh):.0f}", "200"))
        bench.end()
        bench.show(REVIEWS)
        made = [bench.page.evaluate(JUMP, share + (0.03 if mode == "clear" else 0)) for share in shares]
        rows.append((f"far jump, {mode}, made, ms", f"{_median(made):.0f}", "130"))
        bench.end()
    return rows


SCROLL = """async ([frames, step]) => {
  const grid = document.querySelector(".cm-grid");
  const spans = []; let blank = 0, seen = 0;
  let last = await new Promise(requestAnimationFrame);
  for (let number = 0; number < frames; number++) {
    grid.scrollTop += step;
    const now = await new Promise(requestAnimationFrame);
    spans.push(now - last);
    last = now;
    if (number % 3 === 0) {
      blank += window.bench.blank();
      seen += window.bench.inView().length;
    }
  }
  return [spans, blank / seen];
}"""


def _scrolling(bench: Bench) -> list[tuple[str, str, str]]:
    rows = []
    for mode in ("blurred", "clear"):
        bench.veil(mode == "blurred")
        bench.show(REVIEWS)
        spans, blanks = [], []
        for _ in range(RUNS):
            found, blank = bench.page.evaluate(SCROLL, [240, 40])
            spans.append(_share(found, 0.95))
            blanks.append(blank)
            bench.page.wait_for_timeout(500)
        rows.append((f"scroll frames p95, {mode}, ms", f"{_median(spans):.0f}", "33"))
        rows.append((f"blank pictures while scrolling, {mode}, %", f"{_median(blanks) * 100:.1f}", "2"))
        bench.end()
    return rows


def _next(bench: Bench) -> list[tuple[str, str, str]]:
    bench.veil(True)
    bench.show(50)
    took = []
    for _ in range(RUNS + 2):
        took.append(
            bench.page.evaluate(
                """async () => {
                  const before = window.bench.first();
                  const start = performance.now();
                  document.querySelector('.cm-board [data-action="next"]').click();
                  return window.bench.ready(start, (tiles) => tiles[0].dataset.reviewId !== before);
                }"""
            )
        )
        bench.page.wait_for_timeout(1500)
    bench.end()
    return [("Next to next screen painted (50), ms p50 / max", f"{_median(took):.0f} / {max(took):.0f}", "250")]


def _memory(bench: Bench) -> list[tuple[str, str, str]]:
    bench.show(REVIEWS)
    kernel = "gc.collect(); print(psutil.Process().memory_info().rss)"

    def heap() -> float:
        bench.session.send("HeapProfiler.collectGarbage")
        metrics = bench.session.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "JSHeapUsedSize")

    bench.session.send("Performance.enable")
    before, kernel_before = heap(), int(bench.run(2, kernel))
    bench.page.evaluate(
        """async () => {
          const grid = document.querySelector(".cm-grid");
          grid.scrollTop = 0;
          while (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 2) {
            grid.scrollTop += grid.clientHeight * 0.9;
            await window.bench.ready(performance.now());
          }
        }"""
    )
    after, kernel_after = heap(), int(bench.run(2, kernel))
    bench.end()
    grown = f"{(after - before) / 1e6:.1f} / {(kernel_after - kernel_before) / 1e6:.0f}"
    return [("browser heap / kernel memory after all, MB", grown, "5 / 40")]


def _lost(bench: Bench) -> list[tuple[str, str, str]]:
    """A page in a hurry: the whole of a board of 1,000 goes by in a moment; then every picture is looked for."""
    bench.show(1000)
    lost = bench.page.evaluate(
        """async () => {
          const grid = document.querySelector(".cm-grid");
          for (let place = 0; place <= 60; place++) {
            grid.scrollTop = (grid.scrollHeight * place) / 60;
            await new Promise((done) => setTimeout(done, 10));
          }
          let lost = 0;
          grid.scrollTop = 0;
          for (;;) {
            const took = await window.bench.ready(performance.now());
            if (Number.isNaN(took)) lost += window.bench.blank();
            if (grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 2) return lost;
            grid.scrollTop += grid.clientHeight * 0.9;
          }
        }"""
    )
    bench.end()
    return [("pictures lost of 1,000", str(lost), "0")]


def _saved(lab: Lab, service: Any) -> list[tuple[str, str, str]]:
    """What a notebook with a board keeps: run by `jupyter execute`, which saves the widgets' state too."""
    name = "executed.ipynb"
    lab.write(
        name,
        "import cmtools as cm\n"
        f"client = cm.Client({service.url!r}, key={service.key!r}, team={service.team!r}, reviewer='eve')",
        "board = cm.ReviewBoard(client, count=50)\nboard",
    )
    path = lab.folder / name
    subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)], check=True, capture_output=True
    )
    executed = path.stat().st_size
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"].pop("widgets", None)
    plain = len(json.dumps(notebook, indent=1))
    return [
        ("saved notebook: as it is / jupyter execute, KB", f"{plain / 1000:.1f} / {executed / 1000:.1f}", "10 / 60")
    ]


MEASURES: dict[str, Callable[[Bench], list[tuple[str, str, str]]]] = {
    "opening": _opening,
    "toggling": _toggling,
    "jumping": _jumping,
    "scrolling": _scrolling,
    "next": _next,
    "memory": _memory,
    "lost": _lost,
}
if only := os.environ.get("BENCH_ONLY"):
    MEASURES = {name: MEASURES[name] for name in only.split(",")}
