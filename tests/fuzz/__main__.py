"""``make fuzz``: many generated requests, said as they go.

The arguments are how many random ones each operation gets, and ``sqlite`` or ``postgresql``.
"""

from __future__ import annotations

import sys

from tests.tools import postgres

from .campaign import campaign
from .world import world

LEAST = 10_000


def main(examples: int, kind: str = "sqlite") -> int:
    """Run the campaign; 0 when nothing was found and at least `LEAST` requests were judged."""
    database = postgres.fresh_database() if kind == "postgresql" else None
    try:
        with world(database) as service:
            outcome = campaign(service, examples, shown=True)
    finally:
        if database:
            postgres.drop_database(database)
    print(f"{outcome.generated:,} requests generated and judged")
    return outcome.code or int(outcome.generated < LEAST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
