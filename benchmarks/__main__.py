"""`python -m benchmarks [GROUP...]`: prints each figure with its budget. Exit 1 when a budget is not met."""

import importlib
import os
import sys

from benchmarks.figure import HEAD, line

GROUPS = ("views", "why", "history", "replay", "ansible", "watching", "embedded", "console", "world", "real")


def main() -> int:
    """Measure the groups that were named, all by default."""
    wanted = sys.argv[1:] or list(GROUPS)
    unknown = sorted(set(wanted) - set(GROUPS))
    if unknown:
        print(f"unknown group {', '.join(unknown)}: choose from {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}: CPU time is what is held against a budget\n\n{HEAD}")
    missed = 0
    for group in wanted:
        for figure in importlib.import_module(f"benchmarks.{group}").figures():
            print(line(figure), flush=True)
            missed += figure.met is False
    print(f"\n{missed} not met" if missed else "\nall budgets are met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
