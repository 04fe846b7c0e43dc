"""The differences between the two servers: each is documented, and each that is documented is one."""

import contextlib
import re
from pathlib import Path

import pytest

from tests.conformance.place import wait

DOCUMENT = Path(__file__).parents[2] / "docs" / "embedded-api.md"


def test_marks_and_document_agree():
    here = Path(__file__).parent
    found = [
        re.findall(r'^@pytest.mark.differs\("(.*)"\)', path.read_text(), re.MULTILINE) for path in here.glob("*.py")
    ]
    marked = {name for names in found for name in names}
    documented = re.findall(r"^\| `([a-z0-9-]+)` \|", DOCUMENT.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(marked)


@pytest.mark.differs("kinds")
@pytest.mark.parametrize(
    "path",
    ["/api/v1/limitranges", "/api/v1/resourcequotas", "/api/v1/componentstatuses", "/api/v1/podtemplates",
     "/apis/autoscaling/v2/horizontalpodautoscalers", "/apis/scheduling.k8s.io/v1/priorityclasses",
     "/apis/networking.k8s.io/v1/ingressclasses", "/apis/apiregistration.k8s.io/v1/apiservices",
     "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
     "/apis/certificates.k8s.io/v1/certificatesigningrequests", "/apis/storage.k8s.io/v1/csidrivers",
     "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas"],
)  # fmt: skip
def test_kinds(api, path):
    assert api("GET", path).code == 200


@pytest.mark.differs("events-group")
def test_events_group(api):
    assert api("GET", "/apis/events.k8s.io/v1/events").code == 200


@pytest.mark.differs("cbor-and-yaml-answers")
def test_answers_in_yaml(api):
    assert api("GET", "/api/v1/namespaces/default", Accept="application/yaml").code == 200


@pytest.mark.differs("metrics")
def test_metrics(api):
    assert api("GET", "/metrics").code == 200


@pytest.mark.differs("expressions")
def test_expressions(place):
    """A rule in CEL."""
    rule = {"rule": "self.a > 5", "message": "too small"}
    spec = {"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": [rule]}
    schema = {"type": "object", "properties": {"spec": spec}}
    names = {"plural": "rules", "kind": "Rule"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "rules.conform.example.org"},
        "spec": {"group": "conform.example.org", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert place("POST", crds, body).code == 201
    path = place.path("conform.example.org/v1/rules")
    thing = {"apiVersion": "conform.example.org/v1", "kind": "Rule", "metadata": {"name": "r"}, "spec": {"a": 1}}
    for _ in range(200):
        made = place("POST", path, thing)
        if made.code != 404:
            break
    assert made.error == (422, "Invalid")


def test_how_to_get_the_real_one():
    """This folder says how, wherever it skips."""
    assert "make test-real" in (Path(__file__).parent / "starting.py").read_text()


@pytest.mark.differs("empty-applied")
def test_an_empty_map_is_owned_whole(place):
    """Applied empty, a map is one field; applied full, it is its members: the two conflict there."""
    kind = "application/apply-patch+yaml"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    path = place.path("configmaps", "c")
    assert place("PATCH", f"{path}?fieldManager=one", {**body, "data": {}}, kind).code == 201
    assert place("PATCH", f"{path}?fieldManager=two", {**body, "data": {"a": "1"}}, kind).error == (409, "Conflict")


@pytest.mark.differs("status-labels")
def test_labels_sent_to_status(place, widget):
    """They are not written, and yet owned."""
    widget("w")
    path = place.path("conform.example.org/v1/widgets", "w/status", query="fieldManager=one")
    body = {"status": {"phase": "x"}, "metadata": {"labels": {"a": "b"}}}
    made = place("PATCH", path, body, "application/merge-patch+json").body
    assert "labels" not in made["metadata"]
    entry = next(one for one in made["metadata"]["managedFields"] if one["manager"] == "one")
    assert "f:metadata" in entry["fieldsV1"]


@pytest.mark.differs("depth")
def test_deep_objects(place, widget):
    """As bytes, and with an answer that does not repeat it: our own JSON does not reach as deep."""
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    body = b'{"apiVersion":"conform.example.org/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"free":%s}}' % deep
    path = place.path("conform.example.org/v1/widgets", query="dryRun=All&includeObject=None")
    assert place("POST", path, body, Accept="application/json;as=Table;g=meta.k8s.io;v=v1").code == 201


@pytest.mark.differs("lone-surrogates")
def test_half_a_character(place):
    body = b'{"metadata":{"name":"c"},"data":{"a":"\\ud800"}}'
    assert place("POST", place.path("configmaps"), body).code == 201


@pytest.mark.differs("host")
def test_any_host_is_answered(api):
    assert api("GET", "/version", Host="elsewhere.example").code == 200


@pytest.mark.differs("admission")
@pytest.mark.parametrize("what", ["priority", "claim", "node"])
def test_admission(place, what):
    if what == "priority":
        spec = {"containers": [{"name": "a", "image": "x"}], "priority": 5}
        made = place("POST", place.path("pods"), {"metadata": {"name": "p"}, "spec": spec})
        assert made.error == (403, "Forbidden")
    elif what == "claim":
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        made = place.create("persistentvolumeclaims", "c", spec=spec)
        assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    else:
        made = place("POST", "/api/v1/nodes", {"metadata": {"name": place.name}}).body
        assert [one["key"] for one in made["spec"]["taints"]] == ["node.kubernetes.io/not-ready"]


@pytest.mark.differs("template-generation")
def test_generations_of_templates(place):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "x"}]}}
    made = place.create("apps/v1/daemonsets", "d", spec={"selector": {"matchLabels": {"a": "b"}}, "template": template})
    assert made["metadata"]["annotations"] == {"deprecated.daemonset.template.generation": "1"}


