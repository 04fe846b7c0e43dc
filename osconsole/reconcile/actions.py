"""Actions: the writes a decider may ask for, as values. `execute` carries them out, idempotently.

Passwords, keys and certificates are never in an Action: a `Generated` stands for them and is filled in once, when the
Secret is created.
"""

from typing import Any

import msgspec

from osconsole.model.ref import Ref

FIELD_MANAGER = "osconsole"


class Generated(msgspec.Struct, frozen=True):
    """A secret value that `execute` makes up: kind is password, fernet, ssh-ed25519 or uuid; length in characters."""

    kind: str = "password"
    length: int = 24


class Create(msgspec.Struct, frozen=True):
    """Create the object unless it exists. Values in `secrets` go to `stringData`, generated at that moment."""

    body: dict[str, Any]
    secrets: dict[str, Generated] = {}


class Ensure(msgspec.Struct, frozen=True):
    """Make the object hold at least this content: create it, or patch the fields in which it differs.

    Fields that are absent from `body` are left alone; lists are replaced as a whole.
    """

    body: dict[str, Any]


class Patch(msgspec.Struct, frozen=True):
    """JSON merge patch of one object; refused when uid differs or a touched field no longer has its old value."""

    ref: Ref
    patch: dict[str, Any]
    uid: str = ""
    version: str = ""


class SetStatus(msgspec.Struct, frozen=True):
    """JSON merge patch of the status subresource; skipped when nothing would change.

    `status["conditions"]` is the whole list; `execute` keeps lastTransitionTime of entries whose state is equal and
    stamps the others.
    """

    ref: Ref
    status: dict[str, Any]
    version: str = ""


class Remove(msgspec.Struct, frozen=True):
    """Delete one object (uid must match when given); gone already is success."""

    ref: Ref
    uid: str = ""
    propagation: str = "Background"


class Evict(msgspec.Struct, frozen=True):
    """Evict a Pod through the eviction subresource, so that disruption budgets hold."""

    ref: Ref
    uid: str = ""


Action = Create | Ensure | Patch | SetStatus | Remove | Evict
