"""Messages that are spread over several symbols."""

from __future__ import annotations

import functools
import json
import operator

import numpy as np
import pytest
import segno

import fastqr
from fastqr import MergedMessage, Symbol, merge_structured_append
from symbol_drawing import bits, byte_segment, draw, padded


def parity_of(data: bytes) -> int:
    return functools.reduce(operator.xor, data, 0)


def modules(stream: str, index: int, total: int, parity: int) -> np.ndarray:
    """A symbol of version 3 whose bit stream begins with its place in a message."""
    stream = "0011" + bits(index, 4) + bits(total - 1, 4) + bits(parity, 8) + stream
    return draw(padded(stream, 3, "L"), 3, "L")


def part(stream: str, index: int, total: int, parity: int) -> Symbol:
    return fastqr.decode_modules(modules(stream, index, total, parity))


def parts_of(*pieces: bytes, parity: int | None = None) -> list[Symbol]:
    parity = parity_of(b"".join(pieces)) if parity is None else parity
    return [part(byte_segment(piece), i, len(pieces), parity) for i, piece in enumerate(pieces)]


def only(messages: list[MergedMessage]) -> MergedMessage:
    (message,) = messages
    return message


def test_parts_are_joined_in_their_order_however_they_come() -> None:
    first, second, third = parts_of(b"one ", b"two ", b"three")
    message = only(merge_structured_append([third, first, second, first]))
    assert (message.text, message.data, message.total) == ("one two three", b"one two three", 3)
    assert message.complete
    assert message.symbols == (first, second, third)
    assert message.missing == message.conflicting == ()


def test_a_character_that_is_cut_between_parts_is_whole() -> None:
    data = "漢字かな".encode()
    message = only(merge_structured_append(parts_of(data[:10], data[10:])))
    assert (message.text, message.encoding, message.encoding_named) == ("漢字かな", "utf-8", False)
    named = [part("0111" + bits(26, 8) + byte_segment(data[:10]), 0, 2, parity_of(data))]
    named.append(part(byte_segment(data[10:]), 1, 2, parity_of(data)))
    assert only(merge_structured_append(named)).text == "漢字かな"


def test_the_character_set_is_that_of_the_whole_message() -> None:
    data = "И|Иванов Пётр Сергеевич".encode("cp1251")
    message = only(merge_structured_append(parts_of(data[:1], data[1:])))
    assert (message.text, message.encoding) == ("И|Иванов Пётр Сергеевич", "cp1251")
    assert only(merge_structured_append(parts_of("é".encode("latin-1"), b"1"), encodings=["cp1251"])).text == "й1"


def test_an_eci_holds_in_the_next_parts_too() -> None:
    data = "Пётр".encode("cp1251")
    begun = part("0111" + bits(22, 8) + byte_segment(data[:2]), 0, 2, parity_of(data))
    message = only(merge_structured_append([begun, part(byte_segment(data[2:]), 1, 2, parity_of(data))]))
    assert (message.text, message.encoding, message.encoding_named) == ("Пётр", "cp1251", True)


def test_missing_parts_are_named_and_nothing_is_joined() -> None:
    first, _, third = parts_of(b"one ", b"two ", b"three")
    message = only(merge_structured_append([third, first]))
    assert (message.missing, message.text, message.data, message.content) == ((1,), None, None, None)
    assert not message.complete
    assert message.symbols == (first, None, third)


def test_a_parity_that_does_not_agree_is_told() -> None:
    message = only(merge_structured_append(parts_of(b"one ", b"two", parity=77)))
    assert (message.parity, message.parity_agrees, message.complete) == (77, False, False)
    assert message.text == "one two"


def test_messages_are_told_apart_by_parity_and_number_of_parts() -> None:
    one, other, longer = parts_of(b"ab", b"cd"), parts_of(b"ab", b"ce"), parts_of(b"ab", b"cd", b"\0")
    alone = fastqr.decode_modules(draw(padded(byte_segment(b"alone"), 3, "L"), 3, "L"))
    messages = merge_structured_append([other[1], alone, one[0], longer[2], one[1], other[0], longer[0], longer[1]])
    assert [message.text for message in messages] == ["abce", "abcd", "abcd\0"]


def test_messages_of_one_parity_are_told_apart_by_it() -> None:
    one, other = parts_of(b"ab", b"cd"), parts_of(b"xy", b"rw")
    parity = one[0].structured_append.parity
    other = [
        part(byte_segment(b"xy"), 0, 2, parity),
        part(byte_segment(bytes([parity, 0, ord("x") ^ ord("y")])), 1, 2, parity),
    ]
    messages = merge_structured_append([one[0], other[0], one[1], other[1]])
    assert sorted(message.data[:2] for message in messages) == [b"ab", b"xy"]
    assert all(message.complete for message in messages)


def test_parts_that_contradict_each_other_are_named() -> None:
    first, second = parts_of(b"ab", b"cd")
    parity = first.structured_append.parity
    swapped = part(byte_segment(b"ba"), 0, 2, parity)  # the same parity
    message = only(merge_structured_append([first, swapped, second]))
    assert (message.conflicting, message.missing, message.text) == ((0,), (0,), None)
    wrong = part(byte_segment(b"bb"), 0, 2, parity)
    assert only(merge_structured_append([wrong, first, second])).text == "abcd"


def test_segno_draws_what_is_merged() -> None:
    text = "Grüße aus Österreich, " * 12
    drawn = segno.make_sequence(text, symbol_count=5)
    symbols = [fastqr.decode_modules(np.array([list(row) for row in one.matrix], np.uint8) == 1) for one in drawn]
    assert only(merge_structured_append(symbols)).text == text


def test_a_message_has_content_and_plain_values() -> None:
    message = only(merge_structured_append(parts_of(b"https://exam", b"ple.org")))
    assert message.content == fastqr.content.content_of("https://example.org")
    plain = json.loads(json.dumps(message.to_dict()))
    assert (plain["text"], plain["total"], plain["missing"]) == ("https://example.org", 2, [])
    assert [symbol["text"] for symbol in plain["symbols"]] == ["https://exam", "ple.org"]
    json.dumps(only(merge_structured_append(parts_of(b"a", b"b")[:1])).to_dict())


@pytest.mark.parametrize("symbols", [5, "text", [5]])
def test_what_are_no_symbols_is_refused(symbols: object) -> None:
    with pytest.raises(fastqr.ArgumentTypeError, match="symbols must be an iterable of Symbol"):
        merge_structured_append(symbols)  # type: ignore[arg-type]


def test_one_symbol_alone_is_refused() -> None:
    with pytest.raises(fastqr.ArgumentTypeError, match="got one Symbol"):
        merge_structured_append(parts_of(b"a")[0])  # type: ignore[arg-type]
