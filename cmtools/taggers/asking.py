"""Asks about many items: batch by batch, a few at once, and one by one where a batch raised. It reads no answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from ..errors import BadPicture, BadTagger, CmtoolsError

MOST_OF_A_REASON = 300
"""Characters of an exception's text that are told."""

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Raised:
    """What asking about one item raised; it stands in the place of an answer.

    Examples
    --------
    >>> Raised(KeyError("nsfw")).reason
    "the tagger failed: KeyError: 'nsfw'"
    """

    error: Exception

    @property
    def reason(self) -> str:
        """The error in one line."""
        if isinstance(self.error, BadPicture):
            return self.error.message
        text = " ".join(str(self.error).split())
        text = text[:MOST_OF_A_REASON] + "…" if len(text) > MOST_OF_A_REASON else text
        return f"the tagger failed: {type(self.error).__name__}" + (f": {text}" if text else "")


def ask(call: Callable[[list[In]], Sequence[Out]], items: list[In]) -> list[Out | Raised]:
    """What a call answers to the items; when it raises, it is asked again, one by one, so that one item costs itself.

    Errors of cmtools go through, for they say that the tagger is set up wrongly or cannot be reached; not so
    `BadPicture`, which says that an item is bad.

    Parameters
    ----------
    call : callable
        Takes a list of items. How many answers it gives is not looked at where it raises nothing.
    items : list
        What to ask about.

    Examples
    --------
    >>> ask(lambda numbers: [1 / number for number in numbers], [1, 0, 2])
    [1.0, Raised(error=ZeroDivisionError('division by zero')), 0.5]
    """
    try:
        return list(call(items))
    except Exception as error:  # a model's own code runs here
        if isinstance(error, CmtoolsError) and not isinstance(error, BadPicture):
            raise
        if len(items) == 1:
            return [Raised(error)]
    return [answer for item in items for answer in ask(call, [item])]


def in_a_list(answers: object, must: str) -> list[object]:
    """What a tagger returned as a list.

    Raises
    ------
    BadTagger
        It is none: nothing, one answer alone, or a coroutine, which nobody waits for. The message begins with what the
        tagger ``must`` do.

    Examples
    --------
    >>> in_a_list(None, "it must return a list")
    Traceback (most recent call last):
    cmtools.errors.BadTagger: it must return a list, and returned None
    """
    if isinstance(answers, Coroutine):
        answers.close()  # else Python warns that it was never awaited
        raise BadTagger(f"{must}, and returned a coroutine: write def, not async def, or call asyncio.run in it")
    if isinstance(answers, str | bytes | Mapping) or not isinstance(answers, Iterable):
        raise BadTagger(f"{must}, and returned {' '.join(repr(answers).split())[:MOST_OF_A_REASON]}")
    return list(answers)


def at_once(call: Callable[[In], Out], items: Iterable[In], workers: int) -> Iterator[Out]:
    """``map(call, items)``, of which some are worked on at the same time, each on a thread. The order is kept.

    With one worker all is done on the caller's own thread. With more, one item beyond those in work is waiting, and no
    result but those: whatever the number of items, memory stays flat. When the caller stops, by an interrupt say, what
    has not begun is dropped and what has is waited for.

    Examples
    --------
    >>> list(at_once(abs, [-1, 2, -3], workers=2))
    [1, 2, 3]
    """
    if workers == 1:
        yield from map(call, items)
        return
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Out]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
