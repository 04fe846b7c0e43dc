"""Lists and watches: pages, selectors, versions, bookmarks."""

import json
import threading

import pytest

MERGE = "application/merge-patch+json"


@pytest.fixture
def maps(api, namespace):
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for i in range(5):
        assert api("POST", path, {"metadata": {"name": f"c{i}", "labels": {"n": str(i)}}}).code == 201
    return path


def names(answer):
    return [item["metadata"]["name"] for item in answer.body["items"]]


def test_pages_are_one_consistent_list(api, maps):
    first = api("GET", f"{maps}?limit=2")
    assert (names(first), first.body["metadata"]["remainingItemCount"]) == (["c0", "c1"], 3)
    api("DELETE", f"{maps}/c3")
    token = first.body["metadata"]["continue"]
    second = api("GET", f"{maps}?limit=3&continue={token}")
    assert names(second) == ["c2", "c3", "c4"]
    assert second.body["metadata"]["resourceVersion"] == first.body["metadata"]["resourceVersion"]
    assert "continue" not in second.body["metadata"]
    assert names(api("GET", maps)) == ["c0", "c1", "c2", "c4"]
    assert api("GET", f"{maps}?continue=nonsense").code == 400


def test_selectors(api, maps):
    assert names(api("GET", f"{maps}?labelSelector=n%20in%20(1,3)")) == ["c1", "c3"]
    assert names(api("GET", f"{maps}?labelSelector=n!=1,n!=2")) == ["c0", "c3", "c4"]
    assert names(api("GET", f"{maps}?fieldSelector=metadata.name=c4")) == ["c4"]
    bad = api("GET", f"{maps}?fieldSelector=data.a=1")
    assert bad.code == 400
    assert api("GET", f"{maps}?labelSelector=a!!b").code == 400


def test_versions(api, maps):
    rv = int(api("GET", maps).body["metadata"]["resourceVersion"])
    assert api("GET", f"{maps}?resourceVersion=0").code == 200
    assert api("GET", f"{maps}?resourceVersion={rv}&resourceVersionMatch=Exact").code == 200
    early = api("GET", f"{maps}?resourceVersion={rv + 1000}")
    assert (early.code, early.body["reason"]) == (504, "Timeout")
    assert early.body["message"].startswith("Timeout: Too large resource version")
    api("DELETE", f"{maps}/c0")
    then = api("GET", f"{maps}?resourceVersion={rv}&resourceVersionMatch=Exact").body
    assert (then["items"][0]["metadata"]["name"], then["metadata"]["resourceVersion"]) == ("c0", str(rv))


def test_watch_delivers_each_change_once_in_order(api, maps):
    rv = api("GET", maps).body["metadata"]["resourceVersion"]
    api("PATCH", f"{maps}/c1", {"metadata": {"labels": {"n": "9"}}}, MERGE)
    api("DELETE", f"{maps}/c1")
    events = api.watch(f"{maps}?watch=1&resourceVersion={rv}", 2)
    assert [event["type"] for event in events] == ["MODIFIED", "DELETED"]
    seen = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert seen == sorted(seen)
    assert seen[0] > int(rv)


def test_watch_follows_a_selector(api, maps):
    rv = api("GET", maps).body["metadata"]["resourceVersion"]
    for label in ("9", "8"):
        api("PATCH", f"{maps}/c1", {"metadata": {"labels": {"n": label}}}, MERGE)
    events = api.watch(f"{maps}?watch=1&resourceVersion={rv}&labelSelector=n=9", 2)
    assert [event["type"] for event in events] == ["ADDED", "DELETED"]


def test_watch_sees_what_happens_later(api, maps):
    with api.stream(f"{maps}?watch=1&fieldSelector=metadata.name=late") as answer:
        maker = threading.Thread(target=api, args=("POST", maps, {"metadata": {"name": "late"}}))
        maker.start()
        event = json.loads(answer.readline())
        maker.join()
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "late")


def test_watch_list_ends_its_first_part_with_a_bookmark(api, maps):
    query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    events = api.watch(f"{maps}?{query}", 6)
    assert [event["type"] for event in events] == ["ADDED"] * 5 + ["BOOKMARK"]
    assert events[-1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert api("GET", f"{maps}?watch=1&sendInitialEvents=true").code == 422


def test_watch_ends_in_time(api, maps):
    rv = api("GET", maps).body["metadata"]["resourceVersion"]
    with api.stream(f"{maps}?watch=1&resourceVersion={rv}&timeoutSeconds=1") as answer:
        assert answer.read() == b""


def test_tables_and_metadata(api, maps):
    table = api("GET", maps, Accept="application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    assert table.headers["Content-Type"] == "application/json;g=meta.k8s.io;v=v1;as=Table"
    assert [column["name"] for column in table.body["columnDefinitions"]][:2] == ["Name", "Data"]
    assert [row["cells"][0] for row in table.body["rows"]] == [f"c{i}" for i in range(5)]
    partial = api("GET", maps, Accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
    assert partial.body["kind"] == "PartialObjectMetadataList"
    assert set(partial.body["items"][0]) == {"kind", "apiVersion", "metadata"}


def test_delete_collection(api, maps):
    gone = api("DELETE", f"{maps}?labelSelector=n%20in%20(0,1)")
    assert names(gone) == ["c0", "c1"]
    assert names(api("GET", maps)) == ["c2", "c3", "c4"]
