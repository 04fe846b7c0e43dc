"""Wrapping: spans broken into rows that fit a width."""

from osconsole.ui.lines.span import Span
from osconsole.ui.lines.width import pieces, width_of


def wrapped(spans: list[Span], width: int) -> list[list[Span]]:
    """The spans broken into rows of at most `width` cells."""
    rows: list[list[Span]] = [[]]
    left = width
    for text, look in spans:
        while text:
            head = pieces(text, left)[0] or (text[0] if left == width else "")
            rows[-1].append((head, look))
            left = 0 if not head else left
            left -= width_of(head)
            text = text[len(head) :]
            if text or left <= 0:
                rows.append([])
                left = width
    return rows[:-1] if len(rows) > 1 and not rows[-1] else rows
