"""What the history costs: 100,000 entries searched, and a run of the operators recorded and looked back at."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.objects import pod
from osconsole.history.history import History
from osconsole.model.changes import Listed, Put
from osconsole.model.entry import Entry, Query
from osconsole.model.kinds import key
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, resource

ENTRIES, PODS = 100_000, 1_000
OWNER = key("ReplicaSet").ref("openstack", "rs-7")
QUERIES = (
    ("newest of all", Query()),
    ("text that is rare", Query(grep="pod 77777")),
    ("text that is nowhere", Query(grep="nothing such")),
    ("warnings", Query(rank=1)),
    ("a subtree", Query(under=OWNER)),
    ("text in a subtree", Query(under=OWNER, grep="pod 9")),
)


def figures() -> Iterator[Figure]:
    """CPU milliseconds of each search; of 1,000 changes recorded; of the world an hour ago."""
    with tempfile.TemporaryDirectory() as folder:
        history = History("bench", Path(folder) / "history.sqlite", most=PODS)
        _fill(history)
        for name, query in QUERIES:
            spent = [_ms(partial(history.search, query)) for _ in range(3)]
            yield Figure(f"100,000 entries: {name}", spent, "CPU ms", 200)
        pods = [_pod(number, 0) for number in range(PODS)]
        history.record([Listed(pods[0].kind, "", tuple(pods), 1.0)], [], 1.0)
        changed = [Put(_pod(number, 1), 4_000.0) for number in range(PODS)]
        yield Figure("1,000 changed pods recorded", [_ms(lambda: history.record(changed, [], 4_000.0))], "CPU ms", 600)
        yield Figure("1,000 pods as of a past moment", [_ms(lambda: history.snapshot(3_000.0))], "CPU ms", 500)
        history.close()


def _fill(history: History) -> None:
    refs = [key("Pod").ref("openstack", f"pod-{number}") for number in range(PODS)]
    owned = [_owned(number) for number in range(PODS)]
    history.record([Put(found, 0.5) for found in owned], [], 0.5)
    for start in range(0, ENTRIES, 5_000):
        history.add(_entry(number, refs[number % PODS]) for number in range(start, start + 5_000))


def _entry(number: int, ref: Ref) -> Entry:
    severity = "Warning" if number % 500 == 0 else ""
    text = f"back-off restarting the failed container in pod {number}"
    return Entry(float(number), ref, "condition", "Ready", "False", "True", severity, text, key=f"k{number}")


def _owned(number: int) -> Resource:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"rs-{number // 10}", "uid": f"rs-{number // 10}"}
    meta = {"name": f"pod-{number}", "namespace": "openstack", "uid": f"o{number}", "resourceVersion": "1"}
    return resource({"apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "ownerReferences": [owner]}})


def _pod(number: int, version: int) -> Resource:
    body = pod(number)
    body["metadata"]["resourceVersion"] = f"{version}.{number}"
    return resource(body)


def _ms(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000
