"""DNSData: names and addresses -> the ConfigMap that resolvers read as a hosts file."""

from typing import Any

from osconsole.model.hashes import object_hash
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.objects import made, stamp
from osconsole.reconcile.dataplane.conditions import done, listed
from osconsole.reconcile.dataplane.writes import needed, outcome
from osconsole.reconcile.decide import Done, Outcome, World

DNSDATA = key("DNSData")


def decide(dnsdata: Resource, world: World, now: float) -> Outcome:
    """Keep the ConfigMap as the spec says."""
    if dnsdata.deleted:
        return Done()
    spec = dnsdata.get("spec", default={})
    body = _configmap(dnsdata, spec)
    status = {
        "observedGeneration": dnsdata.generation,
        "hash": object_hash({"data": body["data"]}),
        "conditions": listed({"ServiceConfigReady": done("Input data complete")}, "Setup complete"),
    }
    return outcome(dnsdata, needed(world, body), status, "hosts file")


def _configmap(dnsdata: Resource, spec: dict[str, Any]) -> dict[str, Any]:
    lines = [f"{host['ip']} {' '.join(host.get('hostnames') or [])}" for host in spec.get("hosts") or []]
    labels = {
        **stamp(dnsdata, "dnsmasq"),
        "dnsmasqhosts": spec.get("dnsDataLabelSelectorValue") or "dnsdata",
    }
    data = {dnsdata.ref.name: "".join(f"{line}\n" for line in lines)}
    return made(dnsdata, "ConfigMap", dnsdata.ref.name, labels, data=data)
