"""Rules: the single lines that part panes, with titles in them."""

from collections.abc import Sequence

from osconsole.ui.lines.span import QUIET, Line, Look, Span, line

TITLE = Look("accent", bold=True)
OTHER = Look(bold=True)
DASH = "─"
# Which way lines leave a crossing: (up, down, left, right) -> sign.
CROSSING = {
    (False, True, True, True): "┬",
    (True, False, True, True): "┴",
    (True, True, True, False): "┤",
    (True, True, False, True): "├",
    (True, True, True, True): "┼",
    (True, True, False, False): "│",
    (False, True, True, False): "┐",
    (False, True, False, True): "┌",
}


def rule(titles: Sequence[tuple[str, bool]], width: int, note: str = "") -> Line:
    """A rule with titles, each with whether it is the chosen one; a note (count, filter) follows the chosen title."""
    spans: list[Span] = []
    for title, chosen in titles:
        if not title:
            continue
        spans += [(DASH + " ", QUIET), (title, TITLE if chosen else OTHER if len(titles) == 1 else QUIET), (" ", QUIET)]
        if note and (chosen or len(titles) == 1):
            spans += [(DASH + " ", QUIET), (note, QUIET), (" ", QUIET)]
    painted = line(spans, width)
    used = sum(len(text) for text, _ in spans)
    return line((*spans, (DASH * max(0, width - used), QUIET)), width) if used < width else painted


def crossing(above: bool, below: bool, left: bool, right: bool) -> str:  # noqa: FBT001
    """The sign where lines meet."""
    return CROSSING.get((above, below, left, right), "│")
