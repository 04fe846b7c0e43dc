"""Help: every key that works here, from the table of keys and nowhere else."""

from collections.abc import Iterator

from osconsole.ui import keys
from osconsole.ui.screens.texts import TextSheet
from osconsole.views.rows import Line

TITLES = (
    ("any", "everywhere"),
    ("table", "tables and trees"),
    ("text", "texts"),
    ("log", "logs"),
    ("replay", "the time of a recording"),
)
COMMANDS = (
    (":q", "quit, as Ctrl-C twice does"),
    (":pods  :nova  :svc", "any kind by its plural, kind or short name"),
    (":overview  :services ...", "a screen by its name"),
    (":ctx  :ns", "contexts, namespaces; with a name: go there"),
    (":journal", "what was done from here"),
    (":forward [HERE:]THERE", "a port of this machine to a pod; :forward lists and stops"),
    (":inventory [HOST]  :operator", "what Ansible is told; what operators write about it"),
    ("/word !word", "rows with the one and without the other"),
)


def sheet(context: str, screens: list[str], width: int) -> TextSheet:
    """The sheet for a context; two columns where there is room."""
    lines = [Line((("Commands", "accent"),))]
    lines += [_line(key, words) for key, words in COMMANDS]
    lines.append(_line("screens", " ".join(screens)))
    for where, title in TITLES:
        if where in keys.CONTEXTS[context]:
            lines += [Line((("", ""),)), Line((("Keys: " + title, "accent"),))]
            lines += list(_table(where, width))
    return TextSheet("keys", lines)


def _table(where: str, width: int) -> Iterator[Line]:
    found = [(keys.names(key), key.words) for key in keys.KEYS if key.where == where]
    columns = 2 if width >= 90 else 1
    rows = -(-len(found) // columns)
    for at in range(rows):
        spans: list[tuple[str, str]] = []
        for key, words in found[at::rows]:
            spans += [(f"  {key:<14}", "accent"), (f"{words:<{(width - 4) // 2 - 16}}" if columns == 2 else words, "")]
        yield Line(tuple(spans))


def _line(key: str, words: str) -> Line:
    return Line(((f"  {key:<26}", "accent"), (words, "")))
