"""Behaviours 47-53: what a watch delivers, once and in order."""

import pytest

MERGE = "application/merge-patch+json"


@pytest.fixture
def maps(place):
    return place.path("configmaps")


def version(answer):
    return answer["metadata"]["resourceVersion"]


def test_47_each_change_once_and_in_order(place, maps):
    since = version(place("GET", maps).body)
    place.create("configmaps", "a")
    place("PATCH", f"{maps}/a", {"data": {"x": "1"}}, MERGE)
    place.create("configmaps", "b")
    place("DELETE", f"{maps}/a")
    with place.api.watch(maps, resourceVersion=since) as stream:
        events = [stream.event() for _ in range(4)]
    assert [(kind, obj["metadata"]["name"]) for kind, obj in events] == [
        *(("ADDED", "a"), ("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a"))
    ]
    versions = [int(version(obj)) for _, obj in events]
    assert versions == sorted(set(versions))
    assert events[3][1]["data"] == {"x": "1"}
    assert events[0][1]["kind"] == "ConfigMap"


def test_47_from_the_middle(place, maps):
    first = place.create("configmaps", "a")
    place.create("configmaps", "b")
    with place.api.watch(maps, resourceVersion=version(first)) as stream:
        assert stream.take(1) == [("ADDED", "b")]


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}, {"resourceVersion": ""}])
def test_48_the_state_comes_first(place, maps, query):
    place.create("configmaps", "b")
    place.create("configmaps", "a")
    with place.api.watch(maps, **query) as stream:
        assert sorted(stream.take(2)) == [("ADDED", "a"), ("ADDED", "b")]
        place.create("configmaps", "c")
        assert stream.take(1) == [("ADDED", "c")]


def test_49_a_version_that_is_too_old(place, widget):
    widget("w")
    with place.api.watch(place.path("conform.example.org/v1/widgets"), resourceVersion="1") as stream:
        kind, obj = stream.event()
        assert kind == "ERROR"
        assert (obj["code"], obj["reason"]) == (410, "Expired")
        assert obj["message"].startswith("too old resource version: 1 (")
        assert stream.event() is None


def test_49_a_version_of_the_future(place, maps):
    with place.api.watch(maps, resourceVersion="999999999999", timeoutSeconds=1) as stream:
        assert stream.answer.status == 200
        assert stream.event() is None


def test_50_no_bookmarks_unasked(place, maps):
    with place.api.watch(maps, sendInitialEvents="true", resourceVersionMatch="NotOlderThan") as stream:
        place.create("configmaps", "a")
        assert stream.take(1) == [("ADDED", "a")]


def test_51_the_state_and_its_end(place, maps):
    place.create("configmaps", "a")
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    with place.api.watch(maps, **query) as stream:
        assert stream.take(1) == [("ADDED", "a")]
        kind, obj = stream.event()
        assert kind == "BOOKMARK"
        assert (obj["kind"], obj["apiVersion"]) == ("ConfigMap", "v1")
        assert obj["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert int(version(obj)) > 0
        assert set(obj["metadata"]) <= {"annotations", "resourceVersion", "creationTimestamp"}
        place.create("configmaps", "b")
        assert stream.take(1) == [("ADDED", "b")]


@pytest.mark.parametrize(
    ("query", "field"),
    [("sendInitialEvents=true", "resourceVersionMatch"),
     ("sendInitialEvents=true&resourceVersionMatch=Exact", "resourceVersionMatch"),
     ("resourceVersionMatch=NotOlderThan&resourceVersion=0", "resourceVersionMatch")],
)  # fmt: skip
def test_51_what_does_not_go_together(place, maps, query, field):
    found = place("GET", f"{maps}?watch=1&timeoutSeconds=1&{query}")
    assert found.error == (422, "Invalid")
    assert (field, "FieldValueForbidden") in found.causes


def test_51_false_is_no_state(place, maps):
    place.create("configmaps", "a")
    now = version(place("GET", maps).body)
    query = {"sendInitialEvents": "false", "resourceVersionMatch": "NotOlderThan", "resourceVersion": now}
    with place.api.watch(maps, **query) as stream:
        place.create("configmaps", "b")
        assert stream.take(1) == [("ADDED", "b")]


def test_52_into_and_out_of_a_selector(place, maps):
    since = version(place("GET", maps).body)
    place.create("configmaps", "a")
    for labels in ({"x": "1"}, {"x": "1", "y": "2"}, {"x": None}):
        last = place("PATCH", f"{maps}/a", {"metadata": {"labels": labels}}, MERGE).body
    with place.api.watch(maps, resourceVersion=since, labelSelector="x=1") as stream:
        events = [stream.event() for _ in range(3)]
    assert [kind for kind, _ in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert version(events[2][1]) == version(last)
    # the object as it was while it was selected
    assert events[2][1]["metadata"]["labels"] == {"x": "1", "y": "2"}


def test_52_a_deletion_has_a_version_of_its_own(place, maps):
    made = place.create("configmaps", "a", data={"x": "1"})
    place("DELETE", f"{maps}/a")
    with place.api.watch(maps, resourceVersion=version(made)) as stream:
        kind, obj = stream.event()
    assert (kind, obj["data"]) == ("DELETED", {"x": "1"})
    assert int(version(obj)) > int(version(made))


def test_52_one_object_by_name(place, maps):
    since = version(place("GET", maps).body)
    place.create("configmaps", "a")
    place.create("configmaps", "b")
    # the path of an object is read, not watched
    assert place("GET", f"{maps}/b?watch=1").body["metadata"]["name"] == "b"
    with place.api.watch(maps, resourceVersion=since, fieldSelector="metadata.name=b") as stream:
        assert stream.take(1) == [("ADDED", "b")]


def test_53_the_time_is_up(place, maps):
    with place.api.watch(maps, timeoutSeconds=1) as stream:
        assert stream.event() is None


@pytest.mark.differs("watch-paths")
def test_the_old_way_to_watch(place, maps):
    place.create("configmaps", "a")
    path = maps.replace("/api/v1/", "/api/v1/watch/")
    with place.api.watch(path, timeoutSeconds=1) as stream:
        assert stream.answer.status == 200
        assert stream.take(1) == [("ADDED", "a")]


def test_watching_all_namespaces(place):
    since = version(place("GET", place.path("configmaps")).body)
    place.create("configmaps", "a")
    query = {"resourceVersion": since, "fieldSelector": f"metadata.namespace={place.name}"}
    with place.api.watch("/api/v1/configmaps", **query) as stream:
        assert stream.take(1) == [("ADDED", "a")]


def test_a_stream_says_what_it_is(place, maps):
    with place.api.watch(maps, timeoutSeconds=1) as stream:
        assert stream.answer.headers["Content-Type"] == "application/json"
        assert stream.answer.headers["Transfer-Encoding"] == "chunked"
