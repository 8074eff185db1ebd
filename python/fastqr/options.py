"""The options of a scanner, as editors and type checkers know them."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from .settings import Settings

__all__ = ["Effort", "ScannerOptions"]

Effort: TypeAlias = Literal["quick", "balanced", "thorough"]


class ScannerOptions(TypedDict, total=False):
    """Keywords of `Scanner`, which `fastqr.decode` and the other plain functions take too."""

    effort: Effort
    methods: Collection[str]
    threads: int
    min_size: float
    max_symbols: int | None
    budget_ms: float | None
    max_bytes: int
    encodings: Sequence[str]
    providers: Sequence[str]
    models: str | os.PathLike[str] | None
    preload: bool
    settings: Settings | None
