"""exec and port-forward, as far as a server answers them by itself: without a node agent there are only refusals."""

import pytest

MERGE = "application/merge-patch+json"
ONE = {"containers": [{"name": "a", "image": "x"}]}
TWO = {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "x"}]}
# A request that becomes a websocket where the server agrees.
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "v4.channel.k8s.io",
}


@pytest.fixture
def bound(place):
    """A pod on a node whose agent does not answer."""
    node = place("POST", "/api/v1/nodes", {"metadata": {"name": f"node-{place.name}"}})
    assert node.code == 201, node
    port = {
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 1}},
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
    }
    assert place("PATCH", f"/api/v1/nodes/node-{place.name}/status", {"status": port}, MERGE).code == 200
    place.create("pods", "p", spec={**ONE, "nodeName": f"node-{place.name}"})
    return "p"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_which_container(place, method):
    place.create("pods", "p", spec=TWO)
    path = place.path("pods", "p/exec")
    which = place(method, f"{path}?command=id&stdout=true")
    assert which.error == (400, "BadRequest")
    assert which.message == "a container name must be specified for pod p, choose one of: [a b]"
    other = place(method, f"{path}?command=id&stdout=true&container=z")
    assert (other.error, other.message) == ((400, "BadRequest"), "container z is not valid for pod p")
    assert place(method, place.path("pods", "q/exec")).error == (404, "NotFound")
    assert place(method, place.path("pods", "q/portforward")).error == (404, "NotFound")


def test_a_pod_without_a_node(place):
    place.create("pods", "p", spec=ONE)
    for what in ("exec?command=id&stdout=1", "portforward?ports=80"):
        found = place("GET", place.path("pods", f"p/{what}"))
        assert (found.error, found.message) == ((400, "BadRequest"), "pod p does not have a host assigned")


def test_a_request_that_does_not_go_over(place, bound):
    for what in ("exec?command=id&stdout=1", "portforward?ports=80"):
        found = place("GET", place.path("pods", f"{bound}/{what}"))
        assert (found.error, found.message) == ((400, "BadRequest"), "Upgrade request required")
    assert place("PUT", place.path("pods", f"{bound}/exec")).code == 405


def test_an_agent_that_does_not_answer(place, bound):
    for what in ("exec?command=id&stdout=1", "portforward?ports=80"):
        found = place("GET", place.path("pods", f"{bound}/{what}"), **UPGRADE)
        assert found.code == 500
        assert "dial tcp 127.0.0.1:1: connect: connection refused" in found.message


def test_a_websocket_needs_the_right_to_create_too(place, bound):
    group, who = "rbac.authorization.k8s.io", "looker"
    rules = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get"]}]
    place.create(f"{group}/v1/roles", "look", rules=rules)
    subject = {"kind": "User", "apiGroup": group, "name": who}
    ref = {"apiGroup": group, "kind": "Role", "name": "look"}
    place.create(f"{group}/v1/rolebindings", "look", subjects=[subject], roleRef=ref)
    path = place.path("pods", f"{bound}/exec?command=id&stdout=1")
    asked = place("GET", path, Impersonate_User=who, **UPGRADE)
    assert (asked.error, asked.message) == ((403, "Forbidden"), f'pods "{bound}" is forbidden: ')
    assert place("POST", path, Impersonate_User=who, **UPGRADE).error == (403, "Forbidden")
