"""Layouts by name: from folders of the person first, then the packaged ones.

A file that breaks later keeps its last good version.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from osconsole.errors import OsconsoleError
from osconsole.views.layout import Layout, layout

PACKAGE = "osconsole.layouts"
FIRST = "overview"


class Layouts:
    """The screens that there are. `folders` come before the packaged ones; the nearest file with a name wins whole."""

    def __init__(self, folders: tuple[Path, ...] = ()) -> None:
        self._folders: tuple[Traversable, ...] = (*folders, files(PACKAGE))
        self._kept: dict[str, tuple[str, Layout]] = {}
        self.faults: dict[str, str] = {}

    def names(self) -> list[str]:
        """All names, sorted."""
        found = {
            entry.name.removesuffix(".yaml")
            for folder in self._folders
            if folder.is_dir()
            for entry in folder.iterdir()
            if entry.name.endswith(".yaml")
        }
        return sorted(found)

    def get(self, name: str) -> Layout:
        """A layout as its file is now.

        Raises:
            OsconsoleError: there is none of that name, or the file is wrong and there is no good version of it.
        """
        file = self._file(name)
        if file is None:
            raise OsconsoleError(f"no screen '{name}': there are {', '.join(self.names())}")
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeError) as error:
            raise OsconsoleError(f"{file}: cannot be read: {error}") from None
        kept = self._kept.get(name)
        if kept and kept[0] == text:
            return kept[1]
        try:
            found = layout(text, str(file))
        except OsconsoleError as error:
            self.faults[name] = str(error)
            if kept:
                return kept[1]
            raise
        self.faults.pop(name, None)
        self._kept[name] = (text, found)
        return found

    def _file(self, name: str) -> Traversable | None:
        for folder in self._folders:
            file = folder.joinpath(f"{name}.yaml")
            if file.is_file():
                return file
        return None
