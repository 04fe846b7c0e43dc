"""A namespace in memory: deciders run against it until nothing is left to write."""

import copy
import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from osconsole.model import kinds
from osconsole.model.changes import Put
from osconsole.model.ref import Ref
from osconsole.model.resource import resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Action, Create, Ensure, Remove, SetStatus
from osconsole.reconcile.dataplane.table import DECIDERS
from osconsole.reconcile.decide import Act, Outcome, World

NOW = 1_800_000_000.0


def merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        elif isinstance(value, dict):
            target[key] = {}
            merge(target[key], value)
        else:
            target[key] = value


class Namespace:
    """What an API server would hold, without one."""

    def __init__(self) -> None:
        self.objects: dict[Ref, dict[str, Any]] = {}
        self.outcomes: dict[Ref, Outcome] = {}
        self.now = NOW
        self._count = itertools.count(1)

    def put(self, kind: str, name: str, **rest: Any) -> dict[str, Any]:
        meta = {"name": name, "namespace": "openstack", **rest.pop("metadata", {})}
        body = {"apiVersion": kinds.BY_KEY[kinds.key(kind)].api_version, "kind": kind, "metadata": meta, **rest}
        return self._write(copy.deepcopy(body))

    def get(self, kind: str, name: str) -> dict[str, Any]:
        return self.objects[kinds.key(kind).ref("openstack", name)]

    def names(self, kind: str) -> list[str]:
        return sorted(ref.name for ref in self.objects if ref.kind == kind)

    def delete(self, kind: str, name: str) -> None:
        """With everything that it owns."""
        gone = self.objects.pop(kinds.key(kind).ref("openstack", name))
        for ref, body in list(self.objects.items()):
            if any(o["uid"] == gone["metadata"]["uid"] for o in body["metadata"].get("ownerReferences", [])):
                self.delete(ref.kind, ref.name)

    def conditions(self, kind: str, name: str) -> dict[str, dict[str, Any]]:
        return {c["type"]: c for c in self.get(kind, name).get("status", {}).get("conditions", [])}

    def edit(self, kind: str, name: str, spec: dict[str, Any]) -> None:
        body = self.get(kind, name)
        merge(body["spec"], spec)
        body["metadata"]["generation"] += 1
        self._touch(body)

    def end_job(self, name: str, *, ok: bool = True, message: str = "", reason: str = "BackoffLimitExceeded") -> None:
        """A Job comes to its end, with one pod and its last words."""
        job = self.get("Job", name)
        kind = "Complete" if ok else "Failed"
        text = "" if ok else "Job has reached the specified backoff limit"
        job["status"] = {
            "conditions": [{"type": kind, "status": "True", "reason": "" if ok else reason, "message": text}]
        }
        self._touch(job)
        owner = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": name,
            "uid": job["metadata"]["uid"],
            "controller": True,
        }
        state = {"terminated": {"exitCode": 0 if ok else 2, "message": message}}
        self.put(
            "Pod", f"{name}-x", metadata={"ownerReferences": [owner]}, status={"containerStatuses": [{"state": state}]}
        )

    def settle(self, rounds: int = 60) -> None:
        """Decide on everything until nothing is written any more."""
        for _ in range(rounds):
            if not self.step():
                return
        raise AssertionError(f"still writing after {rounds} rounds")

    def step(self) -> bool:
        """One decision on each object, all on the same snapshot, as parallel workers would."""
        snapshot = Snapshot().apply([Put(resource(body), self.now) for body in self.objects.values()])
        actions: list[Action] = []
        for decider in DECIDERS:
            for found in snapshot.all(decider.kind):
                outcome = decider.decide(found, World(snapshot), self.now)
                self.outcomes[found.ref] = outcome
                if isinstance(outcome, Act):
                    actions += outcome.actions
        for action in actions:
            self._carry_out(action)
        self.now += 1
        return bool(actions)

    def _carry_out(self, action: Action) -> None:
        match action:
            case Create(body=body) | Ensure(body=body):
                ref = self._ref(body)
                if ref not in self.objects:
                    fresh: dict[str, Any] = {}
                    merge(fresh, copy.deepcopy(body))
                    self._write(fresh)
                elif isinstance(action, Ensure):
                    held = self.objects[ref]
                    before = copy.deepcopy(held.get("spec"))
                    merge(held, copy.deepcopy(body))
                    held["metadata"]["generation"] += held.get("spec") != before
                    self._touch(held)
            case SetStatus(ref=ref, status=status):
                held = self.objects[ref]
                conditions = status.get("conditions")
                merge(held.setdefault("status", {}), copy.deepcopy(status))
                if conditions is not None:
                    at = datetime.fromtimestamp(self.now, UTC).isoformat()
                    held["status"]["conditions"] = [{**c, "lastTransitionTime": at} for c in conditions]
                self._touch(held)
            case Remove(ref=ref):
                if ref in self.objects:
                    self.delete(ref.kind, ref.name)
            case _:
                raise AssertionError(action)

    def _ref(self, body: dict[str, Any]) -> Ref:
        return kinds.key(body["kind"]).ref(body["metadata"].get("namespace", ""), body["metadata"]["name"])

    def _write(self, body: dict[str, Any]) -> dict[str, Any]:
        number = next(self._count)
        created = datetime.fromtimestamp(self.now, UTC).isoformat()
        defaults = {
            "uid": f"uid-{number}",
            "generation": 1,
            "creationTimestamp": created,
            "resourceVersion": str(number),
        }
        body["metadata"] = {**defaults, **body["metadata"]}
        self.objects[self._ref(body)] = body
        return body

    def _touch(self, body: dict[str, Any]) -> None:
        body["metadata"]["resourceVersion"] = str(next(self._count))


