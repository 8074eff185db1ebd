"""The process in which one reader runs: ``python -m benchmarks.worker NAME ADDRESS OPTIONS``.

A process each keeps readers from sharing threads, memory or a crash, lets them live in different environments, and
makes a time limit enforceable. Only calls are timed, here and never across the connection. Requests and answers are
JSON; a request that needs a picture is followed by its bytes.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

import numpy as np

from .readers import READERS, OpenReader, Options, Picture, ReaderAbsentError, Reading

PAN = 16  # pixels
KEY = "FASTQR_BENCHMARK_KEY"  # environment variable with the connection's key, so that it is in no process list


def peak_megabytes() -> float | None:
    """Return the most memory that this process has held so far, where the system tells."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the parent's memory at the fork
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(peak.group(1)) / 2**10 if peak else None
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** (20 if sys.platform == "darwin" else 10)


def held_megabytes() -> float | None:
    """Return the memory that this process holds now, where the system tells."""
    status = Path("/proc/self/status")
    held = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(held.group(1)) / 2**10 if held else None


def timed(reader: OpenReader, picture: Picture) -> tuple[list[Reading], float]:
    start = time.perf_counter()
    readings = reader.read(picture)
    return readings, (time.perf_counter() - start) * 1e3


def read(reader: OpenReader, picture: Picture, request: dict[str, Any]) -> dict[str, Any]:
    readings, ms = timed(reader, picture)
    return answer_of(reader, readings, ms)


def follow(reader: OpenReader, picture: Picture, request: dict[str, Any]) -> dict[str, Any]:
    """Read a frame of a film, of which the first one begins it."""
    assert reader.follow is not None
    start = time.perf_counter()
    readings = reader.follow(picture, request["begin"])
    return answer_of(reader, readings, (time.perf_counter() - start) * 1e3)


def answer_of(reader: OpenReader, readings: list[Reading], ms: float) -> dict[str, Any]:
    return {
        "texts": [reading.text for reading in readings],
        "quads": [reading.quad.tolist() for reading in readings],
        "ms": ms,
        "stages": reader.stages() if reader.stages else None,
    }


def throughput(reader: OpenReader, picture: Picture, request: dict[str, Any]) -> dict[str, Any]:
    """Call from several threads at once for some seconds: pictures a second."""
    end = time.perf_counter() + request["seconds"]

    def work() -> int:
        done = 0
        while time.perf_counter() < end:
            reader.read(picture)
            done += 1
        return done

    start = time.perf_counter()
    with ThreadPoolExecutor(request["threads"]) as pool:
        calls = [pool.submit(work) for _ in range(request["threads"])]
    return {"pictures_per_s": sum(call.result() for call in calls) / (time.perf_counter() - start)}


def explain(reader: OpenReader, picture: Picture, request: dict[str, Any]) -> dict[str, Any]:
    quads = [np.array(quad, np.float32) for quad in request["quads"]]
    return {"stages": reader.explain(picture, quads, request["texts"]) if reader.explain else None}


def memory(reader: OpenReader, picture: Picture, request: dict[str, Any]) -> dict[str, Any]:
    return {"peak_mb": peak_megabytes()}


def steady(reader: OpenReader, picture: Picture, request: dict[str, Any]) -> dict[str, Any]:
    """Read frames of a camera that pans to and fro over the picture: the memory held after some, and at the end."""
    held: list[float | None] = []
    for frames in (request["warm_up"], request["frames"]):
        for number in range(frames):
            left = abs(number % (2 * PAN) - PAN)
            reader.read(picture[:, left : picture.shape[1] - PAN + left])
        held.append(held_megabytes())
    return {"warm_mb": held[0], "end_mb": held[1]}


ACTIONS = {
    "read": read,
    "follow": follow,
    "throughput": throughput,
    "explain": explain,
    "memory": memory,
    "steady": steady,
}


def opened(name: str, options: Options) -> tuple[OpenReader | None, dict[str, Any]]:
    start = time.perf_counter()
    try:
        reader = READERS[name].open(options)
    except (ImportError, OSError, ReaderAbsentError) as error:
        return None, {"absent": f"{error}".splitlines()[0] if f"{error}" else repr(error)}
    except Exception as error:  # a reader that cannot start must not end the others' run
        return None, {"absent": f"{type(error).__name__}: {error}"}
    open_ms = (time.perf_counter() - start) * 1e3
    return reader, {
        "version": reader.version,
        "open_ms": open_ms,
        "idle_mb": peak_megabytes(),
        "explains": reader.explain is not None,
        "follows": reader.follow is not None,
    }


def serve(connection: Connection, reader: OpenReader) -> None:
    """Answer requests until the other side closes."""
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        picture = np.zeros((0, 0, 3), np.uint8)
        if request.get("shape"):
            picture = np.frombuffer(bytearray(connection.recv_bytes()), np.uint8).reshape(request["shape"])
        try:
            answer = ACTIONS[request["do"]](reader, picture, request)
        except Exception as error:  # reported as this reader's failure on this picture
            answer = {"error": f"{type(error).__name__}: {error}"}
        connection.send_bytes(json.dumps(answer).encode())


def main() -> None:
    name, address, options = sys.argv[1], sys.argv[2], Options(**json.loads(sys.argv[3]))
    with Client(address, authkey=bytes.fromhex(os.environ[KEY])) as connection:
        reader, hello = opened(name, options)
        connection.send_bytes(json.dumps(hello).encode())
        if reader is not None:
            serve(connection, reader)


def options_argument(options: Options) -> str:
    return json.dumps(asdict(options))


if __name__ == "__main__":
    main()
