"""Whatever is asked, in whatever order: both servers give the same objects, the same errors and the same events.

As a test it always walks the same ways. OSCONSOLE_CONFORMANCE_EXAMPLES takes so many random ones instead, which is a
search: what it finds is mended, or named in docs/embedded-api.md.
"""

import itertools
import json
import os
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.conformance.bodies import KINDS, full, kind_and_body, kinds, name, operation, whole, word
from tests.conformance.mask import Mask, unlike

SEARCHED = os.environ.get("OSCONSOLE_CONFORMANCE_EXAMPLES")
EXAMPLES = int(SEARCHED or "20")
STEPS = 30
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_walks = itertools.count(1)


class Side:
    """One server during one walk."""

    def __init__(self, api, place_type, walk):
        self.place = place_type(api, f"walk-{os.getpid()}-{walk}")
        self.mask = Mask()
        self.known = {}
        self.since = {}
        for kind, (_, plural) in KINDS.items():
            self.since[kind] = self.place("GET", self.place.path(plural)).body["metadata"]["resourceVersion"]

    def ask(self, method, kind, called, body=None, how="application/json", query="", sub=""):
        path = self.place.path(KINDS[kind][1], called + sub, query=query)
        answer = self.place(method, path, body, how)
        if isinstance(answer.body, dict) and answer.body.get("kind") == kind and "dryRun" not in query:
            self.known[kind, answer.body["metadata"]["name"]] = answer.body
        return {"code": answer.code, "warning": answer.headers.get("Warning"), "body": self.mask(answer.body)}

    def listed(self, kind, query):
        answer = self.place("GET", self.place.path(KINDS[kind][1], query=query)).body
        return self.mask([{**one, "metadata": {**one["metadata"]}} for one in answer["items"]])

    def events(self, kind, query):
        """All that happened to a kind, up to a mark that is set now."""
        mark = whole(kind, {"spec": {}} if kind != "ConfigMap" else {}, {"labels": {"x": "1"}}, "mark")
        self.place("POST", self.place.path(KINDS[kind][1]), mark)
        found = []
        with self.place.api.watch(self.place.path(KINDS[kind][1]), resourceVersion=self.since[kind], **query) as stream:
            while True:
                event, obj = stream.event()
                if obj["metadata"]["name"] == "mark":
                    break
                found.append((event, self.mask(obj)))
        self.place("DELETE", self.place.path(KINDS[kind][1], "mark"))
        return found


