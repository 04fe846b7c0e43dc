"""Place: what the body of the screen shows, as the desk knows it. Every screen is one."""

from typing import Protocol

from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.lines.part import Part


class Place(Protocol):
    """A screen.

    A method `do_ID` answers the key of that id in `ui.keys`; what a place does not answer, the desk does.
    """

    @property
    def name(self) -> str:
        """How messages and the history call it."""

    @property
    def context(self) -> str:
        """Which keys work: one of `ui.keys.CONTEXTS`."""

    @property
    def body(self) -> Part:
        """What is drawn."""

    def kinds(self) -> frozenset[KindKey]:
        """What must be watched while it is on screen."""

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """Show the world as it is now."""

    def subject(self) -> Ref | None:
        """The object that an action here is about."""

    def clear(self) -> bool:
        """Take filter or find away; False when there was nothing to take away."""

    def work(self) -> bool:
        """A slice of at most some milliseconds of what takes long; True while there is more."""

    def enter(self) -> None:
        """It comes on screen."""

    def leave(self) -> None:
        """It goes off screen, perhaps to come back."""

    def move(self, by: int) -> None:
        """Down or up by lines."""

    def page(self) -> int:
        """Lines of a page."""

    def end(self, *, top: bool) -> None:
        """To the first or the last line."""
