"""The scroll bar: one column at the right that says where the window is; absent when everything is on screen."""

from osconsole.ui.lines.span import Line, Look, line

THUMB = ("▐", Look("quiet"))
TRACK = (" ", Look())


def thumb(top: int, height: int, total: int) -> range:
    """The rows of the window that the thumb covers; empty when all is visible."""
    if total <= height or height < 1:
        return range(0)
    size = max(1, height * height // total)
    at = (height - size) * top // max(1, total - height)
    return range(at, at + size)


def with_bar(painted: Line, *, on: bool) -> Line:
    """The line with one more column for the bar."""
    return line((*painted.spans, THUMB if on else TRACK), painted.width + 1)
