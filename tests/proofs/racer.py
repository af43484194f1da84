"""One reviewer of the race: takes reviews and gives them back, decides and takes back, or forgets them; notes it all.

Run as a process of its own, which the race may kill: ``python -m tests.proofs.racer URL NAME COUNT SEED FILE``. A line
of the file is a lease: its id, when it came, when it was given up (empty: never), when it ends by itself, its reviews.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time

from cmtools.client.client import Client
from cmtools.errors import CmtoolsError, LeaseLost
from cmtools.model import Lease


def main(url: str, name: str, count: str, seed: str, path: str) -> None:
    """Check out so many times, whatever happens to the service meanwhile."""
    chance = random.Random(int(seed))
    client = Client(url, key=os.environ["CMTOOLS_KEY"], team="demo", reviewer=name, timeout=10)
    done = 0
    with open(path, "a", buffering=1, encoding="utf-8") as log:
        while done < int(count):
            try:
                lease = client.checkout(chance.randint(1, 5), order=chance.choice(["oldest", "random"]))
            except CmtoolsError:
                time.sleep(0.05)  # the service was killed, and comes back
                continue
            done += 1
            came = time.time()
            note(log, lease, came, None)  # at once: this process may be killed before it gives the lease up
            if chance.random() > 0.03:
                given_up = time.time()
                note(log, lease, came, given_up)
                give_up(client, lease, chance)


def note(log: object, lease: Lease, came: float, given_up: float | None) -> None:
    """One line; the last one of a lease counts."""
    if lease.id:
        ids = [review.id for review in lease.reviews]
        line = [lease.id, came, given_up, lease.expires_at.timestamp(), ids]
        print(json.dumps(line), file=log)  # type: ignore[arg-type]


def give_up(client: Client, lease: Lease, chance: random.Random) -> None:
    """Release, now and then after deciding and taking the decision back."""
    try:
        if lease.id and chance.random() < 0.1:
            sent = client.submit(lease, {review.id: {} for review in lease.reviews})
            lease = client.undo(sent)
        client.release(lease)
    except LeaseLost:
        pass  # it took too long, and somebody else has them now
    except CmtoolsError:
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
