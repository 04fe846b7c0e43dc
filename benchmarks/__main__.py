"""`python -m benchmarks [GROUP...]`: prints each figure with its budget. Exit 1 when a budget is not met."""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator

from benchmarks.figure import HEAD, Figure, line
from benchmarks.realcluster import Load

GROUPS = ("views", "why", "history", "replay", "ansible", "logs", "watching", "embedded", "console", "storm", "world")
# Only when they are named: they take long.
LONG = ("real",)


def main() -> int:
    """Measure the groups that were named, else all but the long ones."""
    given = _arguments()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}: CPU time is what is held against a budget\n\n{HEAD}")
    judged = missed = 0
    for group in given.groups or GROUPS:
        for figure in _figures(group, Load(given.pods, given.custom, given.events)):
            print(line(figure), flush=True)
            judged += figure.met is not None
            missed += figure.met is False
    print(f"\n{judged - missed} of {judged} budgets are met" if judged else "\nno figure here has a budget")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print figures with their budgets.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)} (all of these), {LONG[0]}")
    usual = Load()
    for name, what in (("pods", "pods"), ("custom", "custom resources"), ("events", "changes of pods")):
        words = f"real: so many {what} (%(default)s)"
        parser.add_argument(f"--{name}", type=_count, default=getattr(usual, name), metavar="N", help=words)
    given = parser.parse_args()
    unknown = sorted(set(given.groups) - {*GROUPS, *LONG})
    if unknown:
        parser.error(f"unknown group {', '.join(unknown)}: choose from {', '.join(GROUPS + LONG)}")
    return given


def _count(text: str) -> int:
    found = int(text)
    if found < 1:
        raise argparse.ArgumentTypeError(f"{found}: at least 1")
    return found


def _figures(group: str, load: Load) -> Iterator[Figure]:
    module = importlib.import_module(f"benchmarks.{group}")
    found: Iterator[Figure] = module.figures(load) if group == "real" else module.figures()
    return found


if __name__ == "__main__":
    sys.exit(main())
