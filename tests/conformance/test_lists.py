"""Behaviours 43-46: pages, selectors, versions of lists."""

import base64
import json
from urllib.parse import quote

import pytest


@pytest.fixture
def maps(place):
    """Five ConfigMaps, labelled by turns."""
    for number in range(5):
        labels = {"odd": str(number % 2), **({"last": ""} if number == 4 else {})}
        place.create("configmaps", f"c{number}", metadata={"labels": labels})
    return place.path("configmaps")


def names(answer):
    return [item["metadata"]["name"] for item in answer.body["items"]]


def test_43_pages_are_one_list(place, maps):
    found, versions, remaining, token = [], set(), [], ""
    while True:
        page = place("GET", f"{maps}?limit=2&continue={token}").body
        found += [item["metadata"]["name"] for item in page["items"]]
        versions.add(page["metadata"]["resourceVersion"])
        remaining.append(page["metadata"].get("remainingItemCount"))
        token = page["metadata"].get("continue", "")
        if not token:
            break
        place.create("configmaps", f"b{len(found)}")
    assert found == ["c0", "c1", "c2", "c3", "c4"]
    assert len(versions) == 1
    assert remaining == [3, 1, None]


def test_43_a_selector_hides_the_rest(place, maps):
    page = place("GET", f"{maps}?limit=1&labelSelector=odd=0").body
    assert "remainingItemCount" not in page["metadata"]
    assert page["metadata"]["continue"]
    rest = place("GET", f"{maps}?labelSelector=odd=0&continue={page['metadata']['continue']}")
    assert names(rest) == ["c2", "c4"]


def test_43_items_bear_no_kind(place, maps):
    found = place("GET", maps).body
    assert (found["kind"], found["apiVersion"]) == ("ConfigMapList", "v1")
    assert "kind" not in found["items"][0]


@pytest.mark.parametrize("token", ["nonsense", "e30", "%00", "AAAA" * 100, base64.b64encode(b"[]").decode()])
def test_44_tokens_that_nobody_gave_out(place, token):
    found = place("GET", place.path("configmaps", query=f"limit=1&continue={token}"))
    assert found.error == (400, "BadRequest")
    assert found.message.startswith("invalid continue token: continue key is not valid: ")


def test_44_a_token_goes_with_no_version(place, maps):
    token = place("GET", f"{maps}?limit=1").body["metadata"]["continue"]
    found = place("GET", f"{maps}?limit=1&continue={token}&resourceVersion=5")
    assert found.error == (400, "BadRequest")
    assert found.message == "specifying resource version is not allowed when using continue"


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [("odd=1", "13"), ("odd==1", "13"), ("odd!=1", "024"), ("odd in (0,1),last", "4"), ("odd notin (0)", "13"),
     ("!last", "0123"), ("last", "4"), ("nope!=x", "01234"), ("odd=0,last=", "4")],
)  # fmt: skip
def test_45_label_selectors(place, maps, selector, wanted):
    found = place("GET", f"{maps}?labelSelector={quote(selector)}")
    assert names(found) == [f"c{number}" for number in wanted]


@pytest.mark.parametrize("selector", ["=", "a in", "a b", "a=b c", "a in (b", "-a=b", "a,,b"])
def test_45_label_selectors_that_are_none(place, selector):
    found = place("GET", place.path("configmaps", query=f"labelSelector={quote(selector)}"))
    assert found.error == (400, "BadRequest")


def test_45_field_selectors(place, maps):
    assert names(place("GET", f"{maps}?fieldSelector=metadata.name=c1")) == ["c1"]
    assert names(place("GET", f"{maps}?fieldSelector=metadata.name!=c1")) == ["c0", "c2", "c3", "c4"]
    everywhere = place("GET", f"/api/v1/configmaps?fieldSelector=metadata.namespace={place.name}")
    assert names(everywhere) == ["c0", "c1", "c2", "c3", "c4"]
    unknown = place("GET", f"{maps}?fieldSelector=data.a=1")
    assert unknown.error == (400, "BadRequest")
    assert unknown.message == '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"'


def test_45_field_selectors_of_a_kind(place):
    for name, node in (("a", "n1"), ("b", "")):
        spec = {"containers": [{"name": "c", "image": "x"}], **({"nodeName": node} if node else {})}
        place.create("pods", name, spec=spec)
    assert names(place("GET", place.path("pods", query="fieldSelector=spec.nodeName=n1"))) == ["a"]
    assert names(place("GET", place.path("pods", query="fieldSelector=status.phase=Pending,spec.nodeName="))) == ["b"]


def test_45_custom_kinds_know_two_fields(place, widget):
    widget("a")
    plural = "conform.example.org/v1/widgets"
    assert names(place("GET", place.path(plural, query="fieldSelector=metadata.name=a"))) == ["a"]
    unknown = place("GET", place.path(plural, query="fieldSelector=spec.size=1"))
    assert unknown.error == (400, "BadRequest")
    assert unknown.message == "field label not supported: spec.size"


def test_46_versions_of_a_list(place, maps):
    now = place("GET", maps).body["metadata"]["resourceVersion"]
    assert len(names(place("GET", f"{maps}?resourceVersion=0"))) <= 5
    newer = place("GET", f"{maps}?resourceVersion={now}&resourceVersionMatch=NotOlderThan")
    assert len(names(newer)) == 5
    place.create("configmaps", "d")
    exact = place("GET", f"{maps}?resourceVersion={now}&resourceVersionMatch=Exact")
    assert exact.body["metadata"]["resourceVersion"] == now
    assert len(names(exact)) == 5


def test_46_exact_now(place, maps):
    now = place("GET", maps).body["metadata"]["resourceVersion"]
    exact = place("GET", f"{maps}?resourceVersion={now}&resourceVersionMatch=Exact")
    assert exact.body["metadata"]["resourceVersion"] == now
    assert len(names(exact)) == 5


def test_46_a_version_of_the_future(place, maps):
    found = place("GET", f"{maps}?resourceVersion=999999999999")
    assert found.error == (504, "Timeout")
    assert found.message.startswith("Timeout: Too large resource version: 999999999999, current: ")
    assert found.causes == [("", "ResourceVersionTooLarge")]


@pytest.mark.parametrize(
    ("query", "code"),
    [("resourceVersion=x", 400), ("resourceVersionMatch=Exact", 422),
     ("resourceVersion=0&resourceVersionMatch=Exact", 422),
     ("resourceVersion=5&resourceVersionMatch=Some", 422), ("limit=x", 400), ("limit=-1", 200),
     ("timeoutSeconds=x", 400),
     ("sendInitialEvents=true", 422), ("limit=99999999999999999999", 400), ("limit=9223372036854775807", 200),
     ("watch=banana", 200), ("unknown=1", 200), ("resourceVersion=-5", 400),
     ("resourceVersion=99999999999999999999", 400)],
)  # fmt: skip
def test_options_of_a_list(place, query, code):
    if "watch" in query:
        query += "&timeoutSeconds=1"
    assert place("GET", place.path("configmaps", query=query)).code == code


def test_a_token_is_for_one_place(place, maps):
    token = place("GET", f"{maps}?limit=1").body["metadata"]["continue"]
    other = place("GET", f"/api/v1/namespaces/kube-system/configmaps?limit=1&continue={token}")
    assert other.code in (200, 400)
    if other.code == 200:
        assert place.name not in json.dumps(other.body)
