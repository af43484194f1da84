"""What a reviewer looks for on the screen: words, tags, scores, metadata, read from one line. It asks no service."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from ..errors import BadRequest
from ..model import Review
from .screen import Item

Test = Callable[[Item], bool]

TERMS = re.compile(r'(-?)(?:([\w.\-]+?)(>=|<=|>|<|=|:))?(?:"([^"]*)"|(\S+))')
"""A term: a minus, a name with a sign, and a word or a quoted phrase."""

COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
ANY_SCORE = "score"


def matching(items: Iterable[Item], words: str, codes: Collection[str]) -> list[str]:
    """The ids of the reviews that every term of a line holds for.

    ``word`` is in the name, id, text, address, subteam or metadata, whatever the case; ``"two words"`` stand together;
    ``key:value`` is in metadata of that key; ``tag:a`` says that a is on now; ``a>0.5`` compares the score of a, and
    ``score>0.5`` any score; ``-`` before a term turns it round.

    Raises
    ------
    BadRequest
        A term cannot be understood; the message says which, and what would do.
    """
    tests = terms(words, codes)
    return [item.review.id for item in items if all(test(item) for test in tests)]


def terms(words: str, codes: Collection[str]) -> list[Test]:
    """Each term of a line as a test of an item."""
    found = []
    for minus, name, sign, phrase, word in TERMS.findall(words):
        test = _term(name, sign, phrase or word, codes)
        found.append(_not(test) if minus else test)
    return found


def _not(test: Test) -> Test:
    return lambda item: not test(item)


def _term(name: str, sign: str, value: str, codes: Collection[str]) -> Test:
    if not sign:
        return _word(value)
    if sign == ":":
        return _tag(value, codes) if name == "tag" else _metadata(name, value)
    if name == ANY_SCORE or name in codes:
        return _score(name, sign, value)
    known = ", ".join([ANY_SCORE, *codes])
    raise BadRequest(f"{name}{sign}{value}: there is no score of {name!r}; compare one of {known}")


def _word(value: str) -> Test:
    wanted = value.casefold()
    return lambda item: any(wanted in text.casefold() for text in _texts(item.review))


def _texts(review: Review) -> Sequence[str]:
    return (review.content_id, review.id, review.content, review.subteam, *(text for _, text in review.metadata))


def _tag(code: str, codes: Collection[str]) -> Test:
    if code not in codes:
        raise BadRequest(f"there is no tag {code!r}; reviewers see {', '.join(codes)}")
    return lambda item: item.tags.get(code, False)


def _metadata(key: str, value: str) -> Test:
    name, wanted = key.casefold(), value.casefold()
    return lambda item: any(
        each.casefold() == name and wanted in text.casefold() for each, text in item.review.metadata
    )


def _score(name: str, sign: str, value: str) -> Test:
    try:
        limit = float(value)
    except ValueError:
        raise BadRequest(f"{name}{sign}{value}: compare with a number, as in {name}{sign}0.5") from None
    compare = COMPARES[sign]

    def test(item: Item) -> bool:
        scores = item.review.scores
        given = scores.values() if name == ANY_SCORE else [scores[name]] if name in scores else []
        return any(compare(score, limit) for score in given)

    return test