@pytest.mark.differs("deprecation-warnings")
def test_what_is_deprecated(place):
    assert "deprecated" in place("GET", place.path("endpoints")).headers["Warning"]


@pytest.mark.differs("status-rules")
def test_a_status_that_contradicts_itself(place):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "x"}]}}
    place.create("apps/v1/statefulsets", "s", spec={"selector": {"matchLabels": {"a": "b"}}, "template": template})
    path = place.path("apps/v1/statefulsets", "s/status")
    status = {"replicas": 1, "availableReplicas": 1}
    assert place("PATCH", path, {"status": status}, "application/merge-patch+json").error == (422, "Invalid")


@pytest.mark.differs("roles")
def test_default_roles(api):
    found = api("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:kube-scheduler")
    assert found.code == 200


@pytest.mark.differs("escalation")
def test_nobody_gives_what_they_have_not(place):
    rbac = "rbac.authorization.k8s.io/v1"
    rule = {"verbs": ["create"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"]}
    place.create(f"{rbac}/roles", "writer", rules=[rule])
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "writer"}
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]
    place.create(f"{rbac}/rolebindings", "writer", roleRef=ref, subjects=subjects)
    more = {"metadata": {"name": "more"}, "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}]}
    path = place.path(f"{rbac}/roles")
    # a real server takes up rules after it has answered
    answer = wait(
        lambda: "cannot create" not in (found := place("POST", path, more, Impersonate_User="jane")).message and found
    )
    assert answer.error == (403, "Forbidden")
    assert "attempting to grant RBAC permissions not currently held" in answer.message


@pytest.mark.differs("kubernetes-endpoints")
def test_the_address_of_the_server(api):
    assert api("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes").code == 200


@pytest.mark.differs("streams")
def test_streams(place):
    place.create("pods", "p", spec={"containers": [{"name": "a", "image": "x"}]})
    assert place("GET", place.path("pods", "p/ephemeralcontainers")).code == 200


@pytest.mark.differs("syntax")
def test_what_is_no_json(place):
    made = place("POST", place.path("configmaps"), b"{bad")
    assert made.error == (400, "BadRequest")
    assert "invalid character 'b' looking for beginning of object key string" in made.message


@pytest.mark.differs("causes")
def test_a_definition_without_anything(place):
    made = place("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {"metadata": {"name": "x"}})
    assert made.error == (422, "Invalid")
    assert ("spec.scope", "FieldValueRequired") in made.causes


@pytest.mark.differs("bytes")
def test_the_end_of_an_answer(api):
    with contextlib.closing(api.connect()) as line:
        text = api.send(line, "GET", "/api/v1/namespaces/default", None, "", {}).read()
    assert text.endswith(b"}\n")
