"""Tags English texts by the trained model of alt-profanity-check, offline. It learns nothing and keeps nothing.

What the model says and what we make of it
------------------------------------------
The model gives one score in [0, 1]: how likely people would call a text profane or offensive. It is a linear classifier
of single words (a bag of words: their order and meaning count for nothing), trained on 200,000 English comments of
Wikipedia's talk pages and posts on Twitter. So

* it knows English only; what it says of another language is chance;
* it sees words and no contexts: quoted abuse, medical words and the slang of a group among themselves score high, a
  threat or a slur in polite words scores low;
* a misspelt or disguised word (``b1tch``) is a word that it never saw. `Words` finds those that you list.

============== ===== ==========================================================================================
tag            score true from
============== ===== ==========================================================================================
``p`` profane  as is 0.5: where the model itself says yes; its scores are calibrated, so more likely than not
============== ===== ==========================================================================================

It stands for profanity, not for harm: on the 1,595 texts of OpenAI's published moderation evaluation, which it never
saw, it flags from 0.5 on 47 % of the 437 texts that people called harmful (72 % of harassment, 29 % of self-harm) and
7 % of the 1,158 others; from 0.2 on, 65 % and 17 %. Measure on your texts, and set the threshold by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType

from ..errors import BadTagger, install_hint
from .base import Tagger, Tagging

MAX_CHARACTERS = 100_000
"""Of a text; a longer one is answered with an error."""


class Profanity(Tagger):
    """Tags English texts as ``p`` (profane) from a score of 0.5 on. A team must be given this tag.

    ``client.add_tag("p", "isprofane")`` gives it. The model comes with its package as a pickle, so installing that is
    trusting it as one trusts its code; nothing is downloaded. Loading takes a second or two.

    Parameters
    ----------
    thresholds : dict of short code to float, optional
        From which score on ``p`` is true.

    Raises
    ------
    BadTagger
        When ``cmtools[profanity]`` is not installed, or a threshold is wrong.

    Examples
    --------
    >>> kind, rude = Profanity().tag(["Thank you, that was helpful.", "You are a stupid idiot."])
    >>> dict(kind.tags), dict(rude.tags), rude.scores["p"] > 0.9
    ({'p': False}, {'p': True}, True)
    """

    name = "profanity"
    type = "Text"
    default_thresholds: Mapping[str, float] = MappingProxyType({"p": 0.5})
    batch_size = 1024

    def __init__(self, *, thresholds: Mapping[str, float] | None = None) -> None:
        super().__init__(thresholds=thresholds)
        try:
            from profanity_check import predict_prob
        except ImportError as error:
            raise BadTagger(install_hint("alt-profanity-check", "profanity")) from error
        self.version = version("alt-profanity-check")
        self._scores = predict_prob

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per text, in order; see `Tagger.tag`."""
        wrong = [_wrong(item) for item in items]
        good = [item for item, problem in zip(items, wrong, strict=True) if problem is None]
        scores = iter(self._scores(good) if good else ())
        return [Tagging(error=problem) if problem else self._read(float(next(scores))) for problem in wrong]

    def _read(self, score: float) -> Tagging:
        """What one score of the model means; the module's docstring says why."""
        score = min(1.0, max(0.0, score))
        return Tagging(
            tags={code: score >= limit for code, limit in self.thresholds.items()},
            scores=dict.fromkeys(self.thresholds, score),
            metadata=(("tagger", f"{self.name} {self.version}"), ("profanity.profane", f"{score:.6g}")),
        )


def _wrong(item: bytes | str) -> str | None:
    if not isinstance(item, str):
        return "it is no text"
    if len(item) > MAX_CHARACTERS:
        return f"it has {len(item):,} characters; the most is {MAX_CHARACTERS:,}"
    return None
