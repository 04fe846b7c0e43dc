"""Opening: the desk and its first frame, before Textual is there.

Importing Textual takes longer than all else at the start. The frame is made by the same parts that draw it later, so
it is the truth: the screen's panes, still empty. Keys typed meanwhile wait in the terminal.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from rich.color import ColorSystem

from osconsole.session import Session
from osconsole.ui.desk import Desk
from osconsole.ui.keys import Keymap
from osconsole.ui.layouts import FIRST, Layouts
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.ui.theme import Theme


class Opening:
    """The `Host` of a desk for as long as no application runs."""

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Nothing runs yet."""
        work.close()
        raise RuntimeError(f"{name}: the console does not run yet")

    def wake(self) -> None:
        """The first frame is drawn when it is asked for."""

    async def lent(self, use: Callable[[], Awaitable[int]]) -> int:
        """The terminal is nobody's yet."""
        return await use()

    def copy(self, text: str) -> None:
        """Nothing can be selected yet."""

    def repaint(self) -> None:
        """Nothing is drawn yet."""

    def leave(self) -> None:
        """Nothing to end."""


def open_desk(
    session: Session, folders: Iterable[Path], own_keys: dict[str, str] | None = None
) -> tuple[Desk, Layouts]:
    """A desk at the first screen, for an application to take over (`desk.host`).

    Raises:
        DocumentError: no version of the first screen's layout is good.
    """
    layouts, keymap = Layouts(folders), Keymap(own_keys)
    return Desk(session, Opening(), lambda desk: LayoutScreen(desk, layouts.get(FIRST), FIRST), keymap), layouts


def first_frame(desk: Desk, theme: Theme, width: int, height: int) -> str:
    """The desk as terminal sequences, from the home position on."""
    desk.resize(width, height)
    system = ColorSystem.STANDARD
    painted = (
        "".join(theme.style(look).render(theme.text(text), color_system=system) for text, look in line)
        for line in desk.frame.lines(desk.session.now())
    )
    return "\x1b[H" + "\r\n".join(painted)
