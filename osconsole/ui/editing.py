"""Editing: an object as YAML in the person's editor, back as an intent. The terminal is the editor's meanwhile."""

import asyncio
import contextlib
import os
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from osconsole.documents import parse
from osconsole.errors import OsconsoleError
from osconsole.model.intents import Edit, Intent
from osconsole.model.ref import Ref
from osconsole.ui.desk import Desk
from osconsole.views.detail import to_yaml

_HEAD = """\
# {name}. Save and leave to see what would change; leave without a change to do nothing.
# Fields under status are the controllers' and are not written.
"""
MISSING = 127  # the exit code of a shell that finds no such command


class Editing:
    """`ask` gets the intent of what was edited, and where that is kept until it is `applied`."""

    def __init__(self, desk: Desk, ask: Callable[[Intent, str], None]) -> None:
        self._desk = desk
        self._ask = ask
        self._kept: dict[Ref, Path] = {}

    def start(self, ref: Ref) -> None:
        """Read the object anew and open it."""
        self._desk.start(self._edit(ref), "editing")

    async def _edit(self, ref: Ref) -> None:
        if lacks := await self._desk.session.can(edit_of(ref)):
            raise OsconsoleError(f"edit {ref.short}: {lacks}")
        found = await self._desk.session.read(ref)
        if found is None:
            raise OsconsoleError(f"{ref} is gone")
        base = found.body()
        base.pop("status", None)
        edited = await self._edited(ref, base)
        if edited is None:
            self._desk.say("nothing was changed")
        else:
            note = f"what you wrote is kept in {self._kept[ref]} until it is applied"
            self._ask(Edit(ref, found.version, edited, base), note)

    def applied(self, ref: Ref) -> None:
        """What was written of an object needs not be kept any more."""
        if file := self._kept.pop(ref, None):
            file.unlink(missing_ok=True)

    async def _edited(self, ref: Ref, body: dict[str, Any]) -> dict[str, Any] | None:
        """The object as the person left it; None when it is the same.

        Raises:
            OsconsoleError: no editor, or the text is no object any more; it is kept in a file that is named.
        """
        text = _HEAD.format(name=ref) + to_yaml(body)
        file = _file(ref.name, text)
        code = await self._desk.host.lent(lambda: run_editor(file))
        after = file.read_text("utf-8", "replace")
        if code != 0 or after == text:
            file.unlink(missing_ok=True)
            if code == MISSING:
                raise OsconsoleError(f"there is no editor '{editor()}': set EDITOR to one that is installed")
            if code != 0:
                raise OsconsoleError(f"the editor ended with {code}: nothing was changed")
            return None
        try:
            edited = parse(after, str(file))
        except OsconsoleError as error:
            raise OsconsoleError(f"{error}: what you wrote is kept there") from None
        if not isinstance(edited, dict):
            raise OsconsoleError(f"{file}: this is no object any more; what you wrote is kept there")
        if edited == body:
            file.unlink(missing_ok=True)
            return None
        self._kept[ref] = file
        return edited


def no_edit(ref: Ref) -> str:
    """Why editing an object makes no sense; "" when it may."""
    return "their data is never read, so Secrets are not edited here" if ref.kind == "Secret" else ""


def edit_of(ref: Ref) -> Edit:
    """An edit of an object, whichever, to ask for the right with."""
    return Edit(ref, "", {})


def _file(name: str, text: str) -> Path:
    """A new file that is nobody else's.

    Raises:
        OsconsoleError: there is no room for it.
    """
    try:
        handle, path = tempfile.mkstemp(prefix=f"osconsole-{name[:40]}-", suffix=".yaml")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise OsconsoleError(f"{tempfile.gettempdir()}: no file for the editor: {error.strerror}: make room") from None
    return Path(path)


def editor() -> str:
    """The command of $VISUAL or $EDITOR, else vi."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"


async def run_editor(file: Path) -> int:
    """The editor on a file; its exit code, MISSING when there is none. Cancelled, it is ended, and the file is left."""
    try:
        process = await asyncio.create_subprocess_exec(*shlex.split(editor()), str(file), stderr=1)
    except (OSError, ValueError):
        return MISSING
    try:
        return await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
