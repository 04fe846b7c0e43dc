"""Layouts by name, from folders.

A file that breaks later keeps its last good version; one that never was good gives way to the next of its name.
"""

from collections.abc import Iterable
from pathlib import Path

from osconsole.errors import OsconsoleError
from osconsole.views.layout import Layout, layout

FIRST = "overview"


class Layouts:
    """The screens that there are in `folders`, nearest first; the nearest file with a name wins whole."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
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
        """A layout as its file is now; what is wrong with the file, if another version is given, is in `faults`.

        Raises:
            OsconsoleError: there is none of that name, or no good version of it.
        """
        files = self._files(name)
        if not files:
            raise OsconsoleError(f"no screen '{name}': there are {', '.join(self.names())}")
        self.faults.pop(name, None)
        try:
            return self._read(name, files[0])
        except OsconsoleError as error:
            self.faults[name] = str(error)
            if name in self._kept:
                return self._kept[name][1]
            if len(files) == 1:
                raise
        return self._read(name, files[-1])

    def fault(self, name: str) -> str:
        """What to tell of a screen whose file is wrong, so that another version of it is shown; "" when it is good."""
        return f"another version of this screen is shown: {self.faults[name]}" if name in self.faults else ""

    def _read(self, name: str, file: Path) -> Layout:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeError) as error:
            raise OsconsoleError(f"{file}: cannot be read: {error}") from None
        kept = self._kept.get(name)
        if kept is None or kept[0] != text:
            kept = self._kept[name] = (text, layout(text, str(file)))
        return kept[1]

    def _files(self, name: str) -> list[Path]:
        """The files of that name, the nearest first."""
        found = [folder.joinpath(f"{name}.yaml") for folder in self._folders]
        return [file for file in found if file.is_file()]
