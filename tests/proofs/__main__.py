"""``make proofs``: the big proofs, each by its name with its own arguments; without a name, all of them."""

from __future__ import annotations

import sys
from importlib import import_module

PROOFS = ("deliveries", "state_machine", "racing", "kills", "syncs")
"""Files of this folder, each with a ``main(*arguments) -> int``."""


def main(name: str | None = None, *arguments: str) -> int:
    """Run one proof or all; 0 when nothing is wrong."""
    if name is not None and name not in PROOFS:
        print(f"there is no proof {name!r}; there are {', '.join(PROOFS)}")
        return 2
    chosen = PROOFS if name is None else (name,)
    return max(import_module(f"{__package__}.{each}").main(*arguments) for each in chosen)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
