"""The differences between the two servers: each is documented, and each that is documented is one."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.differs("openapi-v2")
def test_openapi_v2(api):
    assert api("GET", "/openapi/v2").code == 200


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


@pytest.mark.differs("finalizer-warnings")
def test_finalizer_warnings(place, widget):
    widget("w")
    path = place.path("conform.example.org/v1/widgets", "w")
    made = place("PATCH", path, {"metadata": {"finalizers": ["bare"]}}, "application/merge-patch+json")
    assert "prefer a domain-qualified finalizer name" in made.headers["Warning"]


@pytest.mark.differs("discovery-methods")
def test_discovery_methods(api):
    assert api("DELETE", "/apis").code == 200


def test_how_to_get_the_real_one():
    """This folder says how, wherever it skips."""
    assert "make test-real" in (Path(__file__).parent / "conftest.py").read_text()
