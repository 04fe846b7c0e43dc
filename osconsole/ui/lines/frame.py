"""Frame: the whole screen: header, body, a sheet over the body's lower part when one is open, footer."""

from osconsole.ui.lines.part import Part
from osconsole.ui.lines.span import Line


class Frame:
    """A `Part` made of parts. `sheet_height` is what the sheet takes of the body; 0 for none."""

    def __init__(self, header: Part, body: Part, footer: Part) -> None:
        self.header = header
        self.body = body
        self.footer = footer
        self.sheet: Part | None = None
        self.sheet_height = 0
        self.width = self.height = 0

    @property
    def room(self) -> int:
        """Lines of the body."""
        return max(0, self.height - 2)

    def resize(self, width: int, height: int) -> None:
        """The size of the terminal."""
        self.width, self.height = width, height
        self.fit()

    def fit(self) -> None:
        """Give every part its place; call it when one of them was exchanged."""
        self.header.resize(self.width, 1)
        self.footer.resize(self.width, 1)
        taken = min(self.sheet_height, self.room) if self.sheet else 0
        self.body.resize(self.width, self.room)
        if self.sheet:
            self.sheet.resize(self.width, taken)

    def lines(self, now: float) -> list[Line]:
        """Header, body, sheet, footer."""
        body = list(self.body.lines(now))
        if self.sheet:
            over = self.sheet.lines(now)
            body[len(body) - len(over) :] = over
        return [*self.header.lines(now), *body, *self.footer.lines(now)][: self.height]

    def due(self, now: float) -> float:
        """The soonest of all."""
        parts = [self.header, self.body, self.footer, *([self.sheet] if self.sheet else [])]
        return min((at for part in parts if (at := part.due(now))), default=0.0)
