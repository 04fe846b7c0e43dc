"""How the objects that we make are named, labelled and owned."""

from typing import Any

from osconsole.model.kinds import BY_KEY, key
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, dig

BACKUP = "backup.openstack.org"


def api_version(kind: str) -> str:
    """`group/version` of a kind of our table."""
    return BY_KEY[key(kind)].api_version


def owner_reference(owner: Resource, *, controller: bool = True) -> dict[str, Any]:
    """The reference by which `owner` owns an object of its namespace."""
    return {
        "apiVersion": owner.api_version,
        "kind": owner.ref.kind,
        "name": owner.ref.name,
        "uid": owner.uid,
        "controller": controller,
        "blockOwnerDeletion": True,
    }


def made(
    owner: Resource,
    kind: str,
    name: str,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    **rest: Any,
) -> dict[str, Any]:
    """An object in the namespace of its owner; `rest` are its top-level fields (spec, data, ...)."""
    meta: dict[str, Any] = {
        "name": name,
        "namespace": owner.ref.namespace,
        "ownerReferences": [owner_reference(owner)],
    }
    if labels:
        meta["labels"] = labels
    if annotations:
        meta["annotations"] = annotations
    return {"apiVersion": api_version(kind), "kind": kind, "metadata": meta, **rest}


def ref_of(body: dict[str, Any]) -> Ref:
    """The Ref of a body that we made."""
    meta = body["metadata"]
    group = body["apiVersion"].rpartition("/")[0]
    return KindKey(group, body["kind"]).ref(meta.get("namespace", ""), meta["name"])


def stamp(owner: Resource, prefix: str, name: str = "") -> dict[str, str]:
    """The labels by which upstream's config objects name their service: `<prefix>.openstack.org/name` and so on."""
    root = f"{prefix}.openstack.org" if "/" not in prefix and "." not in prefix else prefix
    return {
        f"{root}/name": name or owner.ref.name,
        f"{root}/namespace": owner.ref.namespace,
        f"{root}/uid": owner.uid,
    }


def backup(order: str, category: str = "") -> dict[str, str]:
    """The labels by which a backup knows when to restore an object."""
    found = {f"{BACKUP}/category": category} if category else {}
    return {**found, f"{BACKUP}/restore": "true", f"{BACKUP}/restore-order": order}


def merged(*parts: Any) -> dict[str, Any]:
    """Maps merged deeply, later ones win; None counts as empty. The inputs are not touched."""
    out: dict[str, Any] = {}
    for part in parts:
        for name, value in (part or {}).items():
            if isinstance(value, dict) and isinstance(out.get(name), dict):
                out[name] = merged(out[name], value)
            else:
                out[name] = value
    return out


def number(value: Any, *path: str, default: int = 1) -> int:
    """An integer at a path; `default` when it is absent or no number."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def kinds(*names: str) -> tuple[KindKey, ...]:
    """The keys of kinds by their names."""
    return tuple(key(name) for name in names)
