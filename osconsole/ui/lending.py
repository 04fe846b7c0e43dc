"""Lending: the terminal is somebody else's for a while (an editor, a shell in a pod), and comes back in any case."""

import asyncio
from collections.abc import Awaitable, Callable

from osconsole.ui.framediff import FrameDiff

INTERRUPTED = 130  # what a shell says of a program that SIGINT ended


class Lending(FrameDiff):
    """A mixin in front of `App`."""

    _borrower: asyncio.Task[object] | None = None
    _leaving: int | None = None  # the exit code with which, once the terminal is back

    async def lent(self, use: Callable[[], Awaitable[int]]) -> int:
        """Give the terminal away for a while; everything else goes on, only nothing is drawn."""
        code, failure = 0, None
        with self.suspend():
            self.drawing = False
            self._borrower = asyncio.current_task()
            try:
                code = await use()
            except BaseException as error:  # Textual does not take the terminal back from one that leaves as an error
                failure = error
            finally:
                self.drawing, self._borrower = True, None
        self.repaint()
        if self._leaving is not None:
            self.exit(0, return_code=self._leaving)
        if failure is not None:
            raise failure
        return code

    def repaint(self) -> None:
        """Every cell again."""
        self.forget_frame()
        self.refresh(layout=True)

    def leave(self, code: int = 0) -> None:
        """End well; whoever has the terminal gives it back before."""
        if self._borrower is None:
            self.exit(0, return_code=code)
        else:
            self._leaving = code
            self._borrower.cancel()

    def interrupted(self) -> None:
        """SIGINT: where the terminal is lent, it is meant for whoever has it; else it ends us."""
        if self._borrower is None:
            self.leave(INTERRUPTED)
