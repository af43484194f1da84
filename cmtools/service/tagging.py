"""Asks a tagger about one picture or text, within limits, and names what it says as workflows do. It keeps nothing."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ..content.image import PictureFacts
from ..errors import BadPicture, BadRequest, BadTagger, CmtoolsError, NoTagger, TaggerFailed
from ..model import Pairs
from ..taggers import Tagger, Tagging
from ..tags import THRESHOLD_SUFFIX, TagSet, write_bool
from ..wire.moderation import write_found_terms
from . import decoding

T = TypeVar("T")
log = logging.getLogger(__name__)
LEAST_SIDE = 128
MOST_BYTES = 4 * 1024 * 1024
MOST_CHARACTERS = 1024
"""The vendor's limits of what is tagged."""
VENDOR_NAMES = {"a": ("adultScore", "isAdult"), "r": ("racyScore", "isRacy")}
"""What the vendor's own workflows call the score and the flag of its two tags, of a picture."""
HOW = {"Image": "opennsfw", "Text": "words:FILE"}


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a tagger said of one item, as a workflow names it.

    ``shown`` are the outputs in order, as a job shows them: scores with three decimals, ``"True"`` or ``"False"``.
    ``tags`` are the tagger's tags by short code, ``extra`` its own metadata.
    """

    shown: Pairs
    tags: Pairs
    extra: Pairs

    def find(self, name: str, team_tags: TagSet) -> str:
        """The output of that name in any case; a tag goes by its short code and by the name that the team gave it.

        Raises
        ------
        BadRequest
            There is no such output; the message names those there are.
        """
        known = {key.lower(): value for key, value in (*self.extra, *self.tags, *self.shown)}
        for code, value in self.tags:
            if code in team_tags:
                known.setdefault(team_tags[code].name.lower(), value)
        if name.lower() in known:
            return known[name.lower()]
        raise BadRequest(f"the tagger gives no {name!r}; it gives {', '.join(sorted(known)) or 'nothing'}")


def require_tagger(taggers: Mapping[str, Tagger], type: str) -> Tagger:
    """The tagger of that type.

    Raises
    ------
    NoTagger
        There is none; the message says how to set one up.
    """
    if type in taggers:
        return taggers[type]
    how = HOW.get(type, "package.module:object")
    raise NoTagger(
        f"this service has no tagger for {type.lower()}s: start it with cm.serve(tagger={how!r}), "
        f"cmtools serve --tagger {how}, or CMTOOLS_TAGGER={how}"
    )


def ask(tagger: Tagger, item: bytes | str, thresholds: Mapping[str, float]) -> Tagging:
    """What the tagger says of a picture's bytes, or of a text, held to a team's thresholds.

    Parameters
    ----------
    tagger : Tagger
    item : bytes or str
    thresholds : mapping of short code to float
        The team's own, as of `TagSet.thresholds`; of a tag without one the tagger's word counts.

    Raises
    ------
    BadRequest
        It cannot tag this one; the message is its own. Or a score of its is no number from 0 to 1.
    TaggerFailed
        It broke off.
    """
    problem: CmtoolsError
    try:
        said = tagger([item])[0]
    except BadTagger as error:  # of one item, a key that was refused is an error like another
        problem = _refused(tagger, error.message)
    except CmtoolsError:
        raise
    except Exception as error:  # somebody else's code runs here
        log.exception("the tagger %r failed", tagger.name)
        kind = type(error).__name__  # its text may hold what nobody else is to see
        problem = TaggerFailed(f"the tagger {tagger.name!r} failed ({kind}); the service's log has more")
    else:
        if said.error is None:
            return held_to(said, thresholds)
        problem = _refused(tagger, said.error)
    raise problem


def held_to(said: Tagging, thresholds: Mapping[str, float]) -> Tagging:
    """A tagger's answer under a team's thresholds: a tag that has both score and threshold is true from there on.

    So is one of which the tagger gave a score alone. Metadata then tells the threshold that held, first of all, as
    ``<short code>.threshold``; whoever looks at decisions later knows which one it was at the time.

    Examples
    --------
    >>> held_to(Tagging({"a": False}, {"a": 0.7, "r": 0.1}), {"a": 0.65})
    Tagging(tags={'a': True}, scores={'a': 0.7, 'r': 0.1}, metadata=(('a.threshold', '0.65'),), terms=(), error=None)
    """
    limits, spelt = _by_code(thresholds), {code.lower(): code for code in said.tags}
    held = {code: limits[code.lower()] for code in said.scores if code.lower() in limits}
    tags = {spelt.get(code.lower(), code): said.scores[code] >= limit for code, limit in held.items()}
    told = tuple((code + THRESHOLD_SUFFIX, str(limit)) for code, limit in held.items())
    return replace(said, tags={**said.tags, **tags}, metadata=(*told, *said.metadata))


def _refused(tagger: Tagger, because: str) -> BadRequest:
    return BadRequest(f"the tagger {tagger.name!r} cannot tag this: {because}")


def outputs(said: Tagging, type: str) -> Outputs:
    """A tagger's answer under the names that workflows know."""
    return Outputs(_picture(said) if type == "Image" else _text(said), _tags(said), tuple(said.metadata))


def check_picture(data: bytes) -> PictureFacts:
    """What a picture is, or `BadPicture` unless it is one that the vendor's limits let through."""
    if len(data) > MOST_BYTES:
        raise BadPicture(f"the picture has {len(data) / 2**20:.1f} MB; the most is 4 MB")
    facts = decoding.inspect_picture(data)
    if min(facts.width, facts.height) < LEAST_SIDE:
        raise BadPicture(f"the picture has {facts.width} x {facts.height} pixels; the least is {LEAST_SIDE} a side")
    return facts


def check_text(text: str) -> str:
    """The text, or `BadRequest` unless it is one that the vendor's limits let through."""
    if not text.strip():
        raise BadRequest("the text is empty")
    if len(text) > MOST_CHARACTERS:
        raise BadRequest(f"the text has {len(text):,} characters; the most is {MOST_CHARACTERS:,}")
    return text


def read_text(data: bytes) -> str:
    """The text that bytes are, or `BadRequest` where they are no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the text is no UTF-8 (byte {error.start})") from None


def _picture(said: Tagging) -> Pairs:
    scores, tags = _by_code(said.scores), _by_code(said.tags)
    found: list[tuple[str, str]] = []
    for code, (score, flag) in VENDOR_NAMES.items():
        found += [(score, f"{scores[code]:.3f}")] if code in scores else []
        found += [(flag, write_bool(tags[code]))] if code in tags else []
    return (*found, *_scores({code: value for code, value in said.scores.items() if code.lower() not in VENDOR_NAMES}))


def _text(said: Tagging) -> Pairs:
    rude = bool(said.terms) or any(said.tags.values())
    terms = json.dumps(write_found_terms(said.terms), ensure_ascii=False)
    return (("text.HasProfanity", write_bool(rude)), ("matchTerms", terms), *_scores(said.scores))


def _scores(scores: Mapping[str, float]) -> Pairs:
    return tuple((f"{code}.score", f"{value:.3f}") for code, value in scores.items())


def _tags(said: Tagging) -> Pairs:
    return tuple((code, write_bool(on)) for code, on in said.tags.items())


def _by_code(values: Mapping[str, T]) -> dict[str, T]:
    return {code.lower(): value for code, value in values.items()}
