"""Tries a call again while that is worth it, and stops calling where it is not. It reads no answer's body."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ..outgoing.outbound import Answer, NotCalled, Refused, Unanswered
from ..outgoing.waiting import read_retry_after

MOST_TRIES = 6
MOST_WAIT_SECONDS = 60.0
"""How long the waits between the tries of one call may be in all."""
FAILURES_IN_A_ROW = 3
"""So many calls that were tried to the end and got nothing: then nobody is at home."""
SHUT_SECONDS = 60.0
"""How long nothing is called after that, or after a key was refused."""
WORTH_ANOTHER_TRY = frozenset({408, 429, 500, 502, 503, 504, 529})

Pause = Callable[[float], object]
"""Waits so many seconds."""


def worth_another_try(answer: Answer) -> bool:
    """Whether an answer of that status may be another one later."""
    return answer.status in WORTH_ANOTHER_TRY


class CallError(Exception):
    """A call that gave no answer to its items.

    Attributes
    ----------
    each_alone : bool
        Whether one of several items may be at fault, so that it is worth asking about each alone.
    """

    def __init__(self, message: str, *, each_alone: bool = True) -> None:
        super().__init__(message)
        self.each_alone = each_alone


class Patience:
    """Sends a call until it is answered, with waits that grow and are as long as the other side asks.

    What is worth another try is an answer of 408, 429 or 5xx, a time-out, and an address at which nobody answers. It is
    shared by all calls of one tagger, on all threads: where one is asked to wait, the others wait too, and where a key
    is refused or nobody has answered for a while, the others are not sent.

    Parameters
    ----------
    now : callable
        The time, as an aware datetime.
    sleep : callable, optional
        Waits so many seconds. Left out, what `answer` is given does.
    most_wait_seconds : float
        How long the waits of one call may be in all. A longer rest that is asked for ends the call at once.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Pause | None = None,
        most_wait_seconds: float = MOST_WAIT_SECONDS,
    ) -> None:
        self._now, self._sleep, self._most_wait_seconds = now, sleep, most_wait_seconds
        self._lock = threading.Lock()
        self._quiet_until = self._shut_until = datetime.min.replace(tzinfo=UTC)
        self._shut_because = ""
        self._failures = 0

    @property
    def shut_because(self) -> str:
        """Why nothing is sent for now, or was not sent when last that was so; blank if it never was."""
        return self._shut_because

    def answer(
        self,
        send: Callable[[], Answer],
        pause: Pause,
        *,
        again: Callable[[Answer], bool] = worth_another_try,
        reason: Callable[[Answer], str] = lambda _answer: "",
    ) -> Answer:
        """What the call is answered in the end, good or bad.

        Parameters
        ----------
        send : callable
            Asks once.
        pause : callable
            Waits, where no ``sleep`` was given.
        again : callable
            Whether an answer is worth another try.
        reason : callable
            What an answer says of why it is no good one, to stand behind its status.

        Raises
        ------
        CallError
            It was not answered, or is not to be sent at all for now; the message says why.
        """
        waited, said = 0.0, ""
        got: Answer | str = Answer(429, {}, b"")  # stands for the rest that was asked for on another thread
        for tries in range(MOST_TRIES):
            self._check()
            wait = self._rest(2.0 ** (tries - 1) if tries else 0.0)
            if waited + wait > self._most_wait_seconds:
                raise self._given_up(got, f"{said}; the next try would have to wait {wait:.0f} seconds")
            if wait:
                (self._sleep or pause)(wait)
                waited += wait
            got = self._sent(send)
            if isinstance(got, Answer) and not again(got):
                self._failures = 0
                return got
            said = reason(got) if isinstance(got, Answer) else ""
        raise self._given_up(got, f"{said}, {MOST_TRIES} times")

    def shut(self, because: str) -> CallError:
        """Send nothing for `SHUT_SECONDS`, for a reason that holds for every call; the error to raise."""
        with self._lock:
            self._shut_because = because
            self._shut_until = self._now() + timedelta(seconds=SHUT_SECONDS)
            self._failures = 0
        return CallError(because, each_alone=False)

    def _check(self) -> None:
        if self._now() < self._shut_until:
            raise CallError(self._shut_because, each_alone=False)

    def _sent(self, send: Callable[[], Answer]) -> Answer | str:
        """The answer, or why there is none; when it asks for a rest, all calls are told."""
        try:
            answer = send()
        except NotCalled:
            hint = "; a host inside your network must stand in CMTOOLS_ALLOWED_HOSTS with its port"
            problem = self.shut(f"its endpoint is not an address to call{hint}")
        except Unanswered as error:
            return error.message
        except Refused as error:
            problem = CallError(error.message)
        else:
            now = self._now()
            if asked := read_retry_after(answer.headers.get("retry-after", ""), now):
                with self._lock:
                    self._quiet_until = max(self._quiet_until, now + timedelta(seconds=asked))
            return answer
        raise problem

    def _rest(self, least: float) -> float:
        """How long to wait before the next try."""
        return max(least, (self._quiet_until - self._now()).total_seconds())

    def _given_up(self, got: Answer | str, why: str) -> CallError:
        because = (f"it answered {got.status}" if isinstance(got, Answer) else got) + why
        with self._lock:
            self._failures += 1
            in_a_row = self._failures
        if in_a_row >= FAILURES_IN_A_ROW:
            return self.shut(f"{because}. After {in_a_row} such calls nothing is sent for {SHUT_SECONDS:.0f} seconds")
        return CallError(because, each_alone=isinstance(got, Answer) and got.status != 429)
