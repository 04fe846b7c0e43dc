"""Behaviours 1-8: discovery, versions, OpenAPI, negotiation."""

import pytest

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
PARTIALS = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_01_aggregated_discovery_when_asked_for(api, path):
    found = api("GET", path, Accept=AGGREGATED)
    assert (found.code, found.body["kind"]) == (200, "APIGroupDiscoveryList")
    assert found.body["apiVersion"] == "apidiscovery.k8s.io/v2"
    assert "as=APIGroupDiscoveryList" in found.headers["Content-Type"]
    versions = {group["metadata"].get("name", ""): group["versions"] for group in found.body["items"]}
    plural = {"/api": ("", "pods"), "/apis": ("apps", "deployments")}[path]
    resource = next(r for r in versions[plural[0]][0]["resources"] if r["resource"] == plural[1])
    assert resource["scope"] == "Namespaced"
    assert {"get", "list", "watch", "patch"} <= set(resource["verbs"])
    assert "status" in {one["subresource"] for one in resource["subresources"]}


def test_01_legacy_discovery_otherwise(api):
    assert api("GET", "/api").body["versions"] == ["v1"]
    found = api("GET", "/apis").body
    assert found["kind"] == "APIGroupList"
    apps = next(group for group in found["groups"] if group["name"] == "apps")
    assert apps["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
    one = api("GET", "/apis/apps").body
    assert (one["kind"], one["name"]) == ("APIGroup", "apps")


def test_02_resources_of_a_version(api):
    found = api("GET", "/apis/apps/v1").body
    by_name = {one["name"]: one for one in found["resources"]}
    assert (found["kind"], found["groupVersion"]) == ("APIResourceList", "apps/v1")
    deployments = by_name["deployments"]
    assert deployments["shortNames"] == ["deploy"]
    assert deployments["categories"] == ["all"]
    assert deployments["singularName"] == "deployment"
    assert set(deployments["verbs"]) == {
        *("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
    }
    scale = by_name["deployments/scale"]
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")
    assert set(scale["verbs"]) == {"get", "patch", "update"}


@pytest.mark.parametrize("path", ["/apis/nope.org/v1/things", "/apis/apps/v9/deployments", "/api/v1/widgets"])
def test_03_what_is_not_served(api, path):
    found = api("GET", path)
    if isinstance(found.body, dict):
        assert found.error == (404, "NotFound")
        assert found.message == "the server could not find the requested resource"
    else:
        assert (found.code, found.body) == (404, b"404 page not found\n")


def test_04_version_and_health(api):
    found = api("GET", "/version").body
    assert found["gitVersion"].startswith("v1.")
    assert found["major"] == "1"
    for path in ("/healthz", "/livez", "/readyz"):
        answer = api("GET", path)
        assert (answer.code, answer.body) == (200, b"ok")


def test_05_openapi(api):
    paths = api("GET", "/openapi/v3").body["paths"]
    url = paths["apis/apps/v1"]["serverRelativeURL"]
    assert url.startswith("/openapi/v3/apis/apps/v1?hash=")
    document = api("GET", url).body
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "fieldValidation" in {parameter["name"] for parameter in patch["parameters"]}
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    moved = api("GET", "/openapi/v3/apis/apps/v1?hash=OLD")
    assert (moved.code, moved.headers.get("Location")) == (301, url)


def test_06_unknown_accept(api):
    found = api("GET", "/api/v1/namespaces", Accept="application/x-tar")
    assert found.error == (406, "NotAcceptable")
    assert found.message.startswith("406: Not Acceptable\n\nAvailable representations: application/json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "image/png"])
def test_06_unknown_content_type(place, kind):
    found = place("POST", place.path("configmaps"), b"{}", kind)
    assert found.error == (415, "UnsupportedMediaType")
    assert "the body of the request was in an unknown format" in found.message


def test_07_tables_and_metadata(place):
    place.create("configmaps", "a", data={"x": "1"})
    table = place("GET", place.path("configmaps"), Accept=TABLE).body
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    row = next(row for row in table["rows"] if row["object"]["metadata"]["name"] == "a")
    assert row["cells"][:2] == ["a", 1]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    whole = place("GET", place.path("configmaps", query="includeObject=Object"), Accept=TABLE).body
    assert whole["rows"][0]["object"]["kind"] == "ConfigMap"
    none = place("GET", place.path("configmaps", query="includeObject=None"), Accept=TABLE).body
    assert none["rows"][0]["object"] is None
    one = place("GET", place.path("configmaps", "a"), Accept=PARTIAL).body
    assert (one["kind"], one["metadata"]["name"]) == ("PartialObjectMetadata", "a")
    assert "data" not in one
    some = place("GET", place.path("configmaps"), Accept=PARTIALS).body
    assert some["kind"] == "PartialObjectMetadataList"
    assert {"a"} <= {item["metadata"]["name"] for item in some["items"]}


def test_07_a_table_on_a_watch_names_its_columns_once(place):
    place.create("configmaps", "a")
    place.create("configmaps", "b")
    with place.api.watch(place.path("configmaps"), accept=TABLE) as stream:
        (_, first), (_, second) = stream.event(), stream.event()
    assert first["columnDefinitions"]
    assert not second.get("columnDefinitions")


def test_openapi_v2(api):
    found = api("GET", "/openapi/v2")
    assert (found.code, found.body["swagger"]) == (200, "2.0")
    config = found.body["definitions"]["io.k8s.api.core.v1.ConfigMap"]
    assert config["x-kubernetes-group-version-kind"] == [{"group": "", "kind": "ConfigMap", "version": "v1"}]
    spec = found.body["definitions"]["org.example.conform.v1.Widget"]["properties"]["spec"]
    assert spec["properties"]["maybe"] == {}
    assert spec["properties"]["port"] == {"x-kubernetes-int-or-string": True}
    patch = found.body["paths"]["/api/v1/namespaces/{namespace}/configmaps/{name}"]["patch"]
    assert "fieldValidation" in [one.get("name") for one in patch["parameters"]]
    wire = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    assert api("GET", "/openapi/v2", Accept=wire).headers["Content-Type"] == wire.replace("@", ".")
    assert api("GET", "/openapi/v2", Accept="text/html").code == 406


@pytest.mark.parametrize(
    ("path", "code"),
    [("/apis", 200), ("/apis/apps", 200), ("/healthz", 200), ("/", 200), ("/nope", 404), ("/healthz/nope", 404),
     ("/api", 405), ("/api/v1", 405), ("/apis/apps/v1", 405), ("/version", 405), ("/version/", 405)],
)  # fmt: skip
def test_methods_beside_resources(api, path, code):
    """Most pages do not care about the method."""
    assert api("DELETE", path).code == code
    assert api("GET", path).code == (200 if code == 405 else code)


def test_the_list_of_pages(api):
    found = api("GET", "/").body["paths"]
    assert {"/api", "/api/v1", "/apis", "/apis/apps/v1", "/healthz/ping", "/openapi/v2", "/version"} <= set(found)
    assert found == sorted(found)


def test_health_in_detail(api):
    found = api("GET", "/livez?verbose").body.decode()
    assert found.startswith("[+]ping ok\n[+]log ok\n[+]etcd ok\n")
    assert found.endswith("livez check passed\n")
    assert b"[+]etcd excluded: ok" in api("GET", "/readyz?verbose&exclude=etcd").body
