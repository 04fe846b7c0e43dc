"""Wrapping: spans broken into rows that fit a width, between words where that leaves no row half empty."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from osconsole.ui.lines.width import pieces

Look = TypeVar("Look")


def wrapped(spans: Sequence[tuple[str, Look]], width: int) -> list[list[tuple[str, Look]]]:
    """The spans broken into rows of at most `width` cells. Nothing is lost: blanks stay at the end of their row."""
    text = "".join(part for part, _ in spans)
    return [_between(spans, start, end) for start, end in _rows(text, width)] or [[]]


def _rows(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each row begins and ends."""
    start = 0
    while start < len(text):
        head = pieces(text[start : start + width], width)[0] or text[start]
        end = start + len(head)
        if end < len(text):
            end = text.rfind(" ", start + len(head) // 2, end) + 1 or end
        yield start, end
        start = end


def _between(spans: Sequence[tuple[str, Look]], start: int, end: int) -> list[tuple[str, Look]]:
    row: list[tuple[str, Look]] = []
    at = 0
    for text, look in spans:
        if part := text[max(0, start - at) : max(0, end - at)]:
            row.append((part, look))
        at += len(text)
    return row
