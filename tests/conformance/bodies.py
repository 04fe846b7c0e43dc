"""What the walks ask with: bodies of three kinds, made of few names and values so that writers meet."""

import json

from hypothesis import strategies as st

KINDS = {
    "ConfigMap": ("v1", "configmaps"),
    "Widget": ("conform.example.org/v1", "conform.example.org/v1/widgets"),
    "Deployment": ("apps/v1", "apps/v1/deployments"),
}
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
