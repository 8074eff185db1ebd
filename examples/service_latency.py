"""Milliseconds of a request to ``service.py``: ``python service_latency.py PICTURE [REQUESTS [CONNECTIONS]]``.

It needs ``pip install httpx``, and the service on this machine.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path

import httpx

URL = "http://127.0.0.1:8000/read"


async def measure(picture: bytes, requests: int, connections: int) -> tuple[list[float], float]:
    """Return the milliseconds of each request, and the seconds of all of them."""
    milliseconds: list[float] = []

    async with httpx.AsyncClient(timeout=60) as client:

        async def ask(number: int) -> None:
            for _ in range(number):
                start = time.perf_counter()
                (await client.post(URL, content=picture)).raise_for_status()
                milliseconds.append((time.perf_counter() - start) * 1e3)

        await ask(10)
        milliseconds.clear()
        start = time.perf_counter()
        await asyncio.gather(*(ask(requests // connections) for _ in range(connections)))
        return milliseconds, time.perf_counter() - start


def main() -> None:
    """Print percentiles."""
    path, *numbers = sys.argv[1:]
    requests, connections = (*map(int, numbers), *(500, 1)[len(numbers) :])
    milliseconds, seconds = asyncio.run(measure(Path(path).read_bytes(), requests, connections))
    cuts = statistics.quantiles(milliseconds, n=100)
    print(f"{connections} connections, {len(milliseconds)} requests: {len(milliseconds) / seconds:.0f} a second")
    print(f"milliseconds: median {cuts[49]:.2f}, p90 {cuts[89]:.2f}, p99 {cuts[98]:.2f}")


if __name__ == "__main__":
    main()
