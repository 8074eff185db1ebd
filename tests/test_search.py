"""The search is one plan: what it looks at, when it ends, and what it says of itself."""

from __future__ import annotations

import dataclasses
import json
import pickle
import sys
import time
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import fastqr
from conftest import Picture, code_picture, texts
from fastqr import _core
from fastqr.account import Account
from fastqr.results import Results
from fastqr.search import (
    PLAN,
    Place,
    Search,
    Step,
    around_finders,
    boxes_in_a_blank,
    boxes_in_doubt,
    boxes_with_a_finder,
    boxes_with_finders,
    boxes_with_two_finders,
    by_cascade,
    by_cascade_between,
    run,
    sure_boxes,
    whole,
)
from fastqr.settings import SearchSettings, Settings
from fastqr.trace import Trace

USUAL = SearchSettings()


class Delayed:
    """A network as it is on a slow machine, which counts its calls."""

    def __init__(self, network: Any, seconds: float) -> None:
        self.network = network
        self.macs = network.macs
        self.seconds = seconds
        self.calls = 0

    def __call__(self, *inputs: Any) -> Any:
        self.calls += 1
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        return self.network(*inputs)


def scanner_with(seconds: float, **options: Any) -> tuple[fastqr.Scanner, list[Delayed]]:
    scanner = fastqr.Scanner(**options)
    models = scanner._networks()
    delayed = {field.name: Delayed(getattr(models, field.name), seconds) for field in dataclasses.fields(models)}
    scanner._networks._models = dataclasses.replace(models, **delayed)
    return scanner, list(delayed.values())


def hard_picture() -> Picture:
    """Codes under noise, more and more of them covered: some are beyond reading."""
    rng = np.random.default_rng(4)
    picture = np.full((480, 640), 200.0)
    for number in range(6):
        code = code_picture(f"patience {number}", scale=3, error="h").astype(float)
        code[20 : 20 + 8 * number, 30:] = 128
        y, x = 10 + 230 * (number // 3), 10 + 210 * (number % 3)
        picture[y : y + len(code), x : x + len(code)] = code
    return np.clip(picture + rng.normal(0, 25, picture.shape), 0, 255).astype(np.uint8)


def facts(symbols: list[fastqr.Symbol]) -> list[tuple[object, ...]]:
    assert all(symbol.quad is not None for symbol in symbols)
    return [(symbol.data, symbol.confidence, symbol.quad.tobytes()) for symbol in symbols]  # type: ignore[union-attr]


def search_of(picture: Picture, **options: Any) -> Search:
    return Search(picture, fastqr.Scanner()._networks, results=Results(None), **options)


# What is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("methods", [("finder_patterns", "networks"), ("networks",), ("finder_patterns",)])
@pytest.mark.parametrize("corner", ["top left", "top right", "bottom left"])
def test_a_code_is_read_on_two_finder_patterns_where_the_third_one_is_covered(
    corner: str, methods: tuple[str, ...]
) -> None:
    code = code_picture("covered", scale=6, error="h", version=4)
    length = len(code)
    top, left = 0 if "top" in corner else length - 72, 0 if "left" in corner else length - 72
    code[top : top + 72, left : left + 72] = 110  # its quiet zone, separator and format modules, too
    picture = np.full((400, 400), 150, np.uint8)
    picture[60 : 60 + length, 70 : 70 + length] = code
    symbols = fastqr.Scanner(methods=methods).decode(picture)
    assert [symbol.text for symbol in symbols] == ["covered"]
    expected = np.array([[70, 60], [70 + length, 60], [70 + length, 60 + length], [70, 60 + length]]) + np.array(
        [[24, 24], [-24, 24], [-24, -24], [24, -24]]
    )
    np.testing.assert_allclose(symbols[0].quad, expected, atol=3)


@pytest.mark.parametrize("rows", range(100, 152, 4))
def test_a_code_that_reaches_out_of_the_picture_is_read(rows: int) -> None:
    code = code_picture("half out of the picture", scale=6, error="h", version=4)
    picture = np.full((400, 400), 150, np.uint8)
    picture[100 : 100 + len(code), 60 : 60 + len(code)] = code
    middle = (60 + len(code) / 2, 100 + len(code) / 2)
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D(middle, 25, 1), (400, 400), borderValue=150)
    # Of its uppermost corner the quiet zone lies above at first, half of the finder pattern in the middle, then all.
    symbols = fastqr.decode(np.ascontiguousarray(turned[rows:]))
    assert [symbol.text for symbol in symbols] == ["half out of the picture"]


