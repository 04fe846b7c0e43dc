"""One figure with its budget, and the table that is printed. Measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """Several measurements of one thing; the median counts.

    Attributes:
        budget: the bound that the median is held against; None where there is none.
        floor: the budget is the least, not the most.
        note: what else is to be known, such as wall time on this machine.
    """

    name: str
    values: Sequence[float]
    unit: str
    budget: float | None = None
    floor: bool = False
    note: str = ""

    @property
    def value(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; None without one."""
        if self.budget is None:
            return None
        return self.value >= self.budget if self.floor else self.value <= self.budget


HEAD = f"{'figure':<46} {'median':>10} {'spread':>19} {'unit':<12} {'budget':>10}  "


def line(figure: Figure) -> str:
    """One row: name, median, least and most, unit, budget, verdict, note."""
    spread = f"{_short(min(figure.values))} .. {_short(max(figure.values))}" if len(figure.values) > 1 else ""
    bound = "" if figure.budget is None else f"{'>=' if figure.floor else '<='} {_short(figure.budget)}"
    verdict = {None: "", True: "met", False: "NOT MET"}[figure.met]
    row = f"{figure.name:<46} {_short(figure.value):>10} {spread:>19} {figure.unit:<12} {bound:>10}  {verdict:<8}"
    return f"{row} {figure.note}".rstrip()


def _short(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
