"""Reach: which hosts a Deployment's run touches on a NodeSet, by the inventory's names and `ansibleLimit`."""

from collections.abc import Mapping
from typing import Any

from osconsole.model import kinds
from osconsole.model.host_patterns import select
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts

DEPLOYMENT = kinds.key("OpenStackDataPlaneDeployment")
IPSET = kinds.key("IPSet")
NODESET = kinds.key("OpenStackDataPlaneNodeSet")
MARK = "openstackdataplane"
TAGS = (("tags", "ansibleTags"), ("skip-tags", "ansibleSkipTags"))


def hosts(nodeset: Resource | None) -> tuple[str, ...]:
    """The inventory's names: the host name, or the key where there is none, up to its first dot; sorted."""
    nodes: Any = facts.value(nodeset, "spec", "nodes") if nodeset else None
    return tuple(sorted(_name(key, node) for key, node in nodes.items())) if isinstance(nodes, Mapping) else ()


def _name(key: str, node: Any) -> str:
    named = node.get("hostName") if isinstance(node, Mapping) else None
    return str(named or key).partition(".")[0]


def since(nodeset: Resource, snapshot: Snapshot) -> dict[str, float]:
    """Of each host since when it is part of the NodeSet: the age of its IPSet, 0 where it has none."""
    nodes: Any = facts.value(nodeset, "spec", "nodes")
    out = {}
    for key, node in nodes.items() if isinstance(nodes, Mapping) else ():
        full = str((node or {}).get("hostName") or key) if isinstance(node, Mapping) else key
        addresses = snapshot.get(IPSET.ref(nodeset.ref.namespace, full))
        out[_name(key, node)] = addresses.created if addresses else 0.0
    return out


def limit(deployment: Resource) -> str:
    """Its `ansibleLimit`, "" where it reaches all."""
    found = str(facts.value(deployment, "spec", "ansibleLimit") or "")
    return "" if found in {"*", "all"} else found


def reached(deployment: Resource, nodeset: Resource | None) -> tuple[str, ...]:
    """The hosts of a NodeSet that the Deployment's limit leaves."""
    everyone = hosts(nodeset)
    return select(limit(deployment), {nodeset.ref.name: everyone}) if nodeset and everyone else everyone


def tagged(deployment: Resource) -> str:
    """`--tags a --skip-tags b`, "" where all tasks of a service run."""
    found = ((f"--{word}", facts.value(deployment, "spec", key)) for word, key in TAGS)
    return " ".join(f"{flag} {value}" for flag, value in found if value)


def everywhere(job: Resource) -> bool:
    """A service that runs once for all NodeSets has no NodeSet in its Job's name."""
    service, deployment = job.labels.get(f"{MARK}service", ""), job.labels.get(f"{MARK}deployment", "")
    return job.ref.name == f"{service}-{deployment}"


def of_pod(pod: Resource, snapshot: Snapshot) -> tuple[str, ...]:
    """The hosts that the run in a runner pod is to reach, as far as is known."""
    deployment = snapshot.get(DEPLOYMENT.ref(pod.ref.namespace, pod.labels.get(f"{MARK}deployment", "")))
    job = snapshot.owner(pod)
    names = [pod.labels.get(f"{MARK}nodeset", "")]
    if deployment is None:
        return ()
    if job and everywhere(job):
        names = [str(name) for name in facts.value(deployment, "spec", "nodeSets") or ()]
    found = (snapshot.get(NODESET.ref(pod.ref.namespace, name)) for name in names)
    groups = {nodeset.ref.name: hosts(nodeset) for nodeset in found if nodeset}
    return select(limit(deployment), groups)
