"""Editing: an object as YAML in the person's editor, back as an intent. The terminal is the editor's meanwhile."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from osconsole.documents import parse
from osconsole.errors import OsconsoleError
from osconsole.model.intents import Edit, Intent
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.ui.desk import Desk
from osconsole.views.detail import to_yaml

_HEAD = """\
# {name}. Save and leave to see what would change; leave without a change to do nothing.
# Fields under status are the controllers' and are not written.
"""


class Editing:
    """`ask` gets the intent of what was edited."""

    def __init__(self, desk: Desk, ask: Callable[[Intent], None]) -> None:
        self._desk = desk
        self._ask = ask

    def start(self, ref: Ref) -> None:
        """Read the object anew and open it."""
        if ref.kind == "Secret":
            self._desk.say("Secrets are not edited here: their data is never read", "warn")
            return
        self._desk.start(self._edit(ref), "editing")

    async def _edit(self, ref: Ref) -> None:
        found = await self._desk.session.read(ref)
        if found is None:
            raise OsconsoleError(f"{ref} is gone")
        body = self._edited(found)
        if body is None:
            self._desk.say("nothing was changed")
        else:
            self._ask(Edit(ref, found.version, body))

    def _edited(self, found: Resource) -> dict[str, Any] | None:
        """The object as the person left it; None when it is the same.

        Raises:
            OsconsoleError: no editor, or the text is no object any more; it is kept in a file that is named.
        """
        body = found.body()
        body.pop("status", None)
        text = _HEAD.format(name=found.ref) + to_yaml(body)
        handle, name = tempfile.mkstemp(prefix=f"osconsole-{found.ref.name[:40]}-", suffix=".yaml")
        file = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        code = self._desk.host.suspended(lambda: run_editor(file))
        after = file.read_text("utf-8", "replace")
        if code != 0 or after == text:
            file.unlink(missing_ok=True)
            if code != 0:
                raise OsconsoleError(f"the editor ended with {code}: nothing was changed")
            return None
        try:
            edited = parse(after, str(file))
        except OsconsoleError as error:
            raise OsconsoleError(f"{error}: what you wrote is kept there") from None
        if not isinstance(edited, dict):
            raise OsconsoleError(f"{file}: this is no object any more; what you wrote is kept there")
        file.unlink(missing_ok=True)
        return edited if edited != body else None


def run_editor(file: Path) -> int:
    """The editor of $VISUAL or $EDITOR (else vi) on a file; its exit code, 127 when there is none."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    try:
        return subprocess.run([*words, str(file)], stderr=1, check=False).returncode
    except OSError:
        return 127
