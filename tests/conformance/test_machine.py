"""Whatever is asked, in whatever order: both servers give the same objects, the same errors and the same events.

OSCONSOLE_CONFORMANCE_EXAMPLES says how many walks; `make soak` takes many.
"""

import itertools
import json
import os
import re
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

EXAMPLES = int(os.environ.get("OSCONSOLE_CONFORMANCE_EXAMPLES", "20"))
STEPS = 30
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
KINDS = {
    "ConfigMap": ("v1", "configmaps"),
    "Widget": ("conform.example.org/v1", "conform.example.org/v1/widgets"),
    "Deployment": ("apps/v1", "apps/v1/deployments"),
}
_walks = itertools.count(1)

# What the objects are made of: few names and values, so that writers meet.
name = st.sampled_from("ab")
word = st.sampled_from(["0", "1", ""])
words = st.dictionaries(st.sampled_from("xyz"), word, max_size=2)
metadata = st.fixed_dictionaries(
    {},
    optional={
        "labels": words,
        "annotations": words,
        "finalizers": st.lists(st.sampled_from(["x.org/a", "x.org/b"]), max_size=2, unique=True),
    },
)
config = st.fixed_dictionaries({}, optional={"data": words, "immutable": st.just(value=False)})
item = st.fixed_dictionaries({"key": st.sampled_from("ab")}, optional={"value": word})
widget = st.fixed_dictionaries(
    {},
    optional={
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "size": st.sampled_from([0, 1, 2, -1, 101, "x", None]),
                "mode": st.sampled_from(["fast", "slow", "odd", None]),
                "port": st.sampled_from([80, "http", True]),
                "maybe": st.sampled_from(["a", None]),
                "free": st.recursive(
                    word | st.none() | st.integers(0, 2), lambda x: st.dictionaries(name, x, max_size=2)
                ).map(lambda x: x if isinstance(x, dict) else {"a": x}),
                "labels": words,
                "tags": st.lists(st.sampled_from("abc"), max_size=3),
                "items": st.lists(item, max_size=2),
                "unknown": word,
            },
        ),
        "status": st.fixed_dictionaries({}, optional={"size": st.integers(0, 2), "phase": word}),
    },
)
port = st.fixed_dictionaries(
    {"containerPort": st.sampled_from([80, 81])}, optional={"protocol": st.sampled_from(["TCP", "UDP"]), "name": name}
)
container = st.fixed_dictionaries(
    {"name": name},
    optional={
        "image": st.sampled_from(["x:1", "y:2"]),
        "args": st.lists(word, max_size=2),
        "env": st.lists(
            st.fixed_dictionaries({"name": name}, optional={"value": word}), max_size=2, unique_by=lambda e: e["name"]
        ),
        "ports": st.lists(port, max_size=2, unique_by=lambda p: (p["containerPort"], p.get("protocol", "TCP"))),
    },
)
deployment = st.fixed_dictionaries(
    {},
    optional={
        "replicas": st.sampled_from([0, 1, 2, -1]),
        "paused": st.booleans(),
        "strategy": st.sampled_from([{"type": "Recreate", "rollingUpdate": None}, {"type": "RollingUpdate"}]),
        "template": st.fixed_dictionaries(
            {},
            optional={
                "spec": st.fixed_dictionaries(
                    {},
                    optional={"containers": st.lists(container, min_size=1, max_size=2, unique_by=lambda c: c["name"])},
                )
            },
        ),
    },
).map(lambda spec: {"spec": spec})
BODIES = {"ConfigMap": config, "Widget": widget, "Deployment": deployment}
kinds = st.sampled_from(list(KINDS))
kind_and_body = kinds.flatmap(lambda kind: st.tuples(st.just(kind), BODIES[kind], metadata))
PATHS = {
    "ConfigMap": ["/data/x", "/data", "/metadata/labels", "/metadata/labels/x", "/immutable", "/nope/x"],
    "Widget": [
        "/spec/size",
        "/spec/items/0",
        "/spec/items/-",
        "/spec/items",
        "/spec/free/a",
        "/spec",
        "/metadata/finalizers/0",
    ],
    "Deployment": [
        "/spec/replicas",
        "/spec/template/spec/containers/0/image",
        "/spec/template/spec/containers/1",
        "/metadata/labels",
    ],
}
operation = kinds.flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.lists(
            st.fixed_dictionaries(
                {"op": st.sampled_from(["add", "remove", "replace", "test"]), "path": st.sampled_from(PATHS[kind])},
                optional={"value": st.sampled_from(["1", 1, {"x": "1"}, {"key": "a"}, None])},
            ),
            min_size=1,
            max_size=2,
        ),
    )
)


