"""Builds the fuzz targets, runs each for its share of the time and tells what they did.

    python cpp/fuzz/run.py --minutes 2 --jobs 2

Targets are built with Clang, AddressSanitizer and UndefinedBehaviorSanitizer. An input that takes a new branch is kept
in WORK/corpus/<target>, so that the next run goes on from there; one that crashes, hangs, takes too much memory or
breaks a property is kept in WORK/findings, and `WORK/fuzz_<target> FILE` shows it again. The exit status is 0 where no
target found anything, 1 where one did, 2 where they could not be built or run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import seeds

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST = 10  # seconds an input may take, on a machine that may be busy
MOST_MEMORY = 2048  # MiB


@dataclass(frozen=True)
class Outcome:
    """What one target did in its time."""

    target: str
    executions: int
    coverage: int
    features: int
    corpus: int
    cpu_seconds: float
    finding: str

    def row(self) -> str:
        """One line of the table."""
        return (
            f"{self.target:22}{self.executions:12,}{self.coverage:8,}{self.features:10,}{self.corpus:8,}"
            f"{self.cpu_seconds:9.0f}  {self.finding or 'nothing'}"
        )


HEADER = f"{'target':22}{'executions':>12}{'edges':>8}{'features':>10}{'corpus':>8}{'CPU s':>9}  found"


def build(work: Path, compiler: str) -> None:
    """Configure and compile all targets."""
    configure = ["cmake", "-S", str(REPOSITORY), "-B", str(work), "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    configure += [f"-DCMAKE_CXX_COMPILER={compiler}", "-DFASTQR_BUILD_PYTHON=OFF", "-DFASTQR_BUILD_FUZZERS=ON"]
    configure += ["-DFASTQR_SANITIZE=address,undefined", "-DFASTQR_WERROR=ON"]
    for command in (configure, ["cmake", "--build", str(work), "--parallel", "2"]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout[-4000:], done.stderr[-4000:], sep="\n", file=sys.stderr)
            raise SystemExit(2)


def numbers_in(log: str) -> tuple[int, int, int, int]:
    """Read executions, edges, features and corpus files off the last lines in which libFuzzer states them."""
    executions = re.findall(r"^#(\d+)\s", log, re.MULTILINE)
    final = re.findall(r"stat::number_of_executed_units:\s+(\d+)", log)
    covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/", log)
    return int((final or executions or ["0"])[-1]), *map(int, (covered or [("0", "0", "0")])[-1])


def finding_in(log: str, status: int) -> str:
    """Tell what went wrong, in a line; empty where nothing did."""
    if status == 0:
        return ""
    said = re.findall(r"does not hold: .*|runtime error: .*|SUMMARY: .*|ERROR: libFuzzer: .*", log)
    kept = re.findall(r"Test unit written to (\S+)", log)
    return f"{said[0] if said else f'exit status {status}'} {kept[-1] if kept else ''}".strip()


def run(target: str, work: Path, seconds: float, seed: int) -> Outcome:
    """Run one target on its corpus for a time."""
    corpus, findings = work / "corpus" / target, work / "findings"
    findings.mkdir(exist_ok=True)
    command = [str(work / f"fuzz_{target}"), str(corpus), f"-max_total_time={max(1, round(seconds))}"]
    command += [f"-seed={seed}", f"-timeout={LONGEST}", f"-rss_limit_mb={MOST_MEMORY}", "-print_final_stats=1"]
    command += [f"-artifact_prefix={findings}/{target}-"]
    log_file = work / f"{target}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    text = log_file.read_text(errors="replace")
    return Outcome(target, *numbers_in(text), used.ru_utime + used.ru_stime, finding_in(text, process.returncode))


def commit() -> str:
    """Name of the commit that is checked out, with a plus where files differ from it."""
    said = subprocess.run(
        ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty=+"], capture_output=True, text=True
    )
    return said.stdout.strip() or "unknown"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(seeds.TARGETS)}; all by default")
    parser.add_argument("--minutes", type=float, default=2, help="that all of them take together (2)")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1, help="targets side by side (1)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "build" / "fuzz", help="folder of builds and corpora")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs' changes; 0 takes another each time (0)")
    parser.add_argument("--compiler", default="clang++")
    given = parser.parse_args()
    unknown = set(given.targets) - set(seeds.TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(seeds.TARGETS)}")
    if not given.minutes > 0:
        parser.error(f"--minutes must be above 0, got {given.minutes}")
    if not shutil.which(given.compiler):
        parser.error(f"{given.compiler} is not installed")
    return given


def main() -> int:
    """Build, run, print a table; the exit status."""
    given = arguments()
    work = given.work.resolve()
    build(work, given.compiler)
    seeds.write(work / "corpus")
    targets = given.targets or list(seeds.TARGETS)
    each = 60 * given.minutes * given.jobs / len(targets)
    print(f"commit {commit()}: {len(targets)} targets, {each:.0f} s each, {given.jobs} side by side\n{HEADER}")
    began = time.monotonic()
    outcomes = []
    with ThreadPoolExecutor(given.jobs) as pool:
        for outcome in pool.map(lambda target: run(target, work, each, given.seed), targets):
            print(outcome.row(), flush=True)
            outcomes.append(outcome)
    cpu = sum(o.cpu_seconds for o in outcomes)
    found = [o for o in outcomes if o.finding]
    print(
        f"{sum(o.executions for o in outcomes):,} executions, {cpu:.0f} CPU seconds ({cpu / 3600:.2f} hours) in "
        f"{time.monotonic() - began:.0f} s: {len(found)} of {len(outcomes)} targets found something"
    )
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
