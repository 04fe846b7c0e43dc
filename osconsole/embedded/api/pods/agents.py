"""Agents: where the node agent of a pod is."""

from typing import Any

from osconsole.embedded.api.failures import Failure, bad_request
from osconsole.embedded.api.kinds.catalog import CORE
from osconsole.embedded.api.server import Call

_NODE = next(kind for kind in CORE if kind.kind == "Node")


def address(call: Call, pod: dict[str, Any]) -> tuple[str, int]:
    """Host and port of the agent of the pod's node.

    Raises:
        Failure: 400, the pod has no node; 500, the node is unknown or gives no address.
    """
    node = (pod.get("spec") or {}).get("nodeName")
    if not node:
        raise bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    entry = call.server.collection(_NODE).get("", node)
    if entry is None:
        raise Failure(500, "InternalError", f'Internal error occurred: node "{node}" not found', {})
    status = entry.object().get("status") or {}
    host = next((a["address"] for a in status.get("addresses") or () if a.get("type") == "InternalIP"), "")
    port = ((status.get("daemonEndpoints") or {}).get("kubeletEndpoint") or {}).get("Port")
    if not host or not port:
        raise Failure(500, "InternalError", f'Internal error occurred: node "{node}" gives no address', {})
    return host, int(port)
