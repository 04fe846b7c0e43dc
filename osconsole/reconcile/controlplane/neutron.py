"""NeutronAPI: the networks, and the configuration that agents on compute nodes get."""

from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.reconcile.controlplane import conf
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, secret
from osconsole.reconcile.controlplane.objects import stamp
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.catalogue import Addresses, Entry, KeystoneUrls
from osconsole.reconcile.controlplane.steps.config import Config, holder, ini
from osconsole.reconcile.controlplane.steps.database import Database
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Cache, Networks, Passwords, secret_text
from osconsole.reconcile.controlplane.steps.jobs import RunJob
from osconsole.reconcile.controlplane.steps.messaging import Transport
from osconsole.reconcile.controlplane.steps.services import Endpoints
from osconsole.reconcile.controlplane.steps.step import Steps, Together
from osconsole.reconcile.controlplane.steps.workload import Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"service": "neutron"}
PORT = 9696


class Agents(msgspec.Struct, frozen=True):
    """Secrets with the configuration of the agents on compute nodes; EDPM services copy them there."""

    conditions: tuple[str, ...] = ("Neutron External Configs Ready",)

    def run(self, walk: Walk) -> bool:
        """Write them once the OVN databases are there."""
        sides = {c.get("spec", "dbType", default=""): c for c in walk.world.all(key("OVNDBCluster"), walk.namespace)}
        if not all(side in sides and sides[side].ready for side in ("NB", "SB")):
            return walk.busy(self.conditions[0], "Service config create waits for OVNDBCluster")
        nb, sb = (sides[side].get("status", "dbAddress", default="") for side in ("NB", "SB"))
        walk.facts |= {"nb": nb, "sb": sb}
        passwords = walk.see("Secret", walk.facts["passwords"])
        shared = secret_text(passwords, "MetadataSecret")
        metadata = {
            "DEFAULT": {
                "nova_metadata_host": f"nova-metadata-internal.{walk.namespace}.svc",
                "nova_metadata_port": "8775",
                "nova_metadata_protocol": "http",
                "metadata_proxy_shared_secret": shared,
            },
            "ovn": {"ovn_sb_connection": sb},
        }
        bus = {"DEFAULT": {"transport_url": walk.facts["transport"]}}
        for agent, file, sections in (
            ("ovn-metadata", "10-neutron-metadata.conf", metadata),
            ("ovn", "10-neutron-ovn.conf", {"ovn": {"ovn_nb_connection": nb, "ovn_sb_connection": sb}}),
            ("sriov", "10-neutron-sriov.conf", bus),
            ("dhcp", "10-neutron-dhcp.conf", bus),
        ):
            name = f"{walk.name}-{agent}-agent-neutron-config"
            walk.ensure(holder(walk, name, {file: ini(**sections)}, stamp(walk.me, "neutron")))
        return walk.ok(self.conditions[0])


def files(walk: Walk) -> dict[str, str]:
    """What neutron-server reads."""
    drivers = ",".join(walk.get("ml2MechanismDrivers", default=["ovn"]))
    ovn = {"ovn_nb_connection": walk.facts["nb"], "ovn_sb_connection": walk.facts["sb"]}
    text = conf.service(
        walk,
        DEFAULT={"core_plugin": walk.get("corePlugin", default="ml2"), "service_plugins": "ovn-router"},
        ml2={"mechanism_drivers": drivers, "type_drivers": "geneve,vxlan,vlan,flat"},
        ovn=ovn,
        nova=conf.keystone(walk, "neutron"),
        placement=conf.keystone(walk, "neutron"),
    )
    return {"01-neutron.conf": text, "02-neutron-custom.conf": conf.custom(walk), "my.cnf": conf.MY_CNF}


def httpd(walk: Walk) -> dict[str, str]:
    """The proxy in front of neutron-server."""
    proxy = f"<VirtualHost *:{PORT}>\n  ProxyPass / http://localhost:9697/\n</VirtualHost>\n"
    return {"10-neutron-httpd.conf": proxy, "httpd.conf": f"ServerName {walk.name}-internal.{walk.namespace}.svc\n"}


def _pods(*containers: Container) -> Pods:
    volumes = (
        secret("config", "{name}-config", "/var/lib/config-data/default"),
        secret("httpd-config", "{name}-httpd-config", "/etc/httpd/conf"),
        CA,
    )
    return Pods(LABELS, containers, volumes, "neutron-{name}", attachments=True)


API: Any = Steps(
    Account("neutron-{name}"),
    Passwords(),
    Together(
        Transport("{name}-neutron-transport"),
        Cache(),
        Database(),
        Networks(),
        Bundle(),
        Endpoints("{name}", PORT, LABELS),
    ),
    KeystoneUrls(),
    Entry("neutron", "network", "Openstack Networking", LABELS),
    Addresses("{name}", "neutron", LABELS),
    Agents(),
    Config({"{name}-config": files, "{name}-httpd-config": httpd}, "neutron"),
    RunJob(
        "{name}-db-sync", "dbsync", _pods(Container("{name}-db-sync", ("neutron-db-manage", "upgrade", "heads"), 3))
    ),
    Workload(
        "Deployment",
        "{name}",
        _pods(Container("neutron-api", http=("/", PORT)), Container("neutron-httpd", http=("/", PORT))),
    ),
)
