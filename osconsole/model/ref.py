"""Ref: the name of one object. Hashable, small, and all that rows, dialogs and intents carry."""

from typing import NamedTuple

_SPOKEN = {
    "OpenStackControlPlane": "ControlPlane",
    "OpenStackDataPlaneNodeSet": "NodeSet",
    "OpenStackDataPlaneDeployment": "DataPlaneDeployment",
    "OpenStackDataPlaneService": "DataPlaneService",
}


class Ref(NamedTuple):
    """One object's name: API group ("" is core), kind, namespace ("" when cluster-scoped), name."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def short(self) -> str:
        """`Kind name`, as sentences use it: OpenStackDataPlaneNodeSet is a NodeSet."""
        return f"{spoken(self.kind)} {self.name}"

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.kind} {self.name}{where}"


def spoken(kind: str) -> str:
    """A Kind as sentences use it."""
    return _SPOKEN.get(kind, kind)


class KindKey(NamedTuple):
    """A kind without its version: what a Snapshot is keyed by."""

    group: str
    kind: str

    def ref(self, namespace: str, name: str) -> Ref:
        """The Ref of an object of this kind."""
        return Ref(self.group, self.kind, namespace, name)
