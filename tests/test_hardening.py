"""The extension as it was built: what a fault of its memory could be used for is made hard by compiler and linker."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from fastqr import _core

# Identifiers of System V's ABI and of the GNU extensions to it.
RELRO, STACK = 0x6474E552, 0x6474E551  # segments
EXECUTABLE = 1
DYNAMIC, SYMBOLS = 6, 11  # sections
FLAGS, FLAGS_1 = 30, 0x6FFFFFFB  # dynamic entries
BIND_NOW, NOW = 8, 1


class Elf(NamedTuple):
    segments: dict[int, int]  # flags of each type
    dynamic: dict[int, int]
    imported: set[str]
    exported: set[str]


def elf_of(content: bytes) -> Elf:
    """What a shared object of 64 bits, least byte first, says of itself."""
    segments_at, sections_at, _, _, segment_size, segments, section_size, sections = struct.unpack_from(
        "<QQIHHHHH", content, 32
    )
    flags = dict(struct.unpack_from("<II", content, segments_at + k * segment_size) for k in range(segments))
    headers = [struct.unpack_from("<IIQQQQIIQQ", content, sections_at + k * section_size) for k in range(sections)]

    def rows(kind: int, form: str) -> Iterator[tuple[tuple[int, ...], int]]:
        for header in headers:
            if header[1] == kind:
                names_at = headers[header[6]][4]
                for row in struct.iter_unpack(form, content[header[4] : header[4] + header[5]]):
                    yield row, names_at

    imported, exported = set(), set()
    for (name_at, _, _, section, *_), names_at in rows(SYMBOLS, "<IBBHQQ"):
        begin = names_at + name_at
        name = content[begin : content.index(b"\0", begin)].decode()
        (exported if section else imported).add(name)
    return Elf(flags, {row[0]: row[1] for row, _ in rows(DYNAMIC, "<qQ")}, imported, exported)


@pytest.fixture(scope="module")
def elf() -> Elf:
    content = Path(_core.__file__).read_bytes()
    if content[:6] != b"\x7fELF\x02\x01":
        pytest.skip("the extension is no ELF file of 64 bits")
    found = elf_of(content)
    if _core.build_type == "Debug" or any(name.startswith(("__asan", "__tsan")) for name in found.imported):
        pytest.skip("this build is for finding faults")
    return found


def test_what_the_loader_has_filled_in_cannot_be_written(elf: Elf) -> None:
    assert RELRO in elf.segments
    assert elf.dynamic.get(FLAGS, 0) & BIND_NOW or elf.dynamic.get(FLAGS_1, 0) & NOW


def test_the_stack_is_watched_and_not_executable(elf: Elf) -> None:
    assert elf.segments[STACK] & EXECUTABLE == 0
    assert "__stack_chk_fail" in elf.imported


def test_calls_of_the_c_library_with_a_size_are_checked(elf: Elf) -> None:
    """The compiler's word: where no size is in doubt, no checked call is left to be seen in the file."""
    if _core.fortify_level is None:
        pytest.skip("only glibc has checked calls")
    assert _core.fortify_level >= 2


def test_nothing_but_the_module_can_be_called_or_replaced(elf: Elf) -> None:
    assert elf.exported == {"PyInit__core"}
