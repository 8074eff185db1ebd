"""``python -m fastqr.training NETWORK --out DIR``: train one network, ``quantise`` what is there, or do it ``all``."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from .options import TrainingOptions

NETWORKS = ("pnet", "rnet", "onet", "lnet", "densenet")


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m fastqr.training", description=__doc__)
    parser.add_argument("network", choices=[*NETWORKS, "quantise", "all"])
    parser.add_argument("--out", type=Path, required=True, help="folder for networks, manifest, curves, checkpoints")
    parser.add_argument("--backgrounds", type=Path, help="folder of photographs without QR codes")
    parser.add_argument("--start", type=Path, help="folder of networks to begin with, instead of random weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0, help="wall clock a network (default 20)")
    parser.add_argument("--steps", type=int, help="optimiser steps a network, instead of minutes")
    parser.add_argument("--smoke", action="store_true", help="seconds instead of minutes: does the code work")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--workers", type=int, default=1, help="processes that make samples")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch on a CPU")
    arguments = vars(parser.parse_args())
    network = arguments.pop("network")
    if arguments["backgrounds"] is not None and not arguments["backgrounds"].is_dir():
        parser.error(f"--backgrounds: no folder {str(arguments['backgrounds'])!r}")
    if arguments["start"] is not None and not arguments["start"].is_dir():
        parser.error(f"--start: no folder {str(arguments['start'])!r}")
    options = TrainingOptions(**arguments)
    for name in NETWORKS if network == "all" else (network,):
        if name != "quantise":
            print(name, importlib.import_module(f".{name}", __package__).train(options))
    if network in ("quantise", "all"):
        from .quantise import quantise

        print("quantise", quantise(options))


if __name__ == "__main__":
    main()
