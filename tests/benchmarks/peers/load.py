"""One client of a service, as quick as plain sockets allow: sends what it is told, and says how long that took.

It needs the standard library alone. A JSON line on standard input names ``host``, ``port``, ``headers`` and
``requests``, each ``[method, path, body, more headers]``. When it is connected it prints a line; at the next line that
it reads it begins.
"""

from __future__ import annotations

import http.client
import json
import sys
import time


def main() -> None:
    """Prepare, wait for the word, send everything, tell."""
    told = json.loads(sys.stdin.readline())
    requests = [
        (method, path, None if body is None else json.dumps(body).encode(), {**told["headers"], **more})
        for method, path, body, more in told["requests"]
    ]
    connection = http.client.HTTPConnection(told["host"], told["port"], timeout=120)
    connection.connect()
    print("ready", flush=True)
    sys.stdin.readline()
    spent, answers = [], []
    begun = time.perf_counter()
    for method, path, body, headers in requests:
        asked = time.perf_counter()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answers.append((response.status, response.read()))
        spent.append(time.perf_counter() - asked)
    took = time.perf_counter() - begun
    bad = [(status, body[:300].decode(errors="replace")) for status, body in answers if not 200 <= status < 300]
    print(json.dumps({"seconds": took, "spent": spent, "refused": bad[:3]}), flush=True)


if __name__ == "__main__":
    main()
