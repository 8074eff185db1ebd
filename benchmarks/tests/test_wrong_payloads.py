"""What is tried is what its kind says, and the same every time; what comes of it is counted right."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("segno")
pytest.importorskip("zxingcpp")

import pandas as pd

from benchmarks.wrong_payloads import algebra, confidence, forged, formats, modules, nearness, patterns, pictures, study
from benchmarks.wrong_payloads.__main__ import table
from benchmarks.wrong_payloads.symbols import (
    LEVELS,
    bits_in_order,
    blocks,
    drawn,
    masks,
    owners,
    random_symbol,
    symbol,
    two_symbols,
)
from fastqr import _core, decode_modules


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize("version", [1, 6, 10])
@pytest.mark.parametrize("level", LEVELS)
def test_undamaged_symbols_are_read(version: int, level: str) -> None:
    for variant in range(4):
        whole = symbol(version, level, variant)  # type: ignore[arg-type]
        read = decode_modules(whole.modules)
        assert (read.data, read.version, read.ec_level, read.mask) == (whole.payload, version, level, whole.mask)


@pytest.mark.parametrize(("version", "level"), [(1, "L"), (5, "Q"), (10, "M")])
def test_blocks_share_out_all_codewords(version: int, level: str) -> None:
    places = [place for block in blocks(version, level) for place in block.data + block.correction]  # type: ignore[arg-type]
    assert sorted(places) == list(range(int(owners(17 + 4 * version).max()) + 1))


def test_as_many_wrong_codewords_as_a_block_corrects_are_corrected(rng: np.random.Generator) -> None:
    # Which shows that codewords lie where `owners` says and belong to the blocks that `blocks` says.
    whole = symbol(5, "Q", 1)
    wrong = [
        place
        for block in blocks(5, "Q")
        for place in rng.permutation(block.data + block.correction)[: len(block.correction) // 2].tolist()
    ]
    read = decode_modules(modules.garbled(whole.modules, wrong, rng))
    assert read.data == whole.payload
    assert read.corrected_codewords == len(wrong)


def test_two_symbols_are_of_one_version_and_differ(rng: np.random.Generator) -> None:
    pairs = [two_symbols(rng) for _ in range(200)]
    assert all(first.version == second.version for first, second in pairs)
    assert all((first.modules != second.modules).any() for first, second in pairs)
    same_format = [(first.level, first.mask) == (second.level, second.mask) for first, second in pairs]
    assert 50 < sum(same_format) < 150


@pytest.mark.parametrize("kind", study.OF_MODULES)
def test_modules_are_probabilities_of_a_symbols_size_and_the_same_for_the_same_seed(kind: str) -> None:
    for seed in range(10):
        first, second = (study.OF_MODULES[kind](np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(first.dark, second.dark)
        assert first.allowed == second.allowed
        assert first.dark.dtype == np.float32
        assert first.dark.shape in [(17 + 4 * version,) * 2 for version in range(1, 41)]
        known = first.dark[~np.isnan(first.dark)]
        assert ((known >= 0) & (known <= 1)).all()


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_pictures_are_small_and_the_same_for_the_same_seed(kind: str) -> None:
    for seed in range(3):
        first, second = (pictures.KINDS[kind](np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(first.picture, second.picture)
        np.testing.assert_array_equal(first.corners, second.corners)
        assert first.picture.dtype == np.uint8
        assert first.corners.shape == (4, 2)
        assert 40 < max(first.picture.shape) < 400


def test_corners_of_a_photographed_symbol_are_its_own(rng: np.random.Generator) -> None:
    from fastqr import Scanner

    whole = random_symbol(rng, (2, 2))
    grey, corners = pictures._photographed(1 - whole.modules.astype(np.float32), rng)
    read = Scanner().decode_quad((grey * 255).astype(np.uint8), corners)
    assert read is not None
    assert read.data == whole.payload
    assert read.quad is not None
    side = float(np.linalg.norm(corners[1] - corners[0]))
    distances = np.linalg.norm(read.quad[:, None] - corners[None], axis=-1).min(1)
    assert distances.max() < 0.05 * side


def test_blocks_of_two_symbols_on_both_sides_of_a_line_are_not_read_as_one() -> None:
    chunk = study.Task(71, "picture", "halves of two", 5).run()  # block 0 is the one's here, block 1 the other's
    assert not chunk.wrong
    assert chunk.right > 10


def test_a_mixture_of_whole_blocks_says_something_of_its_own() -> None:
    made = [modules.blocks_of_two(np.random.default_rng(seed)) for seed in range(30)]
    records = [_core.decode_modules(one.dark) for one in made]
    said = 0
    for one, record in zip(made, records, strict=True):
        assert not one.own & one.allowed
        if record is not None:
            payload = b"".join(data for _, _, data in record.segments)
            assert payload in one.own | one.allowed
            said += payload in one.own
    assert said > 10


@pytest.mark.parametrize("name", patterns.SYMBOLOGIES)
def test_other_symbologies_are_drawn_in_dark_and_light(name: str) -> None:
    drawings = [patterns.drawn(name, number) for number in range(4)]
    assert all(set(np.unique(drawing)) == {0, 255} for drawing in drawings)
    assert any(drawing.shape != drawings[0].shape or (drawing != drawings[0]).any() for drawing in drawings[1:])


def test_steeper_spectra_are_smoother(rng: np.random.Generator) -> None:
    steps = [np.abs(np.diff(patterns.power_noise(rng, (64, 64), slope))).mean() for slope in (0.0, 1.0, 2.0)]
    assert steps[0] > 1.5 * steps[1] > 2 * steps[2]


# Levels -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "level"), [(1, "H"), (4, "M"), (8, "Q"), (10, "H")])
def test_symbols_are_drawn_as_by_another_encoder(version: int, level: str) -> None:
    whole = symbol(version, level, 3)  # type: ignore[arg-type]
    bits = np.packbits(bits_in_order(whole.modules ^ masks(len(whole.modules))[whole.mask]))
    data = algebra.message_of(bits, version, level)  # type: ignore[arg-type]
    sequence = algebra.interleaved(data, version, level)  # type: ignore[arg-type]
    np.testing.assert_array_equal(sequence, bits)
    np.testing.assert_array_equal(drawn(sequence, level, whole.mask, version), whole.modules)  # type: ignore[arg-type]


def test_levels_are_near_where_the_documentation_says() -> None:
    # A block corrects half as many codewords as it has checks.
    near = {
        (version, own, reading)
        for version in range(1, 41)
        for own, reading in itertools.permutations(LEVELS, 2)
        for places in [nearness.foreign_places(version, own, reading)[0]]
        if 2 * len(places) <= len(blocks(version, reading)[0].correction)
    }
    same = {1: "LMQH", 2: "LMQH", 3: "LM QH", 4: "MQ", 6: "MQH"} | dict.fromkeys((5, 8, 9, 10, 14), "QH")
    assert near == {
        (version, own, reading)
        for version, groups in same.items()
        for group in groups.split()
        for own, reading in itertools.permutations(group, 2)
    }


@pytest.mark.parametrize(
    ("version", "own", "reading", "rank"),
    [(1, "H", "L", 0), (4, "Q", "M", 0), (5, "H", "Q", 4), (5, "Q", "H", 8), (3, "H", "L", 4), (7, "H", "Q", 18)],
)
def test_checks_of_one_level_over_words_of_another(version: int, own: str, reading: str, rank: int) -> None:
    assert nearness.nearness(version, own, reading).rank == rank  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "weaker", "stronger"), [(1, "L", "M"), (3, "L", "Q"), (5, "Q", "H"), (6, "M", "H")]
)
def test_forged_symbols_are_words_of_both_levels_with_different_texts(version: int, weaker: str, stronger: str) -> None:
    made = forged.forged(version, weaker, stronger)  # type: ignore[arg-type]
    assert made is not None
    assert len(set(made.texts.values())) == 2
    for named, text in made.texts.items():
        found = algebra.checks(np.array(made.sequence, np.uint8), version, named)
        assert not any(block.any() for block in found)
        assert modules.read_by_another(made.modules(named)) == {text}
        assert decode_modules(made.modules(named)).data == text


def test_there_is_no_symbol_of_two_levels_where_the_system_has_no_solution() -> None:
    assert forged.forged(7, "Q", "H") is None


@pytest.mark.parametrize("kind", formats.KINDS)
def test_formats_that_are_lost_or_anothers_make_no_other_payload(kind: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        made = formats.KINDS[kind](rng)
        record = _core.decode_modules(made.dark)
        assert record is None or b"".join(data for _, _, data in record.segments) in made.allowed


# Counting -----------------------------------------------------------------------------------------------------------


def chunk(**counts: object) -> study.Chunk:
    return study.Chunk(seed=1, level="modules", kind="noise", number=0, **counts)  # type: ignore[arg-type]


def test_payloads_are_right_or_its_own_or_wrong() -> None:
    made = chunk()
    made.add([], frozenset({b"a"}), frozenset())
    made.add([(b"a", 0.5)], frozenset({b"a"}), frozenset())
    made.add([(b"b", 0.5)], frozenset({b"a"}), frozenset({b"b"}))
    made.add([(b"c", 0.25), (b"a", 1.0)], frozenset({b"a"}), frozenset({b"b"}))
    assert (made.trials, made.nothing, made.right, made.own) == (4, 1, 2, 1)
    assert [(row["trial"], row["payload"], row["confidence"]) for row in made.wrong] == [(3, b"c".hex(), 0.25)]
    assert made.right_by_confidence[50] == made.right_by_confidence[100] == 1


def test_a_task_comes_out_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(study.CHUNK, "modules", 20)
    task = study.Task(3, "modules", "codewords wrong", 2)
    assert task.run() == task.run()
    assert task.run().trials == 20


def test_tasks_reach_the_trials_that_were_asked_for_with_every_kind() -> None:
    todo = study.tasks(1, 1_000_000)
    assert sum(study.CHUNK[task.level] for task in todo) >= 1_000_000
    assert sum(study.CHUNK[task.level] for task in todo if task.level != "modules") >= 100_000
    assert {(task.level, task.kind) for task in todo} == {(a, b) for a, kinds in study.KINDS.items() for b in kinds}
    assert len(set(todo)) == len(todo)
    assert {task.kind for task in study.tasks(1, 10, kinds=["noise"])} == {"noise"}


def test_chunks_of_this_commit_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "chunks.jsonl"
    made = chunk(trials=5, nothing=5)
    path.write_text(study.line_of(made, "this") + study.line_of(made, "another") + '{"commit": "this", "se')
    assert study.load(path, "this") == {study.Task(1, "modules", "noise", 0): made}
    assert study.load(tmp_path / "absent", "this") == {}


def test_thresholds_say_what_is_left_and_what_is_lost() -> None:
    right = [0] * 101
    right[95], right[45] = 3, 1
    rows = pd.DataFrame([dataclasses.asdict(chunk(right_by_confidence=right, wrong=[{"confidence": 0.42}]))])
    photographs = [confidence.PhotographRead("a", value, False) for value in (0.35, 0.65, 0.85, 0.95)]
    shown = confidence.by_threshold(rows, photographs)
    assert shown["wrong payloads"].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert shown["trial reads lost"].tolist() == [0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.25]
    assert shown["photograph reads lost"].tolist() == [0, 0, 0.25, 0.25, 0.25, 0.5, 0.5, 0.75]


def test_the_table_sums_up_and_bounds_what_was_not_seen() -> None:
    rows = pd.DataFrame([json.loads(json.dumps(dataclasses.asdict(chunk(trials=n, nothing=n)))) for n in (100, 200)])
    counts = table(rows)
    assert counts.loc[("all", "all"), "trials"] == 300
    assert counts.loc[("modules", "noise"), "share below"] == pytest.approx(0.01)
    rows.loc[0, "wrong"].append({"confidence": 0.5})
    assert np.isnan(table(rows).loc[("modules", "noise"), "share below"])