@pytest.mark.parametrize("dark_on_light", [True, False])
def test_a_faint_code_of_large_modules_is_read_in_noise_in_either_polarity(dark_on_light: bool) -> None:
    code = code_picture("faint", scale=11, version=2)
    picture = np.full((500, 500), 255, np.uint8)
    picture[60 : 60 + len(code), 70 : 70 + len(code)] = code
    light = picture > 0
    grey = np.where(light, 32.0, 20.0) if dark_on_light else np.where(light, 228.0, 240.0)  # twelve of 256 levels
    for seed in range(3):
        noisy = grey + np.random.default_rng(seed).normal(0, 4, grey.shape)
        symbols = fastqr.decode(np.clip(noisy, 0, 255).astype(np.uint8), effort="quick")
        assert [symbol.text for symbol in symbols] == ["faint"]


# Work, not time ------------------------------------------------------------------------------------------------------


def test_a_slow_machine_reads_the_same_by_as_many_calls() -> None:
    picture = hard_picture()
    fast, calls_fast = scanner_with(0)
    slow, calls_slow = scanner_with(0.02)
    read = facts(fast.decode(picture))
    assert read
    assert facts(slow.decode(picture)) == read
    assert [network.calls for network in calls_slow] == [network.calls for network in calls_fast]


def test_less_work_is_allowed_and_done_with_less_effort() -> None:
    calls = []
    for effort in ("quick", "balanced", "thorough"):
        scanner, networks = scanner_with(0, effort=effort)
        scanner.decode(hard_picture())
        calls.append(sum(network.calls for network in networks))
    assert calls[0] == 0 < calls[1] <= calls[2]


def test_each_effort_reads_what_the_one_below_it_reads() -> None:
    read = [
        {symbol.data for symbol in fastqr.Scanner(effort=effort).decode(hard_picture())}
        for effort in ("quick", "balanced", "thorough")
    ]
    assert read[0] <= read[1] <= read[2]
    assert len(read[0]) < len(read[2])


def test_the_allowance_grows_with_the_picture_and_with_what_is_read() -> None:
    small, large = (search_of(np.full((side, side), 200, np.uint8)) for side in (100, 1000))
    assert small.account.allowed_samples == USUAL.samples + USUAL.samples_a_pixel * 100**2
    assert large.account.allowed_macs - small.account.allowed_macs == USUAL.macs_a_pixel * (1000**2 - 100**2)
    search = search_of(code_picture("grows"))
    before = search.account.allowed_macs
    run(search, PLAN)
    assert search.account.allowed_macs == before + USUAL.macs_a_symbol


def test_where_the_work_is_used_up_the_search_ends_and_says_so() -> None:
    settings = Settings(search=SearchSettings(macs=0.0, macs_a_pixel=0.0, macs_a_symbol=0.0))
    search = search_of(hard_picture(), settings=settings)
    run(search, PLAN)
    assert search.trace.ended == "the work is used up"
    skipped = {step.name: step.skipped for step in search.trace.steps}
    assert skipped["finder patterns"] is None  # the plain path is never left out
    assert skipped["cascade, coarse levels"] == "the work is used up"


def test_finder_patterns_in_vain_leave_work_to_the_networks() -> None:
    search = search_of(hard_picture(), settings=Settings(search=SearchSettings(samples=1e4, samples_a_pixel=0.0)))
    run(search, PLAN)
    assert search.trace.looks("finder patterns")[-1].outcome == "ended early: the work or the time is used up"
    skipped = {step.name: step.skipped for step in search.trace.steps}
    assert skipped["cascade, coarse levels"] is None


def test_an_account_is_of_work_and_of_time() -> None:
    account = Account(samples=100, macs=10)
    account.spend(samples=60, macs=5)
    assert not account.late()
    assert account.samples_left == 40
    account.spend(macs=5)
    assert account.late()
    account.allow(macs=1)
    assert not account.late()
    assert Account(budget_ms=1e-6).late()
    assert not Account().late()


# The plan ------------------------------------------------------------------------------------------------------------


def test_a_step_looks_where_and_when_it_says_and_once_at_a_place() -> None:
    looks: list[str] = []
    place = whole(search_of(np.full((50, 50), 200, np.uint8)))[0]

    def look(_: Search, __: Any) -> None:
        looks.append("looked")

    search = search_of(np.full((50, 50), 200, np.uint8))
    plan = (
        Step("never", lambda _: [place], look, lambda _: False),
        Step("once", lambda _: [place, place], look),
        Step("not again", lambda _: [place], look),
        Step("elsewhere", whole, look),
        Step("more effort", whole, look, effort="thorough"),
    )
    run(search, plan)
    assert looks == ["looked", "looked"]
    assert [step.name for step in search.trace.steps] == ["never", "once", "not again", "elsewhere"]
    assert search.trace.steps[0].skipped == "not needed"


