"""Weather: what a failed stream means for those who look: rights, absence, or a line that is down. Pure but for `now`.

Which right is missing is what the server said; nothing here asks it.
"""

import re

from osconsole.errors import ApiError, Forbidden, NotFound, OsconsoleError
from osconsole.model.changes import Change, Denied, Listed, Lost
from osconsole.model.kinds import Kind

_VERB = re.compile(r"cannot (\w+) resource")


def told(kind: Kind, namespace: str, error: OsconsoleError, now: float) -> list[Change]:
    """The changes that say it."""
    if isinstance(error, NotFound):
        missing = f"{kind.resource} is not installed"
        return [Listed(kind.key, namespace, (), now), Denied(kind.key, namespace, missing, now, installed=False)]
    if isinstance(error, Forbidden):
        verb = _VERB.search(str(error))
        where = f" in namespace {namespace}" if namespace else ""
        return [Denied(kind.key, namespace, f"{verb[1] if verb else 'list'} {kind.resource}{where}", now)]
    if unwatchable(error):
        return [Denied(kind.key, namespace, f"watch {kind.resource} (the server offers lists only)", now)]
    return [Lost(kind.key, namespace, str(error), now)]


def unwatchable(error: OsconsoleError) -> bool:
    """The server has no watch for this kind, or not for us: what can be listed is worth listing."""
    return isinstance(error, Forbidden) or (isinstance(error, ApiError) and error.code == 405)
