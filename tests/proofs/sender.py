"""A service process that a proof may kill: `cmtools serve`, but half a second between tries, and short claims.

Three days of back-off have tests of their own, with a clock that they move; a proof waits for real.
"""

from __future__ import annotations

import sys

from cmtools.service import callbacks, retries
from cmtools.service.server import run
from cmtools.service.settings import Settings

TRIES = 200


def main() -> None:
    """Serve with the settings of the environment until killed."""
    retries.WAITS_SECONDS = (0.5,) * TRIES
    callbacks.CONNECT_SECONDS = callbacks.CLAIM_MARGIN_SECONDS = 1.0
    run(Settings(), ready=lambda url, made: sys.stdout.flush())


if __name__ == "__main__":
    main()
