"""Whose logs are meant: pods behind Services, and the containers of a pod."""

import pytest

from osconsole.kube.loggers import containers, pods_under, starts_once
from osconsole.model.changes import Listed
from osconsole.model.resource import resource
from osconsole.store import Store

POD = {
    "metadata": {"name": "p", "namespace": "n", "annotations": {"kubectl.kubernetes.io/default-container": "main"}},
    "spec": {
        "initContainers": [{"name": "init"}, {"name": "sidecar", "restartPolicy": "Always"}],
        "containers": [{"name": "log"}, {"name": "main"}],
        "ephemeralContainers": [{"name": "debug"}],
    },
}


def made(kind: str, name: str, **rest: object):
    meta = {"name": name, "namespace": rest.pop("namespace", "n"), "uid": f"u-{name}", "resourceVersion": "1"}
    labels = rest.pop("labels", {})
    return resource({"apiVersion": "v1", "kind": kind, "metadata": {**meta, "labels": labels}, **rest})


def test_a_service_has_the_pods_that_it_selects():
    pods = [
        made("Pod", "k-1", labels={"service": "keystone", "owner": "keystone", "more": "1"}),
        made("Pod", "k-2", labels={"service": "keystone", "owner": "keystone"}),
        made("Pod", "k-job", labels={"service": "keystone"}),
        made("Pod", "k-else", labels={"service": "keystone", "owner": "keystone"}, namespace="other"),
    ]
    service = made("Service", "keystone-internal", spec={"selector": {"service": "keystone", "owner": "keystone"}})
    none = made("Service", "external", spec={})
    store = Store()
    store.apply([Listed(pods[0].kind, "", tuple(pods), 1.0), Listed(service.kind, "", (service, none), 1.0)])
    assert [ref.name for ref, _ in pods_under(store.snapshot, [service.ref])] == ["k-1", "k-2"]
    assert pods_under(store.snapshot, [none.ref]) == []


@pytest.mark.parametrize(
    ("asked", "every", "expected"),
    [
        ("", False, ["main"]),
        ("log", False, ["log"]),
        ("init", False, ["init"]),
        ("nowhere", False, []),
        ("", True, ["init", "sidecar", "log", "main", "debug"]),
    ],
)
def test_containers_of_a_pod(asked, every, expected):
    assert containers(POD, asked, every=every) == expected


def test_without_a_default_it_is_the_first():
    assert containers({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}, "", every=False) == ["a"]


def test_which_containers_are_not_started_again():
    assert [name for name in containers(POD, "", every=True) if starts_once(POD, name)] == ["init", "debug"]
