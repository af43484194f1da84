"""What all taggers of clouds do alike: prepare items, call a few at once, read answers item by item. It knows no cloud.

What leaves this machine
------------------------
Pictures and texts are sent to the cloud as they are, pictures with what their files say of place and camera; only one
that is over the cloud's limits is sent as a smaller JPEG, without that. Addresses are refused: nothing is fetched.

Scores
------
Every score is in [0, 1] and a tag is true from its threshold on. What a cloud's own scale is, and how it becomes a
score, stands in the table of each tagger. Where it is called *ordinal*, more is worse and no more is said: 0.67 is no
probability of two in three. The raw values stand in metadata. A category that an answer leaves out leaves its tag
silent.

Errors
------
An error costs the one item that it is about; so does an answer that says nothing of it. A refused key, a quota that is
used up, a wrong endpoint or a cloud that is away is no item's fault: then nothing more is sent for a minute, and every
item gets the same error. Where that is so before anything was answered, being called with items raises it, once.

What a cloud says may hold the key that it was sent. All of it that is kept, in errors, metadata, versions and terms,
goes through `Cloud.without_secrets` here, in one place.
"""

from __future__ import annotations

import json
import logging
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

from ..errors import BadPicture, BadTagger
from ..model import Pairs
from ..outgoing.outbound import Answer
from .asking import Raised
from .base import TYPES, Item, Tagger
from .patience import CallError, Patience, Pause, worth_another_try
from .shrink import Room, fitted
from .tagging import Tagging, clamped
from .threads import side_by_side

CALLS_AT_ONCE = 4
REFUSES_KEY = frozenset({401, 403})
NO_SUCH_PLACE = frozenset({301, 302, 303, 307, 308, 404, 405})
MOST_OF_A_REASON = 200
"""Characters of what a cloud says of an error that are told."""
log = logging.getLogger(__name__)


def share(value: float) -> float:
    """A number from 0 to 1, what rounding added or took put back, or `ValueError`.

    Examples
    --------
    >>> share(1), share(1.0000001)
    (1.0, 1.0)
    """
    kept = None if isinstance(value, bool) else clamped(value)
    if kept is None:
        raise ValueError(f"{value} is not from 0 to 1")
    return kept