class Machine(RuleBasedStateMachine):
    """Two servers that are asked the same."""

    servers: SimpleNamespace

    @initialize()
    def begin(self):
        walk = next(_walks)
        self.sides = [Side(api, self.servers.place_type, walk) for api in (self.servers.real, self.servers.embedded)]

    def same(self, what):
        real, embedded = (what(side) for side in self.sides)
        found = [f"{path}: {a!r} != {b!r}" for path, a, b in unlike(real, embedded, "")]
        if found:
            shown = f"\nreal: {json.dumps(real)}\nembedded: {json.dumps(embedded)}"
            pytest.fail("real != embedded\n" + "\n".join(found) + shown)

    def ask(self, *args, **rest):
        self.same(lambda side: side.ask(*args, **rest))

    @rule(body=kind_and_body, called=name, dry=st.sampled_from(["", "dryRun=All", "fieldValidation=Strict"]))
    def create(self, body, called, dry):
        kind, body, meta = body
        obj = whole(kind, body, meta, called)
        path = KINDS[kind][1]

        def post(side):
            answer = side.place("POST", side.place.path(path, query=f"{dry}&fieldManager=maker"), obj)
            if answer.code == 201 and not dry.startswith("dry"):
                side.known[kind, called] = answer.body
            return {"code": answer.code, "warning": answer.headers.get("Warning"), "body": side.mask(answer.body)}

        self.same(post)

    @rule(body=kind_and_body, called=name, version=st.sampled_from(["known", "none", "stale"]))
    def put(self, body, called, version):
        kind, body, meta = body

        def write(side):
            obj = whole(kind, body, meta, called)
            last = side.known.get((kind, called), {}).get("metadata", {})
            if version != "none" and last:
                obj["metadata"]["resourceVersion"] = last["resourceVersion"] if version == "known" else "1"
            return side.ask("PUT", kind, called, obj, query="fieldManager=putter")

        self.same(write)

    @rule(
        body=kind_and_body,
        called=name,
        how=st.sampled_from([MERGE, STRATEGIC]),
        drop=st.sampled_from(["", "labels", "finalizers", "data", "spec"]),
    )
    def patch(self, body, called, how, drop):
        kind, body, meta = body
        obj = {**body, "metadata": dict(meta)}
        if drop in ("labels", "finalizers"):
            obj["metadata"][drop] = None
        elif drop == "data" and kind == "ConfigMap":
            obj["data"] = {"x": None}
        self.ask("PATCH", kind, called, obj, how, "fieldManager=patcher")

    @rule(body=operation, called=name)
    def json_patch(self, body, called):
        kind, operations = body
        self.ask("PATCH", kind, called, operations, JSON_PATCH, "fieldManager=jumper")

    @rule(body=kind_and_body, called=name, manager=st.sampled_from(["one", "two"]), force=st.booleans())
    def apply(self, body, called, manager, force):
        kind, body, meta = body
        obj = full(whole(kind, body, meta, called))
        self.ask("PATCH", kind, called, obj, APPLY, f"fieldManager={manager}&force={str(force).lower()}")

    @rule(
        status=st.fixed_dictionaries({}, optional={"phase": word, "size": st.integers(0, 2)}), called=name, kind=kinds
    )
    def status(self, status, called, kind):
        if kind == "Deployment":
            status = {"replicas": status.get("size", 0)}
        body = {"status": status, "spec": {"size": 5}}
        if kind != "Widget":
            # see `status-labels` in docs/embedded-api.md
            body["metadata"] = {"labels": {"from": "status"}}
        self.ask("PATCH", kind, called, body, MERGE, "fieldManager=kubelet", "/status")

    @rule(called=name, kind=st.sampled_from(["Widget", "Deployment"]), replicas=st.sampled_from([-1, 0, 1, 2, 3]))
    def scale(self, called, kind, replicas):
        self.ask("PATCH", kind, called, {"spec": {"replicas": replicas}}, MERGE, "fieldManager=scaler", "/scale")

    @rule(
        called=name,
        kind=kinds,
        policy=st.sampled_from([None, "Background", "Foreground", "Orphan"]),
        exact=st.sampled_from(["", "uid", "rv"]),
    )
    def delete(self, called, kind, policy, exact):
        def remove(side):
            meta = side.known.get((kind, called), {}).get("metadata", {})
            body = {"propagationPolicy": policy} if policy else {}
            if exact and meta:
                body["preconditions"] = (
                    {"uid": meta["uid"]} if exact == "uid" else {"resourceVersion": meta["resourceVersion"]}
                )
            return side.ask("DELETE", kind, called, body or None)

        self.same(remove)

    @rule(called=name, kind=kinds)
    def release(self, called, kind):
        """Whoever held it lets go."""
        self.ask("PATCH", kind, called, {"metadata": {"finalizers": None}}, MERGE, "fieldManager=holder")

    @rule(
        kind=kinds,
        query=st.sampled_from(
            ["", "labelSelector=x%3D1", "labelSelector=!x", "fieldSelector=metadata.name=a", "limit=1"]
        ),
    )
    def read(self, kind, query):
        self.same(lambda side: side.listed(kind, query))

    def teardown(self):
        if not hasattr(self, "sides"):
            return
        try:
            for kind in KINDS:
                self.same(lambda side, kind=kind: side.events(kind, {}))
                self.same(lambda side, kind=kind: side.events(kind, {"labelSelector": "x=1"}))
        finally:
            for side in self.sides:
                side.place.clean()


@pytest.mark.timeout(60 + 10 * EXAMPLES)
def test_both_servers_walk_together(server, place_type):
    Machine.servers = SimpleNamespace(real=server("real"), embedded=server("embedded"), place_type=place_type)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not SEARCHED,
            database=None,
            suppress_health_check=list(HealthCheck),
            # A walk is short enough to read, and to make it shorter takes many more.
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )
