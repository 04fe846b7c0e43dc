"""The official Python client does its work on both servers: typed, dynamic, custom objects, watches."""

import pytest

kubernetes = pytest.importorskip("kubernetes")

from kubernetes import client, config, dynamic, watch  # noqa: E402
from kubernetes.client.exceptions import ApiException  # noqa: E402

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}


@pytest.fixture
def official(api):
    """An ApiClient of the kubeconfig."""
    made = config.new_client_from_config(str(api.kubeconfig))
    yield made
    made.rest_client.pool_manager.clear()


def test_typed(official, place):
    core, apps = client.CoreV1Api(official), client.AppsV1Api(official)
    meta = client.V1ObjectMeta(name="d", labels={"x": "1"})
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE, "replicas": 2}
    made = apps.create_namespaced_deployment(
        place.name, {"metadata": {"name": "d", "labels": {"x": "1"}}, "spec": spec}
    )
    assert (made.spec.replicas, made.metadata.generation) == (2, 1)
    made.spec.replicas = 3
    assert apps.replace_namespaced_deployment("d", place.name, made).spec.replicas == 3
    with pytest.raises(ApiException) as stale:
        apps.replace_namespaced_deployment("d", place.name, made)
    assert (stale.value.status, stale.value.reason) == (409, "Conflict")
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "y:2"}]}}}}
    patched = apps.patch_namespaced_deployment("d", place.name, patch)
    assert patched.spec.template.spec.containers[0].image == "y:2"
    scale = apps.patch_namespaced_deployment_scale("d", place.name, {"spec": {"replicas": 5}})
    assert scale.spec.replicas == 5
    listed = apps.list_namespaced_deployment(place.name, label_selector="x=1", limit=1)
    assert [item.metadata.name for item in listed.items] == ["d"]
    gone = apps.delete_namespaced_deployment("d", place.name, propagation_policy="Background")
    assert gone["status"] == "Success"
    with pytest.raises(ApiException) as missing:
        apps.read_namespaced_deployment("d", place.name)
    assert missing.value.status == 404
    core.create_namespaced_config_map(place.name, client.V1ConfigMap(metadata=meta, data={"a": "1"}))
    assert core.read_namespaced_config_map("d", place.name).data == {"a": "1"}


def test_watch(official, place):
    core = client.CoreV1Api(official)
    since = core.list_namespaced_config_map(place.name).metadata.resource_version
    place.create("configmaps", "a", data={"x": "1"})
    place("DELETE", place.path("configmaps", "a"))
    stream = watch.Watch()
    events = []
    listing = core.list_namespaced_config_map
    for event in stream.stream(listing, place.name, resource_version=since, timeout_seconds=10):
        events.append((event["type"], event["object"].metadata.name, event["object"].data))
        if len(events) == 2:
            stream.stop()
    assert events == [("ADDED", "a", {"x": "1"}), ("DELETED", "a", {"x": "1"})]


def test_dynamic_and_custom(official, place):
    kind = {"group": "conform.example.org", "version": "v1", "namespace": place.name, "plural": "widgets"}
    custom = client.CustomObjectsApi(official)
    body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 2}}
    assert custom.create_namespaced_custom_object(**kind, body=body)["spec"]["size"] == 2
    assert len(custom.list_namespaced_custom_object(**kind)["items"]) == 1
    found = dynamic.DynamicClient(official)
    widgets = found.resources.get(api_version="conform.example.org/v1", kind="Widget")
    applied = widgets.server_side_apply(
        body=body | {"spec": {"mode": "fast"}}, name="w", namespace=place.name, field_manager="me"
    )
    assert (applied.spec.size, applied.spec.mode) == (2, "fast")
    widgets.status.patch(
        name="w",
        namespace=place.name,
        body={"status": {"phase": "up"}},
        content_type="application/merge-patch+json",
    )
    assert widgets.get(name="w", namespace=place.name).status.phase == "up"
    widgets.delete(name="w", namespace=place.name)
    assert place("GET", place.path("conform.example.org/v1/widgets", "w")).code == 404
