"""What a served resource is: the description that routing, discovery, tables and schemas all read.

One `ResourceType` is one (group, version, plural). Built-in ones stand in `catalog`, custom ones are made by `crds`.
Objects themselves are plain JSON dicts; this module knows nothing of requests or storage.
"""

from typing import Any

import msgspec

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Column(msgspec.Struct, frozen=True):
    """One printer column of a CRD: JSONPath into the object (`.spec.replicas`)."""

    name: str
    type: str
    json_path: str
    format: str = ""
    description: str = ""
    priority: int = 0


class Scale(msgspec.Struct, frozen=True):
    """Where `/scale` reads and writes: dotted paths (`.spec.replicas`)."""

    spec_path: str = ".spec.replicas"
    status_path: str = ".status.replicas"
    selector_path: str = ""


class ResourceType(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One resource of one group and version.

    Attributes:
        schema: the CRD version's openAPIV3Schema; None for built-ins (`schemas.builtin` has theirs) and for CRDs
            without one.
        columns: additionalPrinterColumns of a CRD, () for built-ins and CRDs without.
        verbs: what may be done to it; review resources have only `create`.
        storage_version: the version that objects are stored in (conversion is None: only apiVersion differs).
        durable: False for what lives in memory only (events, leases).
        selectable: dotted field paths that a field selector may name besides metadata.name and metadata.namespace.
        actions: further subresources by name ("log", "eviction", "binding", "finalize").
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    list_kind: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = VERBS
    has_status: bool = False
    scale: Scale | None = None
    actions: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    schema: dict[str, Any] | None = None
    custom: bool = False
    storage_version: str = ""
    durable: bool = True
    selectable: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """How errors name it: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def list_name(self) -> str:
        """The kind of its lists."""
        return self.list_kind or f"{self.kind}List"

    @property
    def path(self) -> str:
        """The URL's first part: `/apis/apps/v1` or `/api/v1`."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def subresources(self) -> tuple[str, ...]:
        """Names of all subresources, in the order in which a real server lists them."""
        own = (("status",) if self.has_status else ()) + (("scale",) if self.scale else ())
        return own if self.custom else tuple(sorted(own + self.actions))
