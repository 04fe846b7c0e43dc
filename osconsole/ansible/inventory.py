"""The inventory of a NodeSet, as upstream's dataplane operator writes it, and what `--limit` selects in it.

Plain values in, plain values out. It reads no cluster: whoever calls it has resolved variable sources, reservations and
images. It is no general inventory parser: `hosts_of` understands groups of hosts with optional children.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import yaml

from osconsole.model.host_patterns import select

CTLPLANE = "ctlplane"
KEY_DIR = "/runner/env/ssh_key"


class Reservation(msgspec.Struct, frozen=True):
    """One network of an IPSet's status.

    Attributes:
        network: name of the network in NetConfig.
        service_network: its lower-case service network, the prefix of the variables.
        cidr: the subnet, `192.168.122.0/24`.
        routes: `{"destination": ..., "nexthop": ...}` each.
    """

    network: str
    service_network: str
    address: str
    cidr: str
    mtu: int = 1500
    gateway: str = ""
    vlan: int | None = None
    routes: tuple[dict[str, str], ...] = ()
    dns_domain: str = ""


class AnsibleOptions(msgspec.Struct, frozen=True):
    """`ansible` of a NodeSet's template or of one node, its sources resolved by `from_source`.

    Attributes:
        variables: `ansibleVars`.
        variables_from: what all `ansibleVarsFrom` gave, later ones over earlier ones.
    """

    host: str = ""
    user: str = ""
    port: int = 0
    variables: Mapping[str, Any] = {}
    variables_from: Mapping[str, Any] = {}


class InventoryNode(msgspec.Struct, frozen=True):
    """One node; `host_name` may be an FQDN.

    Attributes:
        networks: names of its networks in NetConfig, () when it takes the template's.
    """

    host_name: str
    reservations: tuple[Reservation, ...]
    ansible: AnsibleOptions = AnsibleOptions()
    management_network: str = ""
    networks: tuple[str, ...] = ()


class InventoryNodeSet(msgspec.Struct, frozen=True):
    """What all nodes of a NodeSet share.

    Attributes:
        networks: the template's networks, by their names in NetConfig.
        service_networks: name in NetConfig -> service network.
        images: variable -> image, left out where the user's variables name one.
        dns_servers: addresses of the DNSMasq load balancers.
    """

    name: str
    ansible: AnsibleOptions = AnsibleOptions()
    management_network: str = CTLPLANE
    networks: tuple[str, ...] = ()
    service_networks: Mapping[str, str] = {}
    images: Mapping[str, str] = {}
    services: tuple[str, ...] = ()
    service_types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tls: bool = False
    dns_servers: tuple[str, ...] = ()
    extra: Mapping[str, Any] = {}


def from_source(data: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """Variables of one `ansibleVarsFrom` source: keys get the prefix, values that are JSON become it."""
    return {f"{prefix}{key}": _json_or_text(value) for key, value in sorted(data.items())}


def inventory(nodeset: InventoryNodeSet, nodes: Iterable[InventoryNode]) -> dict[str, Any]:
    """`{nodeset: {"vars": ..., "hosts": ...}}`; hosts are keyed by the first label of their host name."""
    hosts = {short_name(node.host_name): _host_vars(nodeset, node) for node in nodes}
    return {nodeset.name: {"vars": _group_vars(nodeset), "hosts": hosts}}


def render(content: Mapping[str, Any]) -> str:
    """The YAML text, the same for equal content."""
    plain = msgspec.to_builtins(content)
    return yaml.dump(plain, Dumper=_Plain, default_flow_style=False, sort_keys=True, allow_unicode=True, width=4096)


def short_name(host_name: str) -> str:
    """The name of a host in the inventory."""
    return host_name.partition(".")[0]


def hosts_of(content: Mapping[str, Any], limit: str) -> tuple[str, ...]:
    """The hosts that an Ansible pattern selects, in the inventory's order; all for "", () when none matches."""
    groups: dict[str, list[str]] = {}
    for name, group in content.items():
        _collect(name, group or {}, groups)
    return select(limit, groups)


def _group_vars(nodeset: InventoryNodeSet) -> dict[str, Any]:
    options = nodeset.ansible
    out = {**options.variables_from, **_connection(options), "management_network": nodeset.management_network}
    out.update(options.variables)
    out.update({key: image for key, image in nodeset.images.items() if key not in options.variables})
    out.update(_networks(nodeset.networks, nodeset.service_networks))
    return out | {
        "edpm_nodeset_name": nodeset.name,
        "edpm_tls_certs_enabled": nodeset.tls,
        "nodeset_tags": list(nodeset.tags),
        "edpm_services": list(nodeset.services),
        "edpm_service_types": list(nodeset.service_types),
        "ansible_ssh_private_key_file": f"{KEY_DIR}/ssh_key_{nodeset.name}",
        **nodeset.extra,
    }


def _host_vars(nodeset: InventoryNodeSet, node: InventoryNode) -> dict[str, Any]:
    options = node.ansible
    out: dict[str, Any] = {**options.variables_from, "ansible_host": options.host or node.host_name}
    out.update(_connection(options))
    if node.management_network:
        out["management_network"] = node.management_network
    out.update(options.variables)
    if node.networks:
        out.update(_networks(node.networks, nodeset.service_networks))
    for reservation in node.reservations:
        out.update(_address(reservation))
    domains = [r.dns_domain for r in node.reservations if r.dns_domain]
    ctlplane = next((r.dns_domain for r in node.reservations if r.service_network == CTLPLANE), "")
    short = short_name(node.host_name)
    return out | {
        "ctlplane_dns_nameservers": list(nodeset.dns_servers),
        "canonical_hostname": f"{short}.{ctlplane}" if ctlplane else node.host_name,
        "dns_search_domains": domains,
    }


def _connection(options: AnsibleOptions) -> dict[str, Any]:
    """Upstream writes the port as text."""
    out: dict[str, Any] = {}
    if options.user:
        out["ansible_user"] = options.user
    if options.port:
        out["ansible_port"] = str(options.port)
    return out


def _networks(names: Sequence[str], service_networks: Mapping[str, str]) -> dict[str, Any]:
    lower = {name: service_networks.get(name, name.lower()) for name in names if name.lower() != CTLPLANE}
    return {"nodeset_networks": list(lower), "networks_lower": lower, "network_servicenet_map": dict(lower)}


def _address(reservation: Reservation) -> dict[str, Any]:
    prefix = reservation.service_network
    out: dict[str, Any] = {
        f"{prefix}_ip": reservation.address,
        f"{prefix}_cidr": ipaddress.ip_network(reservation.cidr, strict=False).prefixlen,
        f"{prefix}_mtu": reservation.mtu,
        f"{prefix}_host_routes": list(reservation.routes),
    }
    if reservation.gateway:
        out[f"{prefix}_gateway_ip"] = reservation.gateway
    if reservation.vlan is not None:
        out[f"{prefix}_vlan_id"] = reservation.vlan
    return out


def _json_or_text(value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


class _Plain(yaml.SafeDumper):
    """No anchors; text of several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Plain.add_representer(str, _text)


def _collect(name: str, group: Mapping[str, Any], groups: dict[str, list[str]]) -> list[str]:
    """The hosts of a group and of its children, noted under each name."""
    hosts = list(group.get("hosts") or {})
    for child, content in (group.get("children") or {}).items():
        hosts += _collect(child, content or {}, groups)
    groups.setdefault(name, []).extend(hosts)
    return hosts