READY = {"conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}], "observedGeneration": 1}
NETWORKS = [
    {
        "name": "ctlplane",
        "dnsDomain": "ctlplane.example.com",
        "subnets": [
            {
                "name": "subnet1",
                "cidr": "192.168.122.0/24",
                "gateway": "192.168.122.1",
                "allocationRanges": [{"start": "192.168.122.100", "end": "192.168.122.250"}],
            }
        ],
    },
    {
        "name": "internalapi",
        "dnsDomain": "internalapi.example.com",
        "subnets": [
            {
                "name": "subnet1",
                "cidr": "172.17.0.0/24",
                "vlan": 20,
                "allocationRanges": [{"start": "172.17.0.100", "end": "172.17.0.250"}],
                "excludeAddresses": ["172.17.0.101"],
            }
        ],
    },
]
ON = [
    {"name": "ctlplane", "subnetName": "subnet1", "defaultRoute": True},
    {"name": "internalapi", "subnetName": "subnet1"},
]


def nodeset_spec(*nodes: str, services: tuple[str, ...] = ("bootstrap", "ssh-known-hosts", "run-os")) -> dict[str, Any]:
    return {
        "preProvisioned": True,
        "tlsEnabled": False,
        "networkAttachments": ["ctlplane"],
        "env": [{"name": "ANSIBLE_FORCE_COLOR", "value": "True"}],
        "services": list(services),
        "nodeTemplate": {
            "ansibleSSHPrivateKeySecret": "ssh-key",
            "networks": ON,
            "ansible": {"ansibleUser": "cloud-admin"},
        },
        "nodes": {
            name: {"hostName": name, "ansible": {"ansibleHost": f"192.168.122.{at}"}}
            for at, name in enumerate(nodes, 120)
        },
    }


@pytest.fixture
def empty() -> Namespace:
    """Networks, resolvers and the key, but no nodes."""
    world = Namespace()
    world.put("NetConfig", "netconfig", spec={"networks": NETWORKS})
    world.put(
        "DNSMasq",
        "dns",
        spec={},
        status={**READY, "dnsClusterAddresses": ["10.0.0.18"], "dnsAddresses": ["192.168.122.80"]},
    )
    world.put("Secret", "ssh-key", data={"ssh-privatekey": "cHJpdmF0ZQ=="}, type="Opaque")
    world.put("OpenStackControlPlane", "cp", spec={"tls": {"podLevel": {"enabled": False}}})
    images = {"ansibleeeImage": "registry/runner:1", "edpmLogrotateCrondImage": "registry/cron:1"}
    world.put("OpenStackVersion", "cp", spec={"targetVersion": "1.0"}, status={"containerImages": images})
    return world


@pytest.fixture
def world(empty: Namespace) -> Namespace:
    """Two NodeSets that are set up."""
    empty.put("OpenStackDataPlaneNodeSet", "edpm-compute", spec=nodeset_spec("edpm-compute-0", "edpm-compute-1"))
    networker = nodeset_spec("edpm-networker-0", services=("bootstrap", "ssh-known-hosts"))
    networker["nodes"]["edpm-networker-0"]["ansible"]["ansibleHost"] = "192.168.122.130"
    empty.put("OpenStackDataPlaneNodeSet", "edpm-networker", spec=networker)
    empty.settle()
    return empty
