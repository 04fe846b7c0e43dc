"""What must hold before a Deployment may make its first Job, and what refuses it for good."""

import msgspec

from osconsole.model.conditions import Condition, find
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.dataplane.conditions import Said, failed
from osconsole.reconcile.decide import World

DEPLOYMENT = key("OpenStackDataPlaneDeployment")
NODESET = key("OpenStackDataPlaneNodeSet")
CONTROLPLANE = key("OpenStackControlPlane")
REFUSED = "Deployment refused:"


class Gate(msgspec.Struct, frozen=True):
    """The NodeSets when all is well; else what the conditions say, and why.

    Attributes:
        blocked: only a person can open it.
        changed: the spec is not the one that was begun with.
    """

    nodesets: tuple[Resource, ...] = ()
    said: dict[str, Said] = {}
    why: str = ""
    blocked: bool = False
    changed: bool = False


def look(deployment: Resource, world: World, *, started: bool) -> Gate:
    """The first gate that is shut. A run that has started is not held up by what it waited for before."""
    if deployment.observed and deployment.observed != deployment.generation:
        why = "the spec of a Deployment cannot be changed: delete it and make a new one"
        return _shut("InputReady", f"Input data error occurred {why}", why, changed=True)
    nodesets, missing = _nodesets(deployment, world)
    if missing:
        why = f'OpenStackDataPlaneNodeSet "{missing[0]}" not found'
        return Gate(said={"InputReady": failed(f"Input data error occurred {why}", severity="Warning")}, why=why)
    if started:
        return Gate(nodesets)
    if why := _busy(deployment, world):
        return _shut("DeploymentReady", f"{REFUSED} {why}", why)
    if why := _tls(nodesets, world):
        return _shut("SetupReady", f"Setup error occurred {why}", why)
    waiting = [one.ref.name for one in nodesets if not _set_up(one)]
    if waiting:
        return Gate(said={"InputReady": _unset(waiting)}, why=f"NodeSet {', '.join(waiting)} to be set up")
    return Gate(nodesets)


def final(condition: Condition | None) -> bool:
    """A DeploymentReady that cannot heal; one with a smaller severity is tried again when its input is there."""
    return condition is not None and condition.error and condition.severity == "Error"


def _shut(condition: str, message: str, why: str, *, changed: bool = False) -> Gate:
    return Gate(said={condition: failed(message)}, why=why, blocked=True, changed=changed)


def _unset(waiting: list[str]) -> Said:
    return Said("Unknown", "Init", f"Input data not checked: NodeSet {', '.join(waiting)} is not set up yet")


def _nodesets(deployment: Resource, world: World) -> tuple[tuple[Resource, ...], list[str]]:
    names = list(dict.fromkeys(deployment.get("spec", "nodeSets", default=[])))
    found = {name: world.find(NODESET, deployment.ref.namespace, name) for name in names}
    return tuple(one for one in found.values() if one), [name for name, one in found.items() if one is None]


def _set_up(nodeset: Resource) -> bool:
    condition = find(nodeset.conditions, "SetupReady")
    return bool(condition and condition.ok and nodeset.observed >= nodeset.generation)


def _busy(deployment: Resource, world: World) -> str:
    """Another Deployment that came first and has not ended, on one of the same NodeSets."""
    mine = set(deployment.get("spec", "nodeSets", default=[]))
    for other in world.all(DEPLOYMENT, deployment.ref.namespace):
        if other.uid == deployment.uid or other.deleted or other.get("status", "deployed"):
            continue
        condition = find(other.conditions, "DeploymentReady")
        shared = mine & set(other.get("spec", "nodeSets", default=[]))
        first = (other.created, other.ref.name) < (deployment.created, deployment.ref.name)
        began = bool(other.get("status", "nodeSetConditions", default=None))
        if shared and (first or began) and not final(condition):
            name = sorted(shared)[0]
            return f"Deployment {other.ref.name} runs on NodeSet {name}: wait for it or delete it, then make a new one"
    return ""


def _tls(nodesets: tuple[Resource, ...], world: World) -> str:
    """Upstream refuses a NodeSet whose TLS differs from the control plane's."""
    for controlplane in world.all(CONTROLPLANE, nodesets[0].ref.namespace):
        wanted = bool(controlplane.get("spec", "tls", "podLevel", "enabled", default=True))
        for nodeset in nodesets:
            has = bool(nodeset.get("spec", "tlsEnabled", default=True))
            if has != wanted:
                words = {True: "enabled", False: "disabled"}
                return (
                    f"TLS is {words[has]} on NodeSet {nodeset.ref.name} and {words[wanted]} on the control plane "
                    f"{controlplane.ref.name}: they must agree"
                )
            if has:
                return f"NodeSet {nodeset.ref.name} has TLS enabled, and certificates for nodes are not made here yet"
    return ""
