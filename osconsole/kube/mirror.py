"""Mirror: from an object's JSON to a `Resource`, fast and never failing.

Metadata and conditions are decoded typed, managedFields are cut out of the bytes after their writers were noted, the
rest stays bytes. What does not fit that way is decoded plainly; what does not fit at all becomes a Resource that says
so.

Of a Secret only key names, sizes and upstream's hash are kept (under `osconsole` in the body), except in the namespaces
that the caller names: a console names none, an operator those that it reconciles.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from sys import intern
from typing import Any, Generic, TypeVar

import msgspec

from osconsole.kube import managed
from osconsole.model.conditions import READY, Condition, condition, instant
from osconsole.model.gist import FORMS, Status
from osconsole.model.hashes import secret_hash
from osconsole.model.kinds import Kind
from osconsole.model.packing import Body, Packing
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Owner, Resource, dig, resource

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
SUMMARY = "osconsole"  # the key of what is said of a Secret instead of its data
ALL = frozenset({"*"})
NONE: frozenset[str] = frozenset()
_NO_STATUS = Status()

Sp = TypeVar("Sp")
St = TypeVar("St")


class _Owner(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    kind: str
    name: str
    uid: str
    api_version: str = ""
    controller: bool = False


class _Metadata(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[_Owner] | None = None
    managed_fields: list[managed.Entry] | None = None


class _Object(msgspec.Struct, Generic[Sp, St], frozen=True, gc=False, rename="camel"):
    metadata: _Metadata
    api_version: str = ""
    kind: str = ""
    spec: Sp | None = None
    status: St | None = None


_other = msgspec.json.Decoder(_Object[msgspec.Raw, Status]).decode
_decoders: dict[KindKey, Callable[[bytes], Any]] = {
    kind: msgspec.json.Decoder(_Object[form.spec, form.status]).decode  # type: ignore[name-defined]
    for kind, form in FORMS.items()
}


def decode(
    raw: msgspec.Raw | bytes, kind: Kind, secrets: frozenset[str] = NONE, packing: Packing | None = None
) -> Resource:
    """The Resource of one object of `kind`.

    `secrets` names the namespaces whose Secrets keep their data (`ALL`: everywhere); `packing` is how bodies of this
    kind are kept small, once they are packed.
    """
    data = bytes(raw)
    if kind.kind != "Secret" or kind.group:
        try:
            return _fast(data, kind, packing)
        except (msgspec.MsgspecError, ValueError):
            pass
    try:
        return _slow(data, kind, secrets)
    except (msgspec.MsgspecError, ValueError, TypeError, AttributeError, KeyError) as error:
        return _unreadable(data, kind, str(error))


def _fast(data: bytes, kind: Kind, packing: Packing | None) -> Resource:
    key = kind.key
    data, writers = managed.cut(data)
    found = _decoders.get(key, _other)(data)
    meta, status, form = found.metadata, found.status or _NO_STATUS, FORMS.get(key)
    if meta.managed_fields is not None:
        data, writers = managed.without(data, meta.managed_fields), managed.writers(meta.managed_fields)
    namespace = intern(meta.namespace)
    return Resource(
        ref=Ref(kind.group, kind.kind, namespace, meta.name),
        uid=meta.uid,
        version=meta.resource_version,
        kept=Body(_typed(data, found, kind), packing),
        api_version=intern(found.api_version) or kind.api_version,
        generation=meta.generation,
        observed=status.observed_generation,
        created=_instant(meta.creation_timestamp),
        deleted=_instant(meta.deletion_timestamp),
        labels={key: intern(value) for key, value in meta.labels.items()} if meta.labels else {},
        owners=tuple(_owner(entry, namespace) for entry in meta.owner_references or ()),
        conditions=tuple(map(condition, status.conditions or ())),
        writers=writers,
        gist=form.gist(found.spec, found.status) if form else None,
    )


# What many objects say alike is made once and shared: that is half of the time and most of the memory.
_instant = lru_cache(4096)(instant)


def _owner(entry: _Owner, namespace: str) -> Owner:
    return _one_owner(entry.api_version, entry.kind, namespace, entry.name, entry.uid, entry.controller)


@lru_cache(4096)
def _one_owner(api_version: str, kind: str, namespace: str, name: str, uid: str, controller: bool) -> Owner:  # noqa: FBT001
    return Owner(Ref(api_version.rpartition("/")[0], kind, namespace, name), uid, controller)


def _typed(data: bytes, found: _Object[Any, Any], kind: Kind) -> bytes:
    """Items of a list do not say what they are; objects that stand alone must."""
    if found.kind:
        return data
    return b'{"apiVersion":"%b","kind":"%b",' % (kind.api_version.encode(), kind.kind.encode()) + data.lstrip()[1:]


def _slow(data: bytes, kind: Kind, secrets: frozenset[str]) -> Resource:
    """Plain decoding, which forgives more; all Secrets come this way."""
    body: dict[str, Any] = {"apiVersion": kind.api_version, "kind": kind.kind, **msgspec.json.decode(data)}
    if kind.kind == "Secret" and not kind.group and not {"*", dig(body, "metadata", "namespace")} & secrets:
        _empty(body)
    found = resource(body)
    if not found.ref.name:
        raise ValueError("it has no name")
    return msgspec.structs.replace(found, ref=found.ref._replace(group=kind.group, kind=kind.kind))


def _empty(body: dict[str, Any]) -> None:
    """Leave of a Secret what may be known; kubectl's copy in an annotation goes as well."""
    values = body.get("data") or {}
    body[SUMMARY] = {"hash": secret_hash(body), "sizes": {key: _size(value) for key, value in values.items()}}
    body["data"] = dict.fromkeys(values, "")
    body.pop("stringData", None)
    annotations = dig(body, "metadata", "annotations")
    if isinstance(annotations, dict):
        annotations.pop(LAST_APPLIED, None)


def _size(value: Any) -> int:
    """Bytes behind a base64 text."""
    text = str(value)
    return len(text) * 3 // 4 - text[-2:].count("=")


def _unreadable(data: bytes, kind: Kind, why: str) -> Resource:
    name, namespace, version = _who(data)
    ref = Ref(kind.group, kind.kind, namespace, name or f"unreadable-{hashlib.sha256(data).hexdigest()[:8]}")
    message = f"the object cannot be read: {why}"
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": ref.name, "namespace": namespace}}
    return Resource(
        ref=ref,
        uid="",
        version=version,
        kept=Body(msgspec.json.encode(body)),
        api_version=kind.api_version,
        conditions=(Condition(READY, "Unknown", "", "Unreadable", message),),
    )


def _who(data: bytes) -> tuple[str, str, str]:
    """Name, namespace and version, as far as they are texts."""
    try:
        body = msgspec.json.decode(data)
    except msgspec.MsgspecError:
        return "", "", ""
    values = (dig(body, "metadata", key, default="") for key in ("name", "namespace", "resourceVersion"))
    name, namespace, version = (value if isinstance(value, str) else "" for value in values)
    return name, namespace, version
