"""The compiled schemas of the built-in kinds, and the compiler for CRDs that knows ObjectMeta.

The data beside this module is made by `distil`. Everything is made at first use and kept.
"""

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec

from osconsole.embedded.api.schema.builtin.constants import EMPTY, STATIC
from osconsole.embedded.api.schema.schemas import Compiler, Schema

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


@functools.cache
def _data() -> dict[str, Any]:
    data = _read("schemas.json")
    for name, schema in data["components"].items():
        for key, default in STATIC.get(name.rpartition(".")[2], {}).items():
            schema["properties"][key] = schema["properties"][key] | {"default": default}
        for key, default in EMPTY.get(name, {}).items():
            schema["properties"][key] = schema["properties"][key] | {"default": default, "x-zero": True}
        for key in _zeros(name):
            if key in schema.get("properties", {}):
                schema["properties"][key] = schema["properties"][key] | {"x-omit-zero": True}
    return data


def _read(name: str) -> dict[str, Any]:
    raw = files("osconsole.embedded.api.schema.builtin").joinpath(name).read_bytes()
    found: dict[str, Any] = msgspec.json.decode(raw)
    return found


@functools.cache
def wire() -> dict[str, dict[str, list[str]]]:
    """The messages of built-in kinds by component: field number -> [name, type, flags], as `distil_wire` makes them."""
    return _read("wire.json")


def _zeros(component: str) -> set[str]:
    """The members of a component that are left out when they are zero."""
    found: set[str] = set()
    for name, kind, flags in wire().get(component, {}).values():
        if flags == "z":
            found.add(name)
        elif flags == "i":
            found |= _zeros(kind)
    return found


@functools.cache
def _compiler() -> Compiler:
    return Compiler(_data()["components"])


def kinds() -> Mapping[str, str]:
    """`group/version/Kind` -> name of its component, for every kind that has a schema."""
    found: Mapping[str, str] = _data()["kinds"]
    return found


def components() -> Mapping[str, Any]:
    """Raw schemas by component name, with `$ref` holding the bare name of another."""
    found: Mapping[str, Any] = _data()["components"]
    return found


@functools.cache
def builtin(group: str, version: str, kind: str) -> Schema:
    """The schema of a built-in kind.

    Raises:
        KeyError: no such kind here.
    """
    return _compiler().component(kinds()[f"{group}/{version}/{kind}"])


@functools.cache
def object_meta() -> Schema:
    """The schema of every object's metadata."""
    return _compiler().component(OBJECT_META)


def custom(raw: Mapping[str, Any] | None) -> Schema:
    """Compile a CRD version's openAPIV3Schema (keep the result); without one everything is preserved."""
    described = raw if raw is not None else {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return Compiler(metadata=object_meta()).custom(described)
