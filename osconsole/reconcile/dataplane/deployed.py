"""Whether a NodeSet is deployed: what its Deployments say, weighed as upstream does.

In the order in which they last moved, the last Deployment that counts decides. A failed one counts only when it is the
newest; one that has not begun, or was refused, has nothing to say.
"""

from typing import Any

import msgspec

from osconsole.model.conditions import Condition, find, read
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.dataplane import inputs, services
from osconsole.reconcile.dataplane.conditions import Said, busy, done, failed
from osconsole.reconcile.dataplane.nodes import nodes_of
from osconsole.reconcile.decide import World

DEPLOYMENT = key("OpenStackDataPlaneDeployment")
NODESET_READY = "NodeSetDeploymentReady"
WAITING = "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
UPDATES = {"update", "update-services"}


class Verdict(msgspec.Struct, frozen=True):
    """What DeploymentReady says, whether something runs, and what goes to the status."""

    said: Said
    running: bool
    status: dict[str, Any]


def deployments_of(nodeset: Resource, world: World) -> list[Resource]:
    """Those that list the NodeSet, the one that moved last at the end."""
    found = [
        one
        for one in world.all(DEPLOYMENT, nodeset.ref.namespace)
        if not one.deleted and nodeset.ref.name in one.get("spec", "nodeSets", default=[])
    ]
    return sorted(found, key=lambda one: (_moved(one), one.created, one.ref.name))


def judge(nodeset: Resource, config_hash: str, world: World) -> Verdict:
    """Weigh all Deployments of the NodeSet."""
    name = nodeset.ref.name
    heard = [(one, said) for one in deployments_of(nodeset, world) if (said := _said(one, name))]
    statuses = {one.ref.name: one.get("status", "nodeSetConditions", name) for one, _ in heard}
    summaries = {one.ref.name: one.get("status", "ansibleExecutionSummaries", default={}) for one, _ in heard}
    status = {"deploymentStatuses": statuses, "deploymentExecutionSummaries": summaries}
    counting = [(one, said) for at, (one, said) in enumerate(heard) if not said.error or at == len(heard) - 1]
    result, running = busy(WAITING), False
    facts = _facts(nodeset)
    for deployment, said in counting:
        result, running = busy(WAITING), said.status == "False" and not said.error
        if said.error:
            result = failed(said.message)
        elif running:
            result = busy("Deployment in progress")
        elif said.ok and _current(nodeset, config_hash, deployment, world):
            result = done("Deployment completed")
            facts = _merged(facts, nodeset, deployment, world)
    return Verdict(result, running, {**status, **facts})


def _moved(deployment: Resource) -> float:
    condition = find(deployment.conditions, "DeploymentReady")
    return condition.since if condition else 0.0


def _said(deployment: Resource, nodeset: str) -> Condition | None:
    said = find(read(deployment.get("status", "nodeSetConditions", nodeset)), NODESET_READY)
    return said if said and said.status != "Unknown" else None


def _current(nodeset: Resource, config_hash: str, deployment: Resource, world: World) -> bool:
    """The run was made with the spec and the variables as they are now."""
    if deployment.get("status", "nodeSetHashes", nodeset.ref.name) != config_hash:
        return False
    for kind, name in variable_sources(nodeset):
        found = inputs.find(world, kind, nodeset.ref.namespace, name)
        recorded = deployment.get("status", "secretHashes" if kind == "Secret" else "configMapHashes", name)
        if found is not None and inputs.input_hash(found) != recorded:
            return False
    return True


def variable_sources(nodeset: Resource) -> list[tuple[str, str]]:
    """(kind, name) of everything that an `ansibleVarsFrom` names."""
    spec = nodeset.get("spec", default={})
    template = spec.get("nodeTemplate") or {}
    blocks = [template.get("ansible") or {}, *(node.own.get("ansible") or {} for node in nodes_of(spec))]
    found = [(kind, name) for b in blocks for kind, name, _ in services.sources(b.get("ansibleVarsFrom") or [])]
    return list(dict.fromkeys(found))


def _facts(nodeset: Resource) -> dict[str, Any]:
    status = nodeset.get("status", default={})
    kept = ("configMapHashes", "secretHashes", "containerImages", "deployedConfigHash", "deployedVersion")
    return {name: status[name] for name in kept if name in status}


def _merged(facts: dict[str, Any], nodeset: Resource, deployment: Resource, world: World) -> dict[str, Any]:
    """What a good run adds to what is known about the nodes."""
    status, spec = deployment.get("status", default={}), deployment.get("spec", default={})
    out = dict(facts)
    for name in ("configMapHashes", "containerImages"):
        out[name] = {**facts.get(name, {}), **status.get(name, {})}
    if spec.get("ansibleLimit") in (None, "", "*"):
        before = facts.get("secretHashes", {}) if spec.get("servicesOverride") else {}
        out["secretHashes"] = {**before, **status.get("secretHashes", {})}
    out["deployedConfigHash"] = status.get("nodeSetHashes", {}).get(nodeset.ref.name, "")
    names = spec.get("servicesOverride") or nodeset.get("spec", "services", default=[])
    found = [services.find(world, nodeset.ref.namespace, name) for name in names]
    if any(service and service.type in UPDATES for service in found) and status.get("deployedVersion"):
        out["deployedVersion"] = status["deployedVersion"]
    return out
