"""A world in memory in which actions take effect at once, and the kubelet and Kubernetes' controllers are played.

It lets deciders run to their fixpoint without a server: Jobs succeed, workloads become ready, load balancers get an
address, Certificates are issued. Schemas are not checked here; that is what the tests on servers are for.
"""

import base64
import copy
import time
import uuid
from collections.abc import Callable
from importlib.resources import files

import pytest

from osconsole.documents import parse
from osconsole.model.changes import Denied, Gone, Listed, Put
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Create, Ensure, Patch, Remove, SetStatus
from osconsole.reconcile.controlplane.deciders import DECIDERS
from osconsole.reconcile.controlplane.objects import merged
from osconsole.reconcile.decide import Act, Outcome, World
from osconsole.reconcile.execute import ref_of, stamped

NAMESPACE = "openstack"
KEYS = "AdminPassword DbRootPassword PlacementPassword GlancePassword NeutronPassword NovaPassword MetadataSecret"
_TRUE = {"status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}


def _prune(value):
    """A merge patch's nulls are absences."""
    if isinstance(value, dict):
        return {k: _prune(v) for k, v in value.items() if v is not None}
    return value


class Theatre:
    def __init__(self, absent: tuple[str, ...] = ()) -> None:
        kinds = {k for d in DECIDERS for k in (d.kind, *d.reads)}
        self.snapshot = Snapshot().apply(
            [
                Denied(k, "", "not installed", 0.0, installed=False) if k.kind in absent else Listed(k, "", (), 0.0)
                for k in kinds
            ]
        )
        self.deciders = {d.kind: d for d in DECIDERS}
        self.version = 0
        self.broken: set[str] = set()  # names of workloads whose pods do not become ready
        self.writes = 0
        self.put({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "osp-secret", "namespace": NAMESPACE},
                  "data": dict.fromkeys(KEYS.split(), base64.b64encode(b"12345678").decode())})  # fmt: skip
        for name in ("internalapi", "storage", "tenant"):
            self.put({"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
                      "metadata": {"name": name, "namespace": NAMESPACE}})  # fmt: skip

    def put(self, body: dict) -> Resource:
        """Create or replace an object; a changed spec is a new generation."""
        old = self.snapshot.get(ref_of(body))
        before = old.body() if old else {}
        meta = {**body["metadata"]}
        self.version += 1
        meta["uid"] = before.get("metadata", {}).get("uid") or str(uuid.uuid4())
        meta["resourceVersion"] = str(self.version)
        generation = old.generation if old else 0
        meta["generation"] = generation + (body.get("spec") != before.get("spec") or not old)
        data = {**(body.get("data") or {})}
        data |= {k: base64.b64encode(v.encode()).decode() for k, v in body.pop("stringData", {}).items()}
        found = resource({**body, "metadata": meta, **({"data": data} if data else {})})
        self.snapshot = self.snapshot.apply([Put(found, time.time())])
        return found

    def get(self, kind: str, name: str) -> Resource | None:
        return self.snapshot.get(key(kind).ref(NAMESPACE, name))

    def patch(self, ref: Ref, patch: dict) -> None:
        self.put(_prune(merged(self.snapshot.get(ref).body(), patch)))

    def drop(self, ref: Ref) -> None:
        """Delete an object and what it owns."""
        found = self.snapshot.get(ref)
        if found is None:
            return
        for child in self.snapshot.owned(found):
            self.drop(child.ref)
        self.snapshot = self.snapshot.apply([Gone(ref, time.time())])

    def decide(self, found: Resource) -> Outcome:
        return self.deciders[found.kind].decide(found, World(self.snapshot), time.time())

    def carry_out(self, action) -> None:
        self.writes += 1
        match action:
            case Create(body=body, secrets=secrets):
                made = {**body, "stringData": {**body.get("stringData", {}), **{k: f"made-{k}" for k in secrets}}}
                self.put(made if made["stringData"] else body)
            case Ensure(body=body):
                old = self.snapshot.get(ref_of(body))
                self.put(_prune(merged(old.body(), body)) if old else dict(body))
            case SetStatus(ref=ref, status=status):
                body = self.snapshot.get(ref).body()
                conditions = stamped(
                    status["conditions"], (body.get("status") or {}).get("conditions"), "2026-01-01T00:00:00Z"
                )
                self.put({**body, "status": {**merged(body.get("status"), status), "conditions": conditions}})
            case Patch(ref=ref, patch=patch):
                self.patch(ref, patch)
            case Remove(ref=ref):
                self.drop(ref)

    def play(self) -> bool:
        """What Kubernetes would do by now; True when it did anything."""
        acted = False
        for kind, play in _PLAYS.items():
            for found in list(self.snapshot.all(key(kind))):
                body = found.body()
                status = play(body)
                if found.ref.name in self.broken:
                    status = {**status, "readyReplicas": 0}
                if status is not None and body.get("status") != status:
                    self.put({**body, "status": status})
                    acted = True
                if kind == "Certificate" and self.get("Secret", body["spec"]["secretName"]) is None:
                    pem = base64.b64encode(b"PEM\n").decode()
                    self.put({"apiVersion": "v1", "kind": "Secret", "data": {"tls.crt": pem},
                              "metadata": {"name": body["spec"]["secretName"], "namespace": NAMESPACE}})  # fmt: skip
        return acted

    def step(self) -> bool:
        """Play, and decide once on everything; whether anything moved."""
        acted = self.play()
        for kind in self.deciders:
            for found in list(self.snapshot.all(kind)):
                current = self.snapshot.get(found.ref)
                outcome = self.decide(current) if current else None
                if isinstance(outcome, Act):
                    acted = True
                    for action in outcome.actions:
                        self.carry_out(action)
        return acted

    def run(self, rounds: int = 60) -> int:
        """Decide and play until nothing moves; the number of rounds."""
        for count in range(rounds):
            if not self.step():
                return count
        raise AssertionError(f"still moving after {rounds} rounds: {self.restless()}")

    def restless(self) -> list[str]:
        """Who still wants to write."""
        found = [r for k in self.deciders for r in self.snapshot.all(k)]
        return [r.ref.short for r in found if isinstance(self.decide(r), Act)]


