"""What a new cluster holds before anything is reconciled, in the order in which it can be created.

No Deployment and no OpenStackDataPlaneService is here: the first is a person's decision, the second is the NodeSet
controller's work.
"""

from collections.abc import Sequence
from importlib import resources
from typing import Any

from osconsole import documents
from osconsole.embedded.world import crds, credentials
from osconsole.errors import UsageError

NAMESPACE = "openstack"
WORLDS = ("demo", "empty")
_CLUSTER_SCOPED = {"Namespace", "StorageClass"}
_FIRST_ADDRESS = {"edpm-compute": 100, "edpm-networker": 110}


def load(world: str, nodes: Sequence[dict[str, Any]], private_key: str = "") -> list[dict[str, Any]]:
    """The objects of a world.

    Args:
        world: "demo", or "empty" for the CRDs alone.
        nodes: the sandbox nodes: name (`edpm-compute-0` is in NodeSet `edpm-compute`), address, port, user.
        private_key: the OpenSSH key that the nodes accept.

    Raises:
        UsageError: there is no such world.
    """
    if world not in WORLDS:
        raise UsageError(f"there is no world '{world}': known are {', '.join(WORLDS)}")
    found = crds.load()
    if world == "empty":
        return found
    networks, nodesets = _documents("networks.yaml"), _documents("nodesets.yaml")
    controlplane = [obj for name in ("releases", "controlplane", "backups") for obj in _documents(f"{name}.yaml")]
    filled = [_with_nodes(nodeset, nodes) for nodeset in nodesets]
    rest = [*networks, *credentials.load(private_key), *controlplane, *filled]
    return found + [_placed(obj) for obj in rest]


def _documents(name: str) -> list[dict[str, Any]]:
    file = resources.files("osconsole.embedded.world") / "demo" / name
    return documents.parse_all(file.read_text(encoding="utf-8"), name)


def _placed(obj: dict[str, Any]) -> dict[str, Any]:
    if obj["kind"] in _CLUSTER_SCOPED:
        return obj
    return {**obj, "metadata": {**obj["metadata"], "namespace": NAMESPACE}}


def _with_nodes(nodeset: dict[str, Any], nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    name = nodeset["metadata"]["name"]
    mine = [node for node in nodes if node["name"].rpartition("-")[0] == name]
    template = nodeset["spec"]["nodeTemplate"]["networks"]
    filled = {node["name"]: _node(node, template, _FIRST_ADDRESS[name] + at) for at, node in enumerate(mine)}
    return {**nodeset, "spec": {**nodeset["spec"], "nodes": filled}}


def _node(node: dict[str, Any], networks: list[dict[str, Any]], host: int) -> dict[str, Any]:
    """One node: reached where its sandbox listens, known to OpenStack by its address on the ctlplane network."""
    fixed = {"fixedIP": f"192.168.122.{host}"}
    return {
        "hostName": node["name"],
        "ansible": {
            "ansibleHost": node["address"],
            "ansiblePort": int(node["port"]),
            "ansibleUser": node["user"],
            "ansibleVars": dict(node.get("vars") or {}),
        },
        "networks": [{**network, **(fixed if network["name"] == "ctlplane" else {})} for network in networks],
    }
