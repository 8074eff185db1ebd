"""Parts of messages over several symbols, kept from picture to picture until all of a message came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastqr import MergedMessage, Symbol, merge_structured_append

__all__ = ["Joined", "Parts"]


@dataclass(frozen=True)
class Joined:
    """A message, and the pictures in which its parts were read, in their order, each once."""

    names: tuple[str, ...]
    message: MergedMessage


class Parts:
    """The parts that came so far, and the character sets to expect of their messages."""

    def __init__(self, encodings: Sequence[str] = ()) -> None:
        self._encodings = encodings
        self._parts: dict[tuple[int, int], list[tuple[str, Symbol]]] = {}  # by parity and number of parts
        self._joined: set[int] = set()  # identities of the parts whose message was given

    def add(self, name: str, part: Symbol) -> list[Joined]:
        """Keep a part of the picture `name`, and give the message that it completes; a part comes again for nothing."""
        place = part.structured_append
        assert place is not None
        parts = self._parts.setdefault((place.parity, place.total), [])
        if any(part.segments == other.segments and place == other.structured_append for _, other in parts):
            return []
        parts.append((name, part))
        completed = []
        for message in merge_structured_append((symbol for _, symbol in parts), encodings=self._encodings):
            members = {id(symbol) for symbol in message.symbols}
            if message.complete and id(part) in members:
                self._joined |= members
                names = [name for symbol in message.symbols for name, part in parts if part is symbol]
                completed.append(Joined(tuple(dict.fromkeys(names)), message))
        return completed

    def left(self) -> Iterator[tuple[str, list[tuple[str, Symbol]]]]:
        """Give the parts of messages that were not completed: why not, in words, and each part with its picture."""
        for parts in self._parts.values():
            rest = [(name, part) for name, part in parts if id(part) not in self._joined]
            if rest:
                message = merge_structured_append(part for _, part in rest)[0]
                names = " + ".join(dict.fromkeys(name for name, _ in rest))
                yield f"{names}: {_fault(message)}", rest


def _fault(message: MergedMessage) -> str:
    if message.conflicting:
        numbers = " and ".join(str(place + 1) for place in message.conflicting)
        return f"several symbols are part {numbers} of a message of {message.total} and say different things"
    if message.missing:
        numbers = ", ".join(str(place + 1) for place in message.missing)
        return f"a message lacks part {numbers} of {message.total}"
    return "the parts of a message name another parity than they have together"