def test_a_thorough_search_leaves_no_step_out() -> None:
    trace = fastqr.Scanner(effort="thorough").explain(code_picture("thorough"))
    assert [step.name for step in trace.steps] == [step.name for step in PLAN]
    assert all(step.skipped is None for step in trace.steps)


def test_a_clean_picture_takes_the_first_step_alone() -> None:
    trace = fastqr.Scanner().explain(code_picture("clean"))
    assert trace.ended == "the plan is done"
    assert [step.name for step in trace.steps if step.looks] == ["finder patterns"]
    assert "'clean'" in str(trace)


def test_a_symbol_without_a_message_is_looked_at_once() -> None:
    picture = code_picture("no message", version=2, scale=4)
    data = picture[4 * 13 : -4 * 4, 4 * 13 : -4 * 4]
    noise = np.random.default_rng(3).random((len(data) // 4, len(data) // 4)) < 0.3
    data[np.kron(noise, np.ones((4, 4), bool))] ^= 255
    trace = fastqr.Scanner().explain(picture)
    passes = [event.outcome for look in trace.looks() for attempt in look.attempts for event in attempt.passes]
    assert passes[-1] == "no message"
    assert len(passes) <= 3
    assert trace.looks("cascade, coarse levels")[0].outcome != "0 boxes"
    assert not [look for step in trace.steps if "boxes" in step.name for look in step.looks]


def box_at(x: float, y: float, side: float, score: float, finders: Sequence[float] = ()) -> Place:
    square = np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])
    place = Place(np.array([x, y, x + side, y + side], np.float32), score, square)
    if finders:
        corners = np.broadcast_to(square[:, None], (4, 4, 2)).astype(float)
        place.seen["plain"] = _core.SeenCorners(np.array(finders, np.float32), np.ascontiguousarray(corners))
    return place


def test_boxes_are_looked_at_again_by_what_their_corners_show() -> None:
    search = search_of(np.full((400, 400), 200, np.uint8))
    three = box_at(10, 10, 50, 0.95, [1, 0.9, 0.1, 0.85])
    two = box_at(110, 10, 50, 0.94, [1, 0.9, 0.1, 0.3])
    one = box_at(210, 10, 50, 0.93, [0.1, 0.85, 0.1, 0.3])
    none = box_at(210, 110, 50, 0.92, [0.7, 0.7, 0.1, 0.3])
    unsure = box_at(310, 10, 50, 0.5, [1, 0.9, 0.1, 0.3])
    search.boxes = [three, two, one, none, unsure]
    assert list(boxes_with_finders(search)) == [three, two]
    assert list(boxes_with_a_finder(search)) == [three, two, one]
    assert list(boxes_in_doubt(search)) == [two, one]
    assert list(boxes_with_two_finders(search)) == [two]
    assert list(boxes_in_a_blank(search)) == []  # finder patterns were searched as far as they may be
    search.blank = True
    assert list(boxes_in_a_blank(search)) == [three]
    search.without_message.append(two.quad)
    assert list(sure_boxes(search)) == [three, one, none]
    search.effort = "thorough"
    assert list(boxes_in_doubt(search)) == [one, none]


def test_a_box_that_was_seen_is_no_news_when_it_is_seen_again() -> None:
    picture = np.full((300, 400), 230, np.uint8)
    code = code_picture("seen again", scale=4)
    picture[50 : 50 + len(code), 60 : 60 + len(code)] = code
    search = search_of(picture)
    (place,) = whole(search)
    steps = [Step("all", whole, by_cascade("coarse")), Step("again", whole, by_cascade_between(60, 200))]
    run(search, steps)
    assert [look.outcome for look in search.trace.looks()] == ["1 boxes", "0 boxes"]
    search.boxes = []
    run(search, [Step("afresh", lambda _: [place], by_cascade_between(60, 200))])
    assert len(search.boxes) == 1


def finder_quads_at(*places: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    return np.array([[[x, y], [x + s, y], [x + s, y + s], [x, y + s]] for x, y, s in places])


def test_finder_patterns_side_by_side_share_their_surroundings() -> None:
    search = search_of(np.full((400, 400), 200, np.uint8))
    search.ungrouped = finder_quads_at((10, 10, 10), (45, 10, 12), (10, 10, 25), (60, 10, 10), (300, 300, 10))
    centres = [tuple(place.box.reshape(2, 2).mean(0)) for place in around_finders(search)]
    assert centres == [(15, 15), (22.5, 22.5), (65, 15), (305, 305)]  # the second is near the first and as large


def test_finder_patterns_without_a_symbol_cost_no_more_than_the_picture() -> None:
    search = search_of(np.full((400, 400), 200, np.uint8))
    search.ungrouped = finder_quads_at(*((10.0 + 90 * i, 10, 10) for i in range(4)))
    search.account.spend(macs=10)

    def looks(fruitful: int) -> int:
        for count, place in enumerate(around_finders(search)):
            search.account.spend(macs=8)
            search.boxes += [place] if count < fruitful else []
        return count + 1

    assert looks(fruitful=0) == 2
    search.account.macs = 10
    assert looks(fruitful=2) == 4
    search.account.macs, search.effort = 10, "thorough"
    assert looks(fruitful=0) == 4


def test_the_size_that_finder_patterns_tell_is_the_squares_over_theirs() -> None:
    search = search_of(np.full((400, 400), 200, np.uint8))
    place = box_at(10, 10, 44, 0.95)  # centres of the finder patterns of a version 3 of 2 pixels a module
    assert search.seeming_size(place) is None
    assert place.square is not None
    corners = finder_quads_at(*((x - 7, y - 7, 14) for x, y in place.square))
    place.seen["plain"] = _core.SeenCorners(np.array([0.9, 0.1, 0.1, 0.8], np.float32), corners)
    assert search.seeming_size(place) == pytest.approx(29)


def test_evening_the_light_of_a_place_counts_its_pixels() -> None:
    search = search_of(np.full((600, 1000), 200, np.uint8))
    counts = []
    for box in ([100, 100, 200, 200], [100, 100, 500, 500], [-300, -300, 200, 100]):
        place, before = Place(np.array(box, np.float32), 1.0), search.account.samples
        search.view_of(place, "even")
        counts.append(search.account.samples - before)
    assert counts[1] == 16 * counts[0]
    assert counts[2] == 2 * counts[0]  # what lies beyond the picture costs nothing
    before = search.account.samples
    search.view("even")
    assert search.account.samples - before < 60 * counts[0]  # a view is no finer than it need be


def test_an_effort_that_is_none_is_named() -> None:
    with pytest.raises(
        fastqr.InvalidArgumentError, match="effort must be one of quick, balanced, thorough, got 'fast'"
    ):
        fastqr.Scanner(effort="fast")
    with pytest.raises(fastqr.ArgumentTypeError, match="effort must be one of quick, balanced, thorough, got 3"):
        fastqr.Scanner(effort=3)  # type: ignore[arg-type]


# What is read ---------------------------------------------------------------------------------------------------------


def test_a_code_within_a_code_is_another_symbol_and_the_same_code_again_is_not() -> None:
    code = code_picture("one", scale=4)
    search = search_of(code)
    run(search, PLAN[:1])
    (reading,) = search.results.readings
    assert not search.results.add(reading)
    small = Results(None)
    small.add(reading)
    shrunk = fastqr._core.SymbolReading(reading.record, (reading.nodes - 60) * 0.4 + 60, reading.size, reading.inverted)
    assert small.add(shrunk)
    assert len(small.readings) == 2


# What it says ---------------------------------------------------------------------------------------------------------


def test_an_explanation_says_what_became_of_each_code() -> None:
    clean, torn = code_picture("clean", scale=5), code_picture("torn", version=2, scale=5)
    torn[70:-20, 70:-20] = 255
    height = max(len(clean), len(torn))
    picture = np.full((height, clean.shape[1] + torn.shape[1]), 255, np.uint8)
    picture[: len(clean), : clean.shape[1]] = clean
    picture[: len(torn), clean.shape[1] :] = torn
    scanner = fastqr.Scanner()
    trace = scanner.explain(picture)
    (symbol,) = scanner.decode(picture)
    assert symbol.quad is not None
    assert trace.why(symbol.quad) == "read"
    left, side = clean.shape[1] + 20, len(torn) - 40
    quad = [[left, 20], [left + side, 20], [left + side, 20 + side], [left, 20 + side]]
    step, _, outcome = trace.why(quad).partition(": ")
    assert step in {step.name for step in PLAN}
    assert "not read" in outcome
    assert trace.why([[1, 1], [4, 1], [4, 4], [1, 4]]) == "nothing was seen there"


def test_an_explanation_is_plain_values() -> None:
    trace = fastqr.Scanner().explain(hard_picture())
    told = json.loads(json.dumps(trace.to_dict()))
    assert [step["name"] for step in told["steps"]] == [step.name for step in trace.steps]
    assert any(look["outcome"] == "read" for step in told["steps"] for look in step["looks"])
    assert told["stages"].keys() == trace.stages.keys()


def test_a_trace_counts_the_work_of_each_step() -> None:
    account, trace = Account(), Trace()
    with trace.step("a", account):
        account.spend(samples=3, macs=4)
        trace.look("seen", number=7)
    assert (trace.steps[0].samples, trace.steps[0].macs) == (3, 4)
    assert [look.found for look in trace.looks("a")] == [{"number": 7}]
    assert trace.looks("b") == []


# Methods ----------------------------------------------------------------------------------------------------------


def test_each_method_reads_by_itself() -> None:
    picture = code_picture("by either method", scale=6)
    for method, steps in (("finder_patterns", {"finder patterns"}), ("networks", {"cascade, coarse levels", "boxes"})):
        scanner = fastqr.Scanner(methods=[method])
        assert [symbol.text for symbol in scanner.decode(picture)] == ["by either method"]
        taken = {step.name for step in scanner.explain(picture).steps if step.skipped is None}
        assert steps <= taken
        assert ("finder patterns" in taken) == (method == "finder_patterns")


def test_finder_patterns_alone_ask_no_network() -> None:
    scanner, networks = scanner_with(0, methods=("finder_patterns",))
    assert scanner.decode(np.full((200, 200), 255, np.uint8)) == []
    assert sum(network.calls for network in networks) == 0


def test_methods_that_are_none_are_named() -> None:
    with pytest.raises(fastqr.InvalidArgumentError, match=r"methods must be some of .*'networks', got 'corners'"):
        fastqr.Scanner(methods=["networks", "corners"])
    with pytest.raises(fastqr.InvalidArgumentError, match="got 'none'"):
        fastqr.Scanner(methods=[])
    with pytest.raises(fastqr.ArgumentTypeError, match=r"methods must be a collection .*, got 'networks'"):
        fastqr.Scanner(methods="networks")
    with pytest.raises(fastqr.ArgumentTypeError, match="got 3"):
        fastqr.Scanner(methods=3)  # type: ignore[arg-type]


def test_methods_last_through_a_pickle() -> None:
    scanner = pickle.loads(pickle.dumps(fastqr.Scanner(methods={"finder_patterns"})))
    assert scanner.explain(np.full((200, 200), 255, np.uint8)).steps[0].name == "finder patterns"
    assert len(scanner.explain(np.full((200, 200), 255, np.uint8)).steps) == 1


def scenes() -> dict[str, Picture]:
    """Pictures that need no step but the first, some, and all."""
    rows = [np.hstack([code_picture(f"row {y}, column {x}", scale=3, version=2) for x in range(4)]) for y in range(3)]
    page = np.vstack(rows)
    torn = page.copy()
    torn[10:60, 10:60] = 255  # two finder patterns that belong to no symbol
    spoilt = page.copy()
    spoilt[40:90, 40:90] = 128  # a place that is seen and not read by grey values
    noise = np.random.default_rng(3).integers(90, 160, page.shape, np.uint8)
    return {
        "one": code_picture("one"),
        "light on dark, mirrored, in colour": np.dstack([255 - code_picture("other")[:, ::-1]] * 3),
        "a page": page,
        "a page with a torn code": torn,
        "a page with a spoilt code": spoilt,
        "large": np.pad(page, 900, constant_values=255),
        "hard": hard_picture(),
        "noise": noise,
        "none": np.full((300, 300), 255, np.uint8),
        "too small": np.zeros((20, 40), np.uint8),
    }


@pytest.mark.parametrize(
    "options",
    [{}, {"effort": "quick"}, {"max_symbols": 2}, {"methods": ["finder_patterns"]}, {"methods": ["networks"]}],
)
def test_a_picture_is_read_as_the_plan_says_also_where_none_is_made(options: dict[str, Any]) -> None:
    scanner = fastqr.Scanner(**options)
    for name, picture in scenes().items():
        expected = scanner._symbols(scanner._searched(picture, PLAN))
        stages = scanner.timings.keys()
        assert scanner.decode(picture) == expected, name
        assert scanner.timings.keys() == stages, name


def test_python_does_little_on_a_clean_picture() -> None:
    scanner, picture = fastqr.Scanner(), code_picture("clean")
    scanner.decode(picture)
    calls: list[str] = []
    sys.setprofile(lambda frame, event, _: calls.append(frame.f_code.co_name) if event == "call" else None)
    try:
        symbols = scanner.decode(picture)
    finally:
        sys.setprofile(None)
    assert texts(symbols) == ["clean"]
    assert len(calls) < 20, calls  # 11 take some 7 microseconds, a tenth of what zxing-cpp takes in all
