"""Rows on demand: the objects of one kind in an order, of which a row is made when somebody looks at it.

A world of fifty thousand objects that changes all the time costs the rows that are on screen, and no others. What was
made is kept as long as its object is the same.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import overload

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.views.rows import Row

BREATH = 64  # objects looked at between two breaths, which takes as long as to make a row
by_name = attrgetter("name", "namespace")


class Made(msgspec.Struct, frozen=True, gc=False):
    """A row, the object that it was made of, and when it may differ though that is the same (0: never)."""

    resource: Resource
    row: Row
    until: float = 0.0


class OnDemand(Sequence[Row]):
    """Rows in the order of their names.

    Attributes:
        keys: of all rows; the same list as long as the same objects are in the same order.
        until: when one of the rows that were looked at may differ by time alone; 0 for never.
    """

    def __init__(
        self,
        keys: list[Ref],
        source: Mapping[Ref, Resource],
        make: Callable[[Resource], Made],
        kept: dict[Ref, Made],
        now: float,
    ) -> None:
        """`kept` is what was made of these objects before, and is added to."""
        self.keys = keys
        self.until = 0.0
        self._source = source
        self._make = make
        self._kept = kept
        self._now = now
        self._known: list[Row] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self.row(ref) for ref in self.keys[at]]
        return self.row(self.keys[at])

    def __iter__(self) -> Iterator[Row]:
        return map(self.row, self.keys)

    def row(self, ref: Ref) -> Row:
        """The row of an object that is among these."""
        made = self._kept.get(ref)
        if made is None or self._late(made, ref):
            made = self._kept[ref] = self._make(self._source[ref])
            self._known = None
        if made.until and (self.until == 0 or made.until < self.until):
            self.until = made.until
        return made.row

    def place(self, key: object) -> int | None:
        """Where an object stands; None when it is not among these."""
        if not isinstance(key, Ref) or key not in self._source:
            return None
        at = bisect_left(self.keys, by_name(key), key=by_name)
        return at if at < len(self.keys) and self.keys[at] == key else None

    def sample(self, most: int) -> list[Row]:
        """Rows that have been made, from everywhere, perhaps of former versions."""
        made = map(self._kept.get, self.keys[:: max(1, len(self) // most)])
        return [one.row for one in made if one is not None]

    def known(self) -> list[Row]:
        """All rows that have been made, perhaps of former versions, in their order."""
        if self._known is None:
            self._known = [made.row for made in map(self._kept.get, self.keys) if made is not None]
        return self._known

    def late(self, *, once: bool) -> Iterator[Ref | None]:
        """Objects whose rows are of former versions or were never made, or (`once`) only these.

        It is None now and then, to take a breath.
        """
        for count, ref in enumerate(self.keys, 1):
            made = self._kept.get(ref)
            if made is None or (not once and self._late(made, ref)):
                yield ref
            elif count % BREATH == 0:
                yield None

    def _late(self, made: Made, ref: Ref) -> bool:
        return made.resource is not self._source[ref] or 0 < made.until <= self._now