def _replicas(body: dict) -> dict:
    count = body["spec"].get("replicas", 1)
    counts = dict.fromkeys(("replicas", "readyReplicas", "updatedReplicas"), count)
    return {"observedGeneration": body["metadata"]["generation"], **counts}


def _daemons(body: dict) -> dict:
    counts = dict.fromkeys(("desiredNumberScheduled", "numberReady", "updatedNumberScheduled"), 3)
    return {"observedGeneration": body["metadata"]["generation"], **counts}


def _balanced(body: dict) -> dict | None:
    return (
        {"loadBalancer": {"ingress": [{"ip": "172.17.0.80"}]}} if body["spec"].get("type") == "LoadBalancer" else None
    )


_PLAYS = {
    "Deployment": _replicas,
    "StatefulSet": _replicas,
    "DaemonSet": _daemons,
    "Job": lambda _: {"conditions": [{"type": "Complete", **_TRUE}]},
    "Service": _balanced,
    "Pod": lambda _: {"phase": "Running", "conditions": [{"type": "Ready", **_TRUE}]},
    "Certificate": lambda _: {"conditions": [{"type": "Ready", **_TRUE}], "notAfter": "2036-01-01T00:00:00Z"},
}
assert all(key(kind) in BY_KEY for kind in _PLAYS)


def plane() -> dict:
    """The demo's control plane."""
    text = files("osconsole.embedded.world").joinpath("demo/controlplane.yaml").read_text()
    body = parse(text, "controlplane.yaml")
    body["metadata"]["namespace"] = NAMESPACE
    return body


@pytest.fixture
def new_stage() -> Callable[..., Theatre]:
    """A world with nothing but the inputs; `absent` names kinds that are not installed."""
    return Theatre


@pytest.fixture
def demo() -> dict:
    return plane()


@pytest.fixture(scope="session")
def deployed() -> Theatre:
    """Made once: a world in which the demo's control plane is Ready."""
    found = Theatre()
    found.put(plane())
    found.run()
    return found


@pytest.fixture
def stage(deployed) -> Theatre:
    """A world of one's own in which the demo's control plane is Ready."""
    found = copy.copy(deployed)
    found.broken, found.writes = set(), 0
    return found
