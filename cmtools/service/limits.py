"""How often a key may ask, and an address come with keys that nobody has. It keeps counts, and no key."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import math
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ..errors import BadRequest, RateLimited
from .settings import Settings

if TYPE_CHECKING:
    from limits import RateLimitItem

MOST_KNOWN = 10_000
"""So many keys that were right of late are remembered, as digests."""
log = logging.getLogger(__name__)


class Limits:
    """The limits of one service process, which several share where the settings name a storage outside.

    An address over its limit is refused with any key but those that were right here before: so guessing ends, and
    whoever shares the address with the guesser goes on.

    Examples
    --------
    >>> limits = Limits(Settings(rate_limit="1/hour"))
    >>> limits.count("key 1", "secret")
    >>> limits.count("key 1", "secret")
    Traceback (most recent call last):
    cmtools.errors.RateLimited: this key may ask 1 per 1 hour: wait ... s, then try again
    """

    def __init__(self, settings: Settings) -> None:
        self._of_key = _read(settings.rate_limit, "CMTOOLS_RATE_LIMIT")
        self._of_failures = _read(settings.failed_keys_limit, "CMTOOLS_FAILED_KEYS_LIMIT")
        self._counter: Any = _counter(settings.rate_limit_storage) if self._of_key or self._of_failures else None
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def look_at(self, address: str, key: str) -> None:
        """Raise `RateLimited` for an address that tried too many keys, unless this one was right of late."""
        if self._of_failures and not self._was_right(key):
            for limit in self._of_failures:
                if not self._free(limit, _network(address)):
                    wait = self._wait(limit, _network(address))
                    said = f"too many unknown keys came from this address: wait {wait} s, and check CMTOOLS_KEY"
                    raise RateLimited(said, retry_after=wait)

    def failed(self, address: str, key: str) -> None:
        """Note that an address came with a key that is not known."""
        if self._of_failures:
            with self._lock:
                self._right.pop(_digest(key), None)
            for limit in self._of_failures:
                self._hit(limit, _network(address))

    def count(self, key_id: str, key: str) -> None:
        """Count a request of a key that is right; raise `RateLimited` when there were too many."""
        if self._of_failures:
            self._remember(key)
        for limit in self._of_key:
            if not self._hit(limit, key_id):
                wait = self._wait(limit, key_id)
                raise RateLimited(f"this key may ask {limit}: wait {wait} s, then try again", retry_after=wait)

    def _hit(self, limit: RateLimitItem, who: str) -> bool:
        return self._asked(self._counter.hit, limit, who)

    def _free(self, limit: RateLimitItem, who: str) -> bool:
        return self._asked(self._counter.test, limit, who)

    def _asked(self, question: Any, limit: RateLimitItem, who: str) -> bool:
        """What the storage says; while it does not answer, nobody is refused."""
        from limits.errors import StorageError

        try:
            return bool(question(limit, who))
        except StorageError:
            log.warning("the storage of the limits (CMTOOLS_RATE_LIMIT_STORAGE) does not answer; nobody is limited")
            return True

    def _wait(self, limit: RateLimitItem, who: str) -> int:
        """Whole seconds until it is worth another try."""
        reset: float = self._counter.get_window_stats(limit, who).reset_time
        return max(1, math.ceil(reset - time.time()))

    def _was_right(self, key: str) -> bool:
        with self._lock:
            return _digest(key) in self._right

    def _remember(self, key: str) -> None:
        digest = _digest(key)
        with self._lock:
            self._right[digest] = None
            self._right.move_to_end(digest)
            while len(self._right) > MOST_KNOWN:
                self._right.popitem(last=False)


def _read(text: str, variable: str) -> list[RateLimitItem]:
    if not text.strip():
        return []
    from limits import parse_many

    try:
        return parse_many(text)
    except ValueError:
        raise BadRequest(f'{variable} is {text!r}; it must look like "600/minute" or "20/second; 5000/hour"') from None


def _counter(storage: str) -> Any:
    from limits import storage as storages
    from limits.errors import ConfigurationError
    from limits.strategies import SlidingWindowCounterRateLimiter

    try:
        opened: Any = storages.storage_from_string(storage, wrap_exceptions=True)
        return SlidingWindowCounterRateLimiter(opened)
    except (ConfigurationError, NotImplementedError, ValueError) as error:
        reason = type(error).__name__  # what the library says may quote the address, with a password in it
        raise BadRequest(
            f"CMTOOLS_RATE_LIMIT_STORAGE cannot be used ({reason}): it is memory:// or redis://host:port with the "
            "package redis"
        ) from None


def _network(address: str) -> str:
    """Whom an address stands for: of IPv6, where one household has many, the network."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="replace")).digest()