def highest(said: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Each name with its highest number, for a cloud may say something of a name, or of a tag, more than once.

    Examples
    --------
    >>> highest([("a", 6), ("vi", 2), ("a", 0)])
    {'a': 6, 'vi': 2}
    """
    found: dict[str, float] = {}
    for name, value in said:
        found[name] = max(found.get(name, value), value)
    return found


class Cloud(Tagger):
    """A tagger that asks a service on the network.

    Parameters
    ----------
    type : str
        ``"Image"`` or ``"Text"``, where the cloud has both.
    thresholds : dict of short code to float, optional
        From which score on a tag is true.
    patience : Patience, optional
        How long and how often to try.

    Raises
    ------
    BadTagger
        There is no such type, or a threshold is wrong.
    """

    room: ClassVar[Room]
    most_characters: ClassVar[int]
    of_type: ClassVar[Mapping[str, Mapping[str, float]]]
    """By type, the default thresholds; a type that is not named is not tagged."""
    per_call: ClassVar[Mapping[str, tuple[int, int]]] = MappingProxyType({})
    """By type, how many items and how many bytes one call takes; one item where nothing is said."""
    batch_size = 4 * CALLS_AT_ONCE  # that is how many pictures are in memory

    def __init__(
        self,
        *,
        type: str = "",
        thresholds: Mapping[str, float] | None = None,
        patience: Patience | None = None,
    ) -> None:
        types = {name.lower(): name for name in TYPES if name in self.of_type}
        chosen = types.get((type or next(iter(types))).lower())
        if chosen is None:
            raise BadTagger(f"{self.name} tags {' and '.join(types.values())}, not {type!r}")
        self.type = chosen
        self.default_thresholds = self.of_type[chosen]
        super().__init__(thresholds=thresholds)
        self.patience = patience or Patience()
        if chosen == "Text":
            self.batch_size = 4 * CALLS_AT_ONCE * self.per_call.get(chosen, (1, 0))[0]

    @classmethod
    def from_setting(cls, argument: str) -> Self:
        """From the name alone or ``name:text``, ``name:image``; all else is in the environment."""
        return cls(type=argument)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(type={self.type!r})"

    @property
    @abstractmethod
    def version(self) -> str:
        """Of what is asked, where an answer does not say."""

    @abstractmethod
    def send(self, items: Sequence[bytes | str]) -> Answer:
        """Ask about items in one call; `Refused` when there is no answer."""

    @abstractmethod
    def read_answer(self, data: Any) -> Iterable[Tagging]:
        """What an answer says, one for each item that was sent.

        What it raises on an answer of another shape than documented (`KeyError`, `TypeError` ...) is told as that.
        """

    def refuses_key(self, answer: Answer) -> bool:
        """Whether an answer means that the key is not, or no longer, one."""
        return answer.status in REFUSES_KEY

    def worth_another_try(self, answer: Answer) -> bool:
        """Whether an answer may be another one later."""
        return worth_another_try(answer)

    @abstractmethod
    def without_secrets(self, text: str) -> str:
        """What a cloud says, without anything secret that it was sent: fit to be shown."""

    def tag(self, items: Sequence[bytes | str]) -> list[Tagging]:
        """One answer per item, in order; see `Tagger.tag`."""
        ready = side_by_side(lambda item, _pause: self._prepared(item), items, CALLS_AT_ONCE)
        answers = {place: said for place, said in enumerate(ready) if isinstance(said, Tagging)}
        calls = list(self._calls({place: item for place, item in enumerate(ready) if not isinstance(item, Tagging)}))
        said = side_by_side(lambda call, pause: self._asked(list(call.values()), pause), calls, CALLS_AT_ONCE)
        for call, found in zip(calls, said, strict=True):
            answers.update(zip(call, found, strict=True))
        return [answers[place] for place in range(len(items))]

    def tagging(self, scores: Mapping[str, float], raw: Iterable[tuple[str, object]], version: str = "") -> Tagging:
        """An answer with a score for each tag that the cloud said something of.

        Raises
        ------
        ValueError
            When a score is not from 0 to 1.
        """
        checked = {code: share(score) for code, score in scores.items()}
        named: Pairs = tuple((f"{self.name}.{key}", str(value)) for key, value in raw)
        about = ("tagger", f"{self.name} {(version or self.version).replace(' ', '_')}")
        return Tagging(
            {code: score >= self.thresholds[code] for code, score in checked.items()}, checked, (about, *named)
        )

    def _answers(self, items: Sequence[Item]) -> tuple[list[Tagging], Raised | None, bool]:
        """As of `Tagger`; that nothing is sent for now is what was raised, unless something was answered."""
        taggings, raised, _ = super()._answers(items)
        shut = self._shown(Tagging(error=f"{self.name}: {self.patience.shut_because}")).error or ""
        answered = any(said.error is None for said in taggings)
        if raised is None and not answered and any(said.error == shut for said in taggings):
            raised = Raised(BadTagger(shut))
        return taggings, raised, answered

    def _prepared(self, item: bytes | str) -> bytes | str | Tagging:
        """What is sent for an item, or the answer for one that cannot be."""
        if self.type == "Text":
            if not isinstance(item, str):
                return Tagging(error="it is no text")
            if not item.strip():
                return Tagging(error="the text is empty")
            if len(item) > self.most_characters:
                return Tagging(error=f"it has {len(item):,} characters; the most is {self.most_characters:,}")
            return item.encode("utf-8", "replace").decode()  # half a character of UTF-16 cannot be sent
        if isinstance(item, str):
            return Tagging(error="it is a text or an address; this tagger takes the bytes of a picture")
        try:
            return fitted(item, self.room)
        except BadPicture as error:
            return Tagging(error=error.message)

    def _calls(self, ready: Mapping[int, bytes | str]) -> Iterator[dict[int, bytes | str]]:
        """The items by place, in groups that one call takes."""
        most, most_bytes = self.per_call.get(self.type, (1, 0))
        group: dict[int, bytes | str] = {}
        size = 0
        for place, item in ready.items():
            length = len(item.encode()) if isinstance(item, str) else len(item)
            if group and (len(group) == most or size + length > most_bytes):
                yield group
                group, size = {}, 0
            group[place] = item
            size += length
        if group:
            yield group

    def _asked(self, items: list[bytes | str], pause: Pause) -> list[Tagging]:
        """The answers for what one call asks about; where one item may be at fault, each is asked about alone."""
        try:
            answer = self.patience.answer(
                lambda: self.send(items), pause, again=self.worth_another_try, reason=self._reason
            )
            return [self._shown(said) for said in self._read(answer, len(items))]
        except CallError as error:
            if len(items) == 1 or not error.each_alone:
                return [self._shown(Tagging(error=f"{self.name}: {error}"))] * len(items)
        return [said for item in items for said in self._asked([item], pause)]

    def _shown(self, said: Tagging) -> Tagging:
        """What was said of an item, without secrets, or an error where it is nothing."""
        clean = self.without_secrets
        if said.error is not None:
            return Tagging(error=" ".join(clean(said.error).split()))
        if not (said.tags or said.scores):
            return Tagging(error=f"{self.name}: its answer said nothing of it")
        terms = tuple(replace(term, term=clean(term.term), spelling=clean(term.spelling)) for term in said.terms)
        return replace(said, metadata=tuple((clean(key), clean(value)) for key, value in said.metadata), terms=terms)

    def _read(self, answer: Answer, count: int) -> list[Tagging]:
        if self.refuses_key(answer):
            code = self._reason(answer, ("code", "Code", "status"))  # messages may show parts of the key
            raise self.shut(f"the key was refused with {answer.status}{code}; set one that may do this")
        if answer.status in NO_SUCH_PLACE:
            raise self.shut(f"its endpoint answered {answer.status}{self._reason(answer)}; is it the right one?")
        if answer.status == 429:  # and yet not worth another try
            raise self.shut(f"it answered 429{self._reason(answer)}; see to the account")
        if not 200 <= answer.status < 300:
            raise CallError(f"it answered {answer.status}{self._reason(answer)}")
        try:
            said = list(self.read_answer(json.loads(answer.body)))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
            kind = self.without_secrets(answer.headers.get("content-type", "no content type"))[:50]
            problem = f"its answer is not as documented ({type(error).__name__}, {kind})"
        else:
            if len(said) == count:
                return said
            problem = f"it answered about {len(said)} items and was asked about {count}"
        raise CallError(problem)

    def shut(self, because: str) -> CallError:
        """Send nothing for a while, for a reason that holds for every call; the error to raise."""
        because = self.without_secrets(because)
        log.warning("%s: %s", self.name, because)
        return self.patience.shut(because)

    def _reason(self, answer: Answer, keys: Sequence[str] = ("code", "Code", "status", "message", "Message")) -> str:
        """What a cloud says of an error, in the few shapes that they have for it."""
        try:
            data = json.loads(answer.body)
            told = next((data[key] for key in ("error", "Error") if key in data), data)
            words = [told.get(key) for key in keys]
        except (ValueError, TypeError, AttributeError, RecursionError):
            return ""
        text = ": ".join(word for word in words if isinstance(word, str) and word)
        text = " ".join(self.without_secrets(text).split())
        return f" ({text[:MOST_OF_A_REASON]})" if text else ""
