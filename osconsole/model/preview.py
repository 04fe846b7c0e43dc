"""Preview: what an intent would do, judged before anything is written."""

from typing import Any

import msgspec

from osconsole.model import masks
from osconsole.model.intents import Intent
from osconsole.model.ref import Ref

Path = tuple[str, ...]


class Touched(msgspec.Struct, frozen=True):
    """One field that a write changes: its path and the values before and after (None: absent).

    As text it shows no secrets: what is written may hold one, whoever looks over a shoulder need not see it.
    """

    path: Path
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.shown(self.old)} → {self.shown(self.new)}"

    def shown(self, value: Any) -> str:
        """A value of the field as text."""
        key = self.path[-1]
        return "absent" if value is None else str(masks.hidden({key: value})[key])


class Finding(msgspec.Struct, frozen=True):
    """One check: level "ok", "warn" or "refused", and a sentence."""

    level: str
    text: str


class Preview(msgspec.Struct, frozen=True):
    """An intent with its consequences.

    Attributes:
        title: one line, `Scale KeystoneAPI keystone from 1 to 2`.
        target: the object that is written, and why it and not another (`because`).
        uid, version, generation: of the target when it was judged; "" and 0 for what does not exist yet.
        touches: fields that change. The write is refused if one of the old values is different by then.
        diff: lines of a unified diff of the object as the server's dry run returned it.
        warnings: the server's admission warnings.
        rolls: what restarts or starts, as sentences.
        findings: checks; any "refused" forbids submission.
        undo: how to take it back.
        confirm: the text that must be typed; "" when a plain yes is enough.
    """

    intent: Intent
    title: str
    target: Ref
    because: str = ""
    uid: str = ""
    version: str = ""
    generation: int = 0
    touches: tuple[Touched, ...] = ()
    diff: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rolls: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    undo: str = ""
    confirm: str = ""

    @property
    def refused(self) -> str:
        """Why it may not be submitted; "" when it may."""
        return "; ".join(f.text for f in self.findings if f.level == "refused")
