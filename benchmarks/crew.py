"""Readers at work: one worker process each, asked in turn."""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .environments import interpreter_for
from .readers import READERS, Options, Picture
from .worker import KEY, options_argument

LONG_MS = 3000.0  # time spent on one picture after which a reader is not asked again
ROOT = Path(__file__).parent.parent
OWN_IMPORT = {"fastqr": ("numpy, cv2, onnxruntime", "fastqr"), "zxing-cpp": ("numpy", "zxingcpp")}
START_LIMIT_S = 120.0  # a JVM or PyTorch takes its time


@dataclass(frozen=True)
class Outcome:
    """One call of a reader; `ms` is the limit where the call was given up, and NaN where it failed."""

    texts: list[str]
    quads: list[npt.NDArray[np.float32]]
    ms: float
    stages: dict[str, float] | None = None
    status: Literal["ok", "error", "timed out", "crashed"] = "ok"
    error: str | None = None


class Worker:
    """A reader in its own process, started again where it crashed or took longer than the limit."""

    def __init__(self, name: str, python: str, options: Options, limit_s: float) -> None:
        self.name = name
        self.python = python
        self.options = options
        self.limit_s = limit_s
        self._connection: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.hello = self._start()

    @property
    def absent(self) -> str | None:
        """Why the reader cannot be used, if it cannot."""
        return self.hello.get("absent")

    @property
    def explains(self) -> bool:
        """Whether the reader tells where it loses codes."""
        return bool(self.hello.get("explains"))

    @property
    def follows(self) -> bool:
        """Whether the reader knows the frames before."""
        return bool(self.hello.get("follows"))

    def read(self, picture: Picture) -> Outcome:
        return self._read({"do": "read"}, picture)

    def follow(self, picture: Picture, *, begin: bool) -> Outcome:
        """Read a frame of a film, or begin with it."""
        return self._read({"do": "follow", "begin": begin}, picture)

    def _read(self, request: dict[str, Any], picture: Picture) -> Outcome:
        answer, status = self._ask(request, picture, self.limit_s)
        if status != "ok":
            ms = self.limit_s * 1e3 if status == "timed out" else math.nan
            return Outcome([], [], ms, None, status, answer.get("error"))
        quads = [np.array(quad, np.float32) for quad in answer["quads"]]
        return Outcome(answer["texts"], quads, answer["ms"], answer["stages"])

    def throughput(self, picture: Picture, threads: int, seconds: float) -> float | None:
        """Pictures a second when called from several threads at once."""
        request = {"do": "throughput", "threads": threads, "seconds": seconds}
        answer, _ = self._ask(request, picture, seconds + self.limit_s)
        return answer.get("pictures_per_s")

    def explain(self, picture: Picture, quads: list[Any], texts: list[str | None]) -> list[str] | None:
        """For each code that was missed: the stage at which it was lost, of readers that tell."""
        request = {"do": "explain", "quads": [np.asarray(quad).tolist() for quad in quads], "texts": texts}
        answer, _ = self._ask(request, picture, self.limit_s * (1 + len(quads)))
        return answer.get("stages")

    def peak_megabytes(self) -> float | None:
        answer, _ = self._ask({"do": "memory"}, None, self.limit_s)
        return answer.get("peak_mb")

    def steady(self, picture: Picture, warm_up: int, frames: int) -> dict[str, float | None]:
        """Megabytes held after the first frames of a video, and after as many more as asked for."""
        request = {"do": "steady", "warm_up": warm_up, "frames": frames}
        answer, _ = self._ask(request, picture, self.limit_s + (warm_up + frames) * LONG_MS / 1e3)
        return {name: answer.get(name) for name in ("warm_mb", "end_mb")}

    def own_import_ms(self) -> float | None:
        """Milliseconds of a reader's import in a fresh process in which its dependencies are imported already."""
        if self.name not in OWN_IMPORT:
            return None
        dependencies, module = OWN_IMPORT[self.name]
        program = (
            f"import time, {dependencies}; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        )
        done = subprocess.run([self.python, "-c", program], cwd=ROOT, capture_output=True, text=True)
        return float(done.stdout) * 1e3 if done.returncode == 0 else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            self._kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Begin in a fresh process."""
        self.close()
        self.hello = self._start()

    def _start(self) -> dict[str, Any]:
        key = secrets.token_bytes(32)
        with tempfile.TemporaryDirectory() as folder:
            address = None if os.name == "nt" else str(Path(folder) / "reader")
            with Listener(address, authkey=key) as listener:
                try:
                    self._process = self._launched(str(listener.address), key)
                except OSError as error:
                    return {"absent": f"{self.python}: {error.strerror or error}"}
                self._connection = _accepted(listener, self._process)
        if self._connection is None or not self._connection.poll(START_LIMIT_S):
            self.close()
            return {"absent": f"{self.python} does not start it"}
        try:
            hello: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except EOFError:
            hello = {"absent": "it crashes at the start"}
        if "absent" in hello:
            self.close()
        return hello

    def _launched(self, address: str, key: bytes) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.python, "-m", "benchmarks.worker", self.name, address, options_argument(self.options)],
            cwd=ROOT,
            env=os.environ | {KEY: key.hex()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that what it started ends with it
        )

    def _ask(
        self, request: dict[str, Any], picture: Picture | None, limit_s: float
    ) -> tuple[dict[str, Any], Literal["ok", "error", "timed out", "crashed"]]:
        if self._connection is None:
            self._start()
        if self._connection is None:
            return {}, "crashed"
        try:
            if picture is not None:
                request = request | {"shape": picture.shape}
            self._connection.send_bytes(json.dumps(request).encode())
            if picture is not None:
                self._connection.send_bytes(np.ascontiguousarray(picture).data.cast("B"))
            if not self._connection.poll(limit_s):
                self._abandon()
                return {}, "timed out"
            answer: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            self._abandon()
            return {}, "crashed"
        return answer, "error" if "error" in answer else "ok"

    def _abandon(self) -> None:
        self._kill()
        self.close()

    def _kill(self) -> None:
        """End the process and what it started, a Java machine for instance."""
        if self._process is None:
            return
        if os.name == "nt":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _accepted(listener: Listener, process: subprocess.Popen[bytes]) -> Connection | None:
    """Wait for the worker to connect, but not for one that ended."""
    connections: list[Connection] = []
    thread = threading.Thread(target=lambda: connections.append(listener.accept()), daemon=True)
    thread.start()
    while thread.is_alive() and process.poll() is None:
        thread.join(0.05)
    thread.join(0.2)
    return connections[0] if connections else None


def _reason(worker: Worker) -> str:
    """Why a reader is absent, and what may help."""
    own = READERS[worker.name].environment
    hint = f" (python -m benchmarks environments {own})" if own is not None and worker.python == sys.executable else ""
    return f"{worker.absent}{hint}"


class Crew:
    """The readers of one run, in the order in which they are asked."""

    def __init__(self, names: list[str], pythons: dict[str, str], options: Options, limit_s: float) -> None:
        workers = [Worker(name, interpreter_for(name, pythons), options, limit_s) for name in names]
        self.absent = {worker.name: _reason(worker) for worker in workers if worker.absent}
        self.workers = [worker for worker in workers if not worker.absent]

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *error: type[BaseException] | BaseException | TracebackType | None) -> None:
        for worker in self.workers:
            worker.close()

    def __iter__(self) -> Iterator[Worker]:
        return iter(self.workers)

    def described(self) -> dict[str, Any]:
        """Versions and interpreters for the report, and why a reader is absent."""
        present = {worker.name: {"version": worker.hello["version"], "python": worker.python} for worker in self}
        return present | {name: {"absent": reason} for name, reason in self.absent.items()}

    def least_of(self, picture: Picture, repeats: int) -> dict[str, Outcome]:
        """Ask every reader `repeats` times, in turn, and keep each one's fastest call.

        Calls of seconds are repeated less often: what disturbs them is small beside them.
        """
        best: dict[str, Outcome] = {}
        for number in range(repeats):
            for worker in self.workers:
                known = best.get(worker.name)
                if known is not None and (known.status != "ok" or known.ms * number > LONG_MS):
                    continue
                outcome = worker.read(picture)
                if worker.name not in best or outcome.ms < best[worker.name].ms or outcome.status != "ok":
                    best[worker.name] = outcome
        return best
