"""Schemas compiled once into nodes that every walk over an object shares.

Pruning, defaulting, validation, strategic merge and server-side apply all walk an object beside its `Schema`. Here is
only the node and how it is made from a CRD's openAPIV3Schema or from a component of the built-in kinds.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Unset:
    """The type of `UNSET`: no default is not the same as the default null."""


UNSET = Unset()


@dataclass(slots=True, eq=False)
class Schema:
    """One node; the tree may be cyclic (JSONSchemaProps holds itself).

    Attributes:
        name: the short name of a built-in type (`DeploymentSpec`), "" for a CRD's.
        type: object, array, string, integer, number, boolean, or "" for any.
        values: the node of additionalProperties, None when other keys are not described.
        preserve: keys that are not described stay.
        embedded: apiVersion, kind and metadata are implied (every custom resource's root is).
        list_type: atomic, set, map, or "" (atomic).
        merge_key: by which strategic merge patch tells items apart, "" when lists are replaced.
        zero: a built-in field that is never absent: the server reads its absence as empty.
        omit_empty: a built-in list, map or (where Go leaves out a zero) scalar that is not stored when it is empty.
        strategies: strategic merge strategies (merge, retainKeys, replace).
        raw: the schema this was made from: value checks and OpenAPI read it.
        checked: raw holds value checks (enum, bounds, patterns, formats, combinations).
        combined: the alternatives of anyOf, oneOf, allOf and not, made at first use.
    """

    raw: Mapping[str, Any]
    name: str = ""
    type: str = ""
    properties: dict[str, "Schema"] = field(default_factory=dict)
    values: "Schema | None" = None
    items: "Schema | None" = None
    required: tuple[str, ...] = ()
    preserve: bool = False
    embedded: bool = False
    int_or_string: bool = False
    nullable: bool = False
    default: Any = UNSET
    defaults: list[tuple[str, Any]] = field(default_factory=list)
    list_type: str = ""
    list_keys: tuple[str, ...] = ()
    atomic_map: bool = False
    zero: bool = False
    omit_empty: bool = False
    merge_key: str = ""
    strategies: tuple[str, ...] = ()
    checked: bool = False
    combined: dict[str, tuple["Schema", ...]] = field(default_factory=dict)

    def child(self, key: str) -> "Schema | None":
        """The node of a member of an object, None when it is not described."""
        return self.properties.get(key) or self.values


_BOUNDS = ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems")
_CHECKS = {
    *_BOUNDS,
    "enum",
    "format",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
}
ANY = Schema(raw={}, preserve=True)


class Compiler:
    """Makes nodes; `components` are the schemas that `$ref` names, `metadata` the node of every metadata field."""

    def __init__(self, components: Mapping[str, Any] | None = None, metadata: Schema | None = None) -> None:
        self._components = components or {}
        self._metadata = metadata
        self._named: dict[str, Schema] = {}

    def component(self, name: str) -> Schema:
        """The node of a named component, made at first use."""
        if name not in self._named:
            node = self._named[name] = Schema(raw=self._components[name], name=name.rpartition(".")[2])
            self._fill(node)
        return self._named[name]

    def custom(self, raw: Mapping[str, Any]) -> Schema:
        """The node of a CRD version's openAPIV3Schema."""
        root = self._node(raw)
        root.embedded = True
        self._imply(root)
        return root

    def part(self, raw: Mapping[str, Any]) -> Schema:
        """The node of one alternative of a combination."""
        return self._node(raw)

    def _node(self, raw: Mapping[str, Any]) -> Schema:
        if "$ref" in raw:
            return self._referred(raw)
        node = Schema(raw=raw)
        self._fill(node)
        return node

    def _referred(self, raw: Mapping[str, Any]) -> Schema:
        """The component, or a twin that shares its members where the place that refers to it says more."""
        named = self.component(raw["$ref"])
        if len(raw) == 1:
            return named
        twin = copy.copy(named)
        twin.raw = {**named.raw, **raw}
        self._fill_own(twin)
        return twin

    def _fill(self, node: Schema) -> None:
        self._fill_own(node)
        self._fill_children(node)
        if node.embedded:
            self._imply(node)

    def _fill_own(self, node: Schema) -> None:
        raw = node.raw
        node.type = raw.get("type", "")
        node.nullable = bool(raw.get("nullable"))
        node.int_or_string = bool(raw.get("x-kubernetes-int-or-string"))
        node.embedded = bool(raw.get("x-kubernetes-embedded-resource"))
        node.required = tuple(raw.get("required", ()))
        node.default = raw.get("default", UNSET)
        node.list_type = raw.get("x-kubernetes-list-type", "")
        node.list_keys = tuple(raw.get("x-kubernetes-list-map-keys", ()))
        node.atomic_map = raw.get("x-kubernetes-map-type") == "atomic"
        node.zero = bool(raw.get("x-zero"))
        node.merge_key = raw.get("x-kubernetes-patch-merge-key", "")
        node.strategies = tuple(filter(None, raw.get("x-kubernetes-patch-strategy", "").split(",")))
        node.checked = not _CHECKS.isdisjoint(raw)
        described = "properties" in raw or isinstance(raw.get("additionalProperties"), Mapping)
        builtin = bool(self._components)
        # A built-in type without any described member is free-form JSON; a CRD must say so itself.
        free = builtin and not described and node.type in {"", "object"} and not node.int_or_string
        node.preserve = (
            free or raw.get("additionalProperties") is True or bool(raw.get("x-kubernetes-preserve-unknown-fields"))
        )
        collects = node.type == "array" or "additionalProperties" in raw
        node.omit_empty = builtin and not node.zero and (collects or bool(raw.get("x-omit-zero")))

    def _fill_children(self, node: Schema) -> None:
        # In place: a twin of a type that holds itself shares these before they are complete.
        raw = node.raw
        if isinstance(raw.get("additionalProperties"), Mapping):
            node.values = self._node(raw["additionalProperties"])
            if self._components and raw["additionalProperties"] == {"type": "string"}:
                # The server reads null in a map of strings as the empty one.
                node.values.default = ""
        if isinstance(raw.get("items"), Mapping):
            node.items = self._node(raw["items"])
        node.properties.update((key, self._node(value)) for key, value in raw.get("properties", {}).items())
        node.defaults += [(key, inner.default) for key, inner in node.properties.items() if inner.default is not UNSET]

    def _imply(self, node: Schema) -> None:
        text = Schema(raw={"type": "string"}, type="string")
        node.properties.setdefault("apiVersion", text)
        node.properties.setdefault("kind", text)
        if self._metadata is not None:
            node.properties["metadata"] = self._metadata
