"""``make fuzz``: many generated requests, said as they go. The argument is how many an operation gets in each phase."""

from __future__ import annotations

import sys

from .campaign import campaign
from .world import world

LEAST = 10_000


def main(examples: int) -> int:
    """Run the campaign; 0 when nothing was found and at least `LEAST` requests were judged."""
    with world() as service:
        outcome = campaign(service, examples, shown=True)
    print(f"{outcome.generated:,} requests generated and judged")
    return outcome.code or int(outcome.generated < LEAST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
