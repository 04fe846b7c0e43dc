"""What a pane is made of: cells, rows and tables as plain values. The ui draws them, the other views make them.

A row holds instants, never ages: a cell of kind "age" carries Unix seconds in `instant`, and the widget prints the age
of visible rows. Rows are cached per Resource identity, so a row that did not change is the same object.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from osconsole.model.ref import Ref

ROLES = ("", "good", "busy", "warn", "bad", "quiet", "accent")


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One cell: final text (already free of control characters), a role of colour, an instant for ages, a sort key."""

    text: str = ""
    role: str = ""
    instant: float = 0.0
    sort: Any = None


class Column(msgspec.Struct, frozen=True, gc=False):
    """A column: heading, alignment "<" or ">", least and most width in cells, and how early it gives way (0: never)."""

    title: str
    align: str = "<"
    least: int = 3
    most: int = 60
    yields: int = 0


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line. `key` is stable over its life (usually the Ref); tree rows have depth and fold state.

    Attributes:
        ref, version: the object and the resourceVersion that it was judged by; None for headings.
        state: one of `views.state.WORDS`.
        fold: "" for a leaf, "open" or "shut".
        text: what `/` searches, lower case.
        gone: vanished, shown one beat longer.
        changed: when it last changed (Unix seconds), for bold-for-two-seconds.
    """

    key: Any
    cells: tuple[Cell, ...]
    ref: Ref | None = None
    version: str = ""
    state: str = ""
    depth: int = 0
    fold: str = ""
    text: str = ""
    gone: bool = False
    changed: float = 0.0


class Table(msgspec.Struct, frozen=True):
    """Rows under columns, perhaps `ondemand.OnDemand`.

    `empty` says why there are none: loading, none, no permission to list ..., filtered out.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    empty: str = ""
    hidden: int = 0


class Line(msgspec.Struct, frozen=True):
    """A line of free text: (text, role) spans; `ref` is where Enter goes."""

    spans: tuple[tuple[str, str], ...]
    ref: Ref | None = None
