"""DNSMasq: the resolver of the data plane, with the names of services and hosts that DNSData objects give."""

from typing import Any

import msgspec

from osconsole.model.hashes import object_hash
from osconsole.model.kinds import key
from osconsole.model.resource import Resource, dig
from osconsole.reconcile.controlplane.describe import Container, Pods, Volume, config_map
from osconsole.reconcile.controlplane.objects import backup, made, merged
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.config import Config, Files
from osconsole.reconcile.controlplane.steps.inputs import NothingAsked
from osconsole.reconcile.controlplane.steps.services import HOSTNAME, INGRESS, ingress, port
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.steps.workload import Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"service": "dnsmasq"}
HOSTS_LABEL = "dnsmasqhosts"  # on the ConfigMaps that DNSData objects make
SERVICES = "dns-svc"
_RUN = (
    "dnsmasq --interface=* --conf-dir=/etc/dnsmasq.d --hostsdir=/etc/dnsmasq.d/hosts --keep-in-foreground "
    "--log-debug --bind-interfaces --listen-address=$(POD_IP) --port 5353 --log-facility=- --no-hosts --domain-needed "
    "--no-resolv --bogus-priv --log-queries"
)


def options(walk: Walk) -> dict[str, str]:
    """The options of the spec as dnsmasq reads them."""
    lines = [f"{o['key']}={value}" for o in walk.get("options", default=[]) for value in o.get("values", [])]
    return {walk.name: "\n".join(lines) + "\n"}


class Hosts(msgspec.Struct, frozen=True):
    """DNSData dns-svc: the names of Services that have an address on a network of the data plane.

    It waits until all of them have theirs, so that the resolver is not rolled for each.
    """

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Write it where there is such a kind."""
        if not walk.world.served(key("DNSData")):
            return True
        names: dict[str, list[str]] = {}
        for service in walk.world.all(key("Service"), walk.namespace):
            name = service.get("metadata", "annotations", HOSTNAME)
            if not name:
                continue
            found = ingress(service)
            if not found:
                return True
            names.setdefault(found[0], []).append(name)
        if names:
            hosts = [{"ip": ip, "hostnames": sorted(names[ip])} for ip in sorted(names)]
            selector = walk.get("dnsDataLabelSelectorValue", default="dnsdata")
            spec = {"dnsDataLabelSelectorValue": selector, "hosts": hosts}
            walk.ensure(made(walk.me, "DNSData", SERVICES, backup("20", "dataplane"), spec=spec))
        return True


class Front(msgspec.Struct, frozen=True):
    """Service dnsmasq-NAME, as the template overrides it."""

    conditions: tuple[str, ...] = ("CreateServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait for its address where it is a LoadBalancer."""
        name = f"dnsmasq-{walk.name}"
        override = walk.get("override", "service", default={})
        numbers = [port("dnsmasq", 53, 5353, "UDP"), port("dnsmasq-tcp", 53, 5353)]
        spec = merged({"type": "ClusterIP", "selector": LABELS, "ports": numbers}, override.get("spec"))
        annotations = merged({INGRESS: "false"}, dig(override, "metadata", "annotations"))
        found = walk.ensure(made(walk.me, "Service", name, LABELS, annotations, spec=spec))
        cluster = found.get("spec", "clusterIP", default="") if found else ""
        outside = ingress(found) if found else []
        walk.report |= {"dnsClusterAddresses": [cluster] if cluster else [], "dnsAddresses": outside}
        if spec["type"] == "LoadBalancer" and not outside:
            return walk.failed("CreateServiceReady", f"resource is not ready: {name} LoadBalancer IP still pending")
        return walk.ok("CreateServiceReady")


def sources(walk: Walk) -> list[Resource]:
    """The ConfigMaps with names of hosts, by name."""
    wanted = walk.get("dnsDataLabelSelectorValue", default="dnsdata")
    found = (c for c in walk.world.all(key("ConfigMap"), walk.namespace) if c.labels.get(HOSTS_LABEL) == wanted)
    return sorted(found, key=lambda c: c.ref.name)


class Resolver(msgspec.Struct, frozen=True):
    """The Deployment; each source of names is a volume of its own, and its content part of the hash."""

    conditions: tuple[str, ...] = ("ServiceConfigReady", "DeploymentReady")

    def run(self, walk: Walk) -> bool:
        """Roll it out."""
        hosts = sources(walk)
        files: dict[str, Files] = {walk.name: options}
        Config(files, plain=True, prefix="dnsmasq").run(walk)
        contents = {c.ref.name: c.get("data", default={}) for c in hosts}
        walk.facts["hash"] = walk.report["hash"]["input"] = object_hash([walk.facts["hash"], contents])
        volumes = [Volume("config", "configMap:{name}", "/etc/dnsmasq.d/config.cfg", "{name}")]
        volumes += [config_map(c.ref.name, c.ref.name, f"/etc/dnsmasq.d/hosts/{c.ref.name}") for c in hosts]
        server = Container(
            "dnsmasq-dns", ("/bin/bash", "-c", _RUN), tcp=5353, env={}, fields={"POD_IP": "status.podIP"}
        )
        check = Container("init", ("/bin/bash", "-c", f"{_RUN} --test"), env={}, fields={"POD_IP": "status.podIP"})
        pods = Pods(LABELS, (server,), tuple(volumes), "dnsmasq-{name}", init=(check,))
        return Workload("Deployment", "dnsmasq-{name}", pods).run(walk)


DNSMASQ: Any = Steps(Account("dnsmasq-{name}"), NothingAsked(), Front(), Hosts(), Resolver())
