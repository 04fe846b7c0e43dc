"""Rules: the single lines that part panes, with titles in them."""

from collections.abc import Sequence

from osconsole.ui.lines.span import QUIET, Line, Look, Span, line

TITLE = Look("accent", bold=True)
OTHER = Look(bold=True)
DASH = "─"


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


def crossing(*, left: bool, right: bool, top: bool) -> str:
    """The sign between two columns: which of them has a rule there, and if it is the first line."""
    if top:
        return "┬" if left and right else "┐" if left else "┌" if right else "│"
    return "┼" if left and right else "┤" if left else "├" if right else "│"
