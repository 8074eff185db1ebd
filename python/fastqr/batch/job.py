"""A job in its folder: what there is to do, what is done, and how a run that was ended goes on.

The folder holds ``part-000000.parquet`` and so on, one a chunk, and ``_fastqr`` with the records: ``chunks.jsonl``, one
chunk a line, written once and never changed, and ``job.json``, which says what was asked for. A chunk is done when its
part has its name.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from fastqr import __version__
from fastqr.errors import FastQRError

from .part import Settings, part_path, private_folder
from .sources import Chunk, chunks_of

__all__ = ["Job", "Task", "begin"]


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk of a job: its number, and the byte of ``chunks.jsonl`` at which its line begins."""

    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job whose work is listed.

    Attributes
    ----------
    folder : Path
        Where the parts go.
    settings : Settings
        How pictures are read.
    chunks, pictures : int
        How much there is to do in all.
    """

    folder: Path
    settings: Settings
    chunks: int
    pictures: int

    def tasks(self) -> Iterator[tuple[Task, Chunk]]:
        """Yield all of the job's chunks."""
        with open(_listing(self.folder), "rb") as file:
            number = at = 0
            while line := file.readline():
                yield Task(number, at), Chunk.from_json(line.decode("ascii"))
                number, at = number + 1, at + len(line)

    def chunk(self, task: Task) -> Chunk:
        """Return one chunk."""
        with open(_listing(self.folder), "rb") as file:
            file.seek(task.at)
            return Chunk.from_json(file.readline().decode("ascii"))

    def is_done(self, number: int) -> bool:
        """Whether a chunk's part is there."""
        return part_path(self.folder, number).exists()

    def clean(self) -> None:
        """Remove what processes that were ended have left; only where no process works on the job."""
        for path in private_folder(self.folder).iterdir():
            if path.name.startswith(("begun-", "part-")):
                with suppress(OSError):
                    path.unlink()


def begin(
    inputs: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    settings: Settings,
    *,
    column: str | None,
    most: int,
    skipped: Callable[[str], None],
) -> Job:
    """List a job's work, or take up the one that the folder holds.

    Raises
    ------
    FastQRError
        The folder holds something else, or there are no pictures.
    """
    folder = Path(os.path.abspath(folder))
    wanted = {
        "fastqr": __version__,
        "inputs": [_absolute(os.fspath(path)) for path in inputs],
        "settings": asdict(settings),
        "column": column,
        "most": most,
    }
    wanted = json.loads(json.dumps(wanted))  # as it will be read
    try:
        record = json.loads(_record(folder).read_text("ascii"))
    except FileNotFoundError:
        record = _list_work(folder, wanted, skipped)
    except ValueError as error:
        raise FastQRError(
            f"{str(_record(folder))!r} is damaged ({error}): empty the folder, or name another"
        ) from error
    for name, value in wanted.items():
        if record["asked"][name] != value:
            raise FastQRError(
                f"folder {str(folder)!r} holds a job with other {name}, {record['asked'][name]!r} instead of "
                f"{value!r}: name another folder, or ask for the same to go on with it"
            )
    return Job(folder, settings, record["chunks"], record["pictures"])


def _list_work(folder: Path, asked: dict[str, object], skipped: Callable[[str], None]) -> dict[str, object]:
    private = private_folder(folder)
    try:
        private.mkdir(parents=True, exist_ok=True)
        if any(path != private for path in folder.iterdir()):
            raise FastQRError(f"folder {str(folder)!r} must be empty, or hold a job to go on with: name another")
    except OSError as error:
        raise FastQRError(f"folder {str(folder)!r} cannot be made: {error.strerror or error}") from error
    chunks = pictures = 0
    unfinished = private / f"listing.{os.getpid()}"
    with open(unfinished, "w", encoding="ascii", newline="\n") as file:
        for chunk in chunks_of(asked["inputs"], most=asked["most"], column=asked["column"], skipped=skipped):  # type: ignore[arg-type]
            file.write(chunk.to_json() + "\n")
            chunks, pictures = chunks + 1, pictures + chunk.count
        file.flush()
        os.fsync(file.fileno())
    if not chunks:
        shutil.rmtree(private)
        raise FastQRError("no pictures in " + ", ".join(map(repr, asked["inputs"])))  # type: ignore[call-overload]
    os.replace(unfinished, _listing(folder))
    record: dict[str, object] = {"asked": asked, "chunks": chunks, "pictures": pictures}
    unfinished.write_text(json.dumps(record, indent=1), "ascii")
    os.replace(unfinished, _record(folder))  # last: the listing is whole
    return record


def _absolute(path: str) -> str:
    """Return a path that means the same to a process in another folder."""
    return os.path.join(os.path.abspath(""), path)


def _listing(folder: Path) -> Path:
    return private_folder(folder) / "chunks.jsonl"


def _record(folder: Path) -> Path:
    return private_folder(folder) / "job.json"
