"""One optimiser loop for all five networks: schedule by steps or minutes, averaged weights, checkpoints, losses."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from .options import TrainingOptions
from .samples import Batches

__all__ = ["Outcome", "fit"]

Batch = tuple[torch.Tensor, ...]
AVERAGE = 0.999  # decay of the averaged weights, which are what is exported
CHECKPOINT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The averaged network and how it came about."""

    network: torch.nn.Module
    steps: int
    seconds: float
    losses: list[float]


def fit(
    name: str,
    network: torch.nn.Module,
    batches: Batches,
    loss_of: Callable[[torch.nn.Module, Batch], torch.Tensor],
    options: TrainingOptions,
    *,
    peak: float | None = None,
    weight_decay: float = 1e-3,
) -> Outcome:
    """Train with AdamW, a short warm-up and a cosine to zero over the steps or minutes given."""
    if peak is None:
        peak = 3e-3 if options.start is None else 1e-3  # what was learned before is not to be forgotten
    device = torch.device(options.torch_device())
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True  # every batch has one shape, so the fastest kernels are looked for once
    # bfloat16 is two to three times as fast where the processor multiplies it (AVX-512 BF16, AMX), and the GPU does.
    half = device.type == "cuda" or _processor_has_bfloat16()
    network = network.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    averaged = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=weight_decay)
    checkpoint = options.out / f"{name}.checkpoint.pt"
    losses: list[float] = []
    steps, spent = 0, 0.0
    following = batches.following  # picture; those of a batch that was fetched and not used come again
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        losses, steps, spent = state["losses"], state["steps"], state["seconds"]
        batches.following = following = state.get("following", 0)
    limit = 60.0 * options.minutes
    wanted = 20 if options.smoke else options.steps
    began = saved = time.monotonic()
    bar = tqdm(total=wanted, desc=name, unit="step", mininterval=5.0)
    for batch in batches:
        seconds = spent + time.monotonic() - began
        progress = steps / wanted if wanted else seconds / limit
        if progress >= 1:
            break
        rate = peak * min(1.0, (steps + 1) / 100) * 0.5 * (1 + float(torch.cos(torch.tensor(progress * torch.pi))))
        for group in optimiser.param_groups:
            group["lr"] = rate
        moved = tuple(part.to(device, non_blocking=True) for part in batch)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
            loss = loss_of(network, moved)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        steps += 1
        following = batches.following
        _average(averaged, network, min(AVERAGE, steps / (steps + 10)))
        losses.append(float(loss.detach()))
        bar.update()
        if steps % 50 == 0:
            bar.set_postfix(loss=f"{sum(losses[-50:]) / 50:.4f}", refresh=False)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            saved = time.monotonic()
            _save(checkpoint, network, averaged, optimiser, losses, steps, seconds, following)
    bar.close()
    seconds = spent + time.monotonic() - began
    _save(checkpoint, network, averaged, optimiser, losses, steps, seconds, following)
    return Outcome(averaged.cpu(), steps, seconds, losses)


def _average(averaged: torch.nn.Module, network: torch.nn.Module, decay: float) -> None:
    with torch.no_grad():
        for mean, now in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now, 1 - decay)
            else:
                mean.copy_(now)


def _save(
    path: Path,
    network: Any,
    averaged: Any,
    optimiser: Any,
    losses: list[float],
    steps: int,
    seconds: float,
    following: int,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "network": network.state_dict(),
        "averaged": averaged.state_dict(),
        "optimiser": optimiser.state_dict(),
        "losses": losses,
        "steps": steps,
        "seconds": seconds,
        "following": following,
    }
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def _processor_has_bfloat16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags
