"""What a store promises: reads see committed data, a write returns only after its commit. It knows no rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")


class Store(Protocol):
    """A database that runs pieces of work.

    A piece of work is a function of a `Connection`. It may run more than once (after a deadlock, say), so it touches
    nothing but the connection. What it raises undoes what it did and reaches the caller.
    """

    name: str
    """The kind, as ``/health`` shows it: ``sqlite`` or ``postgresql``."""

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run work that changes nothing, beside writers."""
        ...

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run work in a transaction; when this returns, a power cut cannot take it back."""
        ...

    def waiting(self) -> int:
        """How many pieces of work wait for a turn to write in this process."""
        ...

    def close(self) -> None:
        """Finish what was accepted and let go of the database."""
        ...
