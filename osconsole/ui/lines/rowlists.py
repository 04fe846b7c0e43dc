"""Lists of rows as a listing needs them: by position, by key, and as far as they have been made."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Protocol, overload

from osconsole.views.ondemand import OnDemand
from osconsole.views.rows import Row


class Rows(Protocol):
    """Rows in their order. `views.ondemand.OnDemand` is one."""

    @property
    def keys(self) -> Sequence[Hashable]:
        """Of all rows, in their order."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def place(self, key: Hashable) -> int | None:
        """Where the object stands, None when it is not there."""

    def sample(self, most: int) -> Sequence[Row]:
        """About so many of the rows that have been made, from everywhere."""

    def known(self) -> Sequence[Row]:
        """All that have been made."""


class Plain(tuple[Row, ...]):
    """Rows that are all there."""

    @cached_property
    def keys(self) -> list[Hashable]:
        """Of all rows."""
        return [row.key for row in self]

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {key: at for at, key in enumerate(self.keys)}

    def place(self, key: Hashable) -> int | None:
        """Where the object stands."""
        return self._places.get(key)

    def sample(self, most: int) -> Sequence[Row]:
        """Rows from everywhere."""
        return self[:: max(1, len(self) // most)]

    def known(self) -> Sequence[Row]:
        """All."""
        return self


class Haunted(Sequence[Row]):
    """Rows with some that are gone among them, each behind the row that it stood behind."""

    def __init__(self, rows: Rows, ghosts: Sequence[tuple[Row, Hashable | None]]) -> None:
        """Ghosts in their order, each with the key of the row above it; None is the top."""
        self._rows = rows
        found = sorted(((self._below(above), row) for row, above in ghosts), key=lambda one: one[0])
        self._ghosts = [row for _, row in found]
        self._before = [at for at, _ in found]  # how many rows come before each ghost
        self._at = [at + count for count, at in enumerate(self._before)]

    def _below(self, above: Hashable | None) -> int:
        place = None if above is None else self._rows.place(above)
        return place + 1 if place is not None else 0 if above is None else len(self._rows)

    def __len__(self) -> int:
        return len(self._rows) + len(self._ghosts)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        count = bisect_left(self._at, at)
        return self._ghosts[count] if count < len(self._at) and self._at[count] == at else self._rows[at - count]

    @property
    def keys(self) -> list[Hashable]:
        """Of all rows and ghosts."""
        return [row.key for row in self]

    def place(self, key: Hashable) -> int | None:
        """Where the object, or its ghost, stands."""
        place = self._rows.place(key)
        if place is not None:
            return place + bisect_right(self._before, place)
        return next((at for at, ghost in zip(self._at, self._ghosts, strict=True) if ghost.key == key), None)

    def sample(self, most: int) -> Sequence[Row]:
        """Of the rows."""
        return self._rows.sample(most)

    def known(self) -> Sequence[Row]:
        """Of the rows."""
        return self._rows.known()


def listed(rows: Sequence[Row]) -> Rows:
    """Rows as a listing needs them."""
    return rows if isinstance(rows, OnDemand | Plain) else Plain(rows)