def whole(kind, body, meta, called):
    """A body that could be created."""
    found = {"apiVersion": KINDS[kind][0], "kind": kind, **body, "metadata": {**meta, "name": called}}
    if kind == "Deployment":
        spec = json.loads(json.dumps(body["spec"]))
        template = spec.setdefault("template", {})
        template["metadata"] = {"labels": {"a": "b"}}
        containers = template.setdefault("spec", {}).setdefault("containers", [{"name": "a"}])
        for one in containers:
            one.setdefault("image", "x:1")
        spec["selector"] = {"matchLabels": {"a": "b"}}
        found["spec"] = spec
    return found


def full(value):
    """Without what is empty: see `empty-applied` in docs/embedded-api.md."""
    if isinstance(value, dict):
        found = {key: full(one) for key, one in value.items()}
        return {key: one for key, one in found.items() if one not in ({}, [], None)}
    return [full(one) for one in value] if isinstance(value, list) else value


TYPED = "failed to create typed patch object"
TIME = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Mask:
    """What differs by nature, numbered in the order in which it was met."""

    def __init__(self):
        self.uids = {}
        self.versions = {}

    def __call__(self, value):
        if isinstance(value, dict):
            found = {
                key: self(one)
                for key, one in value.items()
                if key not in ("resourceVersion", "managedFields", "continue")
            }
            if value.get("resourceVersion"):
                found["resourceVersion"] = self.versions.setdefault(value["resourceVersion"], len(self.versions))
            if "causes" in value:
                # Go walks through maps in no order, and the real server says a few things twice.
                causes = {json.dumps(self(one), sort_keys=True) for one in value["causes"] if one["field"] != "patch"}
                found["causes"] = [json.loads(one) for one in sorted(causes)]
            if " is invalid: patch: Invalid value: " in value.get("message", ""):
                # the whole object in Go's words
                found["message"] = "patch"
            elif "causes" in (value.get("details") or {}):
                parts = re.split(r", |: |\[", self(value["message"]).rstrip("]"))
                found["message"] = sorted(set(filter(None, parts)))
            elif TYPED in value.get("message", ""):
                # How many errors are found before it gives up is a matter of luck.
                found["message"] = TYPED
            # Who owns what by scaling: see `scaled-to-zero` in docs/embedded-api.md.
            entries = [one for one in value.get("managedFields", ()) if one.get("subresource") != "scale"]
            if entries:
                found["managedFields"] = sorted(
                    (self(one) for one in entries), key=lambda one: json.dumps(one, sort_keys=True)
                )
            return found
        if isinstance(value, list):
            return [self(one) for one in value]
        if isinstance(value, str):
            if TIME.match(value):
                return "TIME"
            value = re.sub(r"(precondition|record) \(\d+\)", r"\1 (N)", value)
            return UID.sub(lambda match: f"uid-{self.uids.setdefault(match[0], len(self.uids))}", value)
        return value


def unlike(real, embedded, path):
    """Where two values differ: path, what the real one says, what the embedded one says."""
    if isinstance(real, dict) and isinstance(embedded, dict):
        for key in sorted(real.keys() | embedded.keys()):
            yield from unlike(real.get(key, "<absent>"), embedded.get(key, "<absent>"), f"{path}.{key}")
    elif isinstance(real, list | tuple) and isinstance(embedded, list | tuple) and len(real) == len(embedded):
        for at, pair in enumerate(zip(real, embedded, strict=True)):
            yield from unlike(*pair, f"{path}[{at}]")
    elif real != embedded:
        yield path, real, embedded


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

    @rule(called=name, kind=st.sampled_from(["Widget", "Deployment"]), replicas=st.sampled_from([-1, 1, 2, 3]))
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
            derandomize=EXAMPLES <= 50,
            database=None,
            suppress_health_check=list(HealthCheck),
            # A walk is short enough to read, and to make it shorter takes many more.
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )
