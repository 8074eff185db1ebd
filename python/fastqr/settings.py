"""The settings of every stage: each value once, with its unit and its reason.

Those of the stages in C++ stand beside their code, and are bound as `FinderSettings` and so on; those of the search
stand here. docs/settings.md lists all of them and what a third more or less of each does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ._core import (
    CascadeSettings,
    DecoderSettings,
    FinderSettings,
    ReadSettings,
    RectifySettings,
    StageSettings,
)
from .errors import ArgumentTypeError, InvalidArgumentError
from .options import Effort

__all__ = ["EFFORTS", "METHODS", "Description", "SearchSettings", "Settings"]


EFFORTS: tuple[Effort, ...] = ("quick", "balanced", "thorough")
METHODS = ("finder_patterns", "networks")
ENDLESS = float("inf")


class Description(NamedTuple):
    """What a setting is: its unit, what it decides, and the least and most that are accepted."""

    unit: str
    meaning: str
    least: float
    most: float


def _setting(default: float, unit: str, meaning: str, most: float = ENDLESS) -> Any:
    return field(default=default, metadata={"described": Description(unit, meaning, 0.0, most)})


@dataclass(slots=True)
class SearchSettings:
    """How far a search goes and what it may spend."""

    # The allowance of work: for what leads to no symbol, so that it never takes from what does.
    samples: float = _setting(
        2e6,
        "grey values",
        "May be visited in any picture: a few hundred places that look like a symbol and are none.",
    )
    samples_a_pixel: float = _setting(
        4.0, "grey values a pixel", "May be visited beyond that: as often may each pixel be visited again."
    )
    macs: float = _setting(
        1.8e9, "multiply-accumulates", "Networks may spend on any picture: some 30 ms of one processor core."
    )
    macs_a_pixel: float = _setting(
        60.0, "multiply-accumulates a pixel", "And for each of its pixels: as much as its pixels cost otherwise."
    )
    check_macs: float = _setting(
        1e8, "multiply-accumulates", "Windows may cost in a check of a picture of which all that shows is read."
    )
    check_macs_a_pixel: float = _setting(
        25.0,
        "multiply-accumulates a pixel",
        "Such a check may cost, or it is left out: half of what a pixel costs otherwise.",
    )
    surroundings: float = _setting(
        1.0,
        "of what networks cost before",
        "They may cost in vain about finder patterns of no symbol: the first looks show what there is.",
    )
    macs_a_symbol: float = _setting(
        3e7, "multiply-accumulates", "For each symbol that was read: where much was read, more is likely."
    )

    # Where codes are looked for by the cascade: the smallest side of a code, as a share of the picture's longer side.
    coarse: float = _setting(1 / 20, "of the longer side", "The smallest code that the first cascade looks for.", 1.0)
    fine: float = _setting(1 / 40, "of the longer side", "The same where the networks look further.", 1.0)

    module: float = _setting(
        1.5, "pixels", "Along a module of the smallest code looked for: finder patterns alone show finer ones."
    )

    # What a place must show for a method to be worth its cost.
    promising: float = _setting(
        0.65, "correlation", "Of the function patterns, from which every symbol was read in the end.", 1.0
    )
    likely: float = _setting(0.8, "probability", "O-Net's score of a box: texture's boxes seldom have it.", 1.0)
    doubtful: float = _setting(
        0.5, "of the allowance", "Within which boxes of a lower score are read all the same, best first.", 1.0
    )
    confirmed: float = _setting(
        0.8,
        "probability",
        "L-Net's, of each of three finder patterns: of 99 in 100 squares that were read; of one or two of them where a "
        "place is looked at again: a third of the boxes in photographs without a code have one.",
        1.0,
    )
    doubted: float = _setting(
        0.5, "probability", "The same of a finder pattern that is registered by itself, or tells a size.", 1.0
    )
    hinted: float = _setting(
        0.1, "probability", "The same at the first look, without which there was no second one.", 1.0
    )
    unsure: float = _setting(0.2, "probability", "The same of each, where nothing is lost but work.", 1.0)

    # How a place is seen.
    tilt: float = _setting(0.4, "of a side", "To which a view is squeezed for codes tilted by some 65 degrees.", 1.0)
    margin: float = _setting(0.3, "of a box's sides", "Seen beyond it.")
    light: float = _setting(0.2, "of a place's longer side", "The window whose illumination counts as even.", 1.0)
    same: float = _setting(0.3, "modules", "Between the corners of two grids that read the same.")
    same_box: float = _setting(
        0.9, "overlap", "Of two boxes over what they cover, above which the second one shows nothing new.", 1.0
    )
    room: float = _setting(0.1, "of a picture", "Beyond this its codes leave no room for others that matter.", 1.0)

    def __post_init__(self) -> None:
        for name, (unit, _, least, most) in self.described().items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ArgumentTypeError(f"{name} must be a number ({unit}), got {value!r}")
            if not least <= value <= most:
                raise InvalidArgumentError(f"{name} must be a number from {least:g} to {most:g} ({unit}), got {value}")

    @classmethod
    def described(cls) -> dict[str, Description]:
        """Say what each setting is, by its name."""
        return {each.name: each.metadata["described"] for each in dataclasses.fields(cls)}


@dataclass(slots=True)
class Settings:
    """All settings, by stage.

    They are for studies of the search: names and values may change with any version. ``Scanner(settings=...)`` keeps a
    copy of what it is given.

    Attributes
    ----------
    finders : FinderSettings
    rectify : RectifySettings
    read : ReadSettings
    decode : DecoderSettings
    cascade : CascadeSettings
    search : SearchSettings

    Examples
    --------
    >>> from fastqr.settings import Settings
    >>> settings = Settings()
    >>> settings.search.macs *= 2
    >>> Settings.from_dict(settings.to_dict()) == settings
    True
    """

    finders: FinderSettings = field(default_factory=FinderSettings)
    rectify: RectifySettings = field(default_factory=RectifySettings)
    read: ReadSettings = field(default_factory=ReadSettings)
    decode: DecoderSettings = field(default_factory=DecoderSettings)
    cascade: CascadeSettings = field(default_factory=CascadeSettings)
    search: SearchSettings = field(default_factory=SearchSettings)

    @classmethod
    def described(cls) -> dict[str, dict[str, Description]]:
        """Say what each setting is, by its stage and its name."""
        return {
            stage: {name: Description(*of) for name, of in made.described().items()} for stage, made in _STAGES.items()
        }

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Give the values, by stage and name, as they may be stored."""
        return {
            stage: {name: getattr(getattr(self, stage), name) for name in names}
            for stage, names in self.described().items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Mapping[str, float]]) -> Settings:
        """Make settings of stored values; those that are left out are the usual ones.

        Raises
        ------
        InvalidArgumentError, ArgumentTypeError
            There is no such stage or value, or it is not accepted.
        """
        if unknown := values.keys() - _STAGES.keys():
            raise InvalidArgumentError(f"settings have no stage {min(unknown)!r}; accepted: {', '.join(_STAGES)}")
        try:
            return cls(**{stage: _STAGES[stage](**given) for stage, given in values.items()})
        except (TypeError, ValueError) as error:
            kind = ArgumentTypeError if isinstance(error, TypeError) else InvalidArgumentError
            raise kind(str(error)) from error

    def stages(self) -> StageSettings:
        """Give those of the stages from finder patterns to a message, as the calls of `_core` take them."""
        return StageSettings(finders=self.finders, rectify=self.rectify, read=self.read, decode=self.decode)


_STAGES: dict[str, Any] = {
    "finders": FinderSettings,
    "rectify": RectifySettings,
    "read": ReadSettings,
    "decode": DecoderSettings,
    "cascade": CascadeSettings,
    "search": SearchSettings,
}
