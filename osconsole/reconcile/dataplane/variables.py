"""The inventory Secret of a NodeSet: variables from all their sources, addresses, images."""

import base64
from typing import Any

from osconsole.ansible import inventory
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.objects import backup, made
from osconsole.reconcile.dataplane import inputs, services
from osconsole.reconcile.dataplane.nodes import Node
from osconsole.reconcile.decide import World

VERSION = key("OpenStackVersion")

# inventory variable -> field of OpenStackVersion.status.containerImages
_IMAGES = {
    "edpm_frr_image": "edpmFrrImage",
    "edpm_logrotate_crond_image": "edpmLogrotateCrondImage",
    "edpm_neutron_dhcp_image": "edpmNeutronDhcpAgentImage",
    "edpm_neutron_metadata_agent_image": "edpmNeutronMetadataAgentImage",
    "edpm_neutron_ovn_agent_image": "edpmNeutronOvnAgentImage",
    "edpm_neutron_sriov_image": "edpmNeutronSriovAgentImage",
    "edpm_nova_compute_image": "novaComputeImage",
    "edpm_ovn_bgp_agent_image": "edpmOvnBgpAgentImage",
    "edpm_ovn_controller_agent_image": "ovnControllerImage",
    "edpm_swift_account_image": "swiftAccountImage",
    "edpm_swift_container_image": "swiftContainerImage",
    "edpm_swift_object_image": "swiftObjectImage",
    "edpm_swift_proxy_image": "swiftProxyImage",
    "edpm_telemetry_ceilometer_compute_image": "ceilometerComputeImage",
    "edpm_telemetry_ceilometer_ipmi_image": "ceilometerIpmiImage",
    "edpm_telemetry_kepler_image": "edpmKeplerImage",
    "edpm_telemetry_node_exporter_image": "edpmNodeExporterImage",
    "edpm_telemetry_openstack_network_exporter_image": "edpmOpenstackNetworkExporterImage",
    "edpm_telemetry_podman_exporter_image": "edpmPodmanExporterImage",
}


def secret_name(nodeset: str) -> str:
    """The name of the inventory Secret."""
    return f"dataplanenodeset-{nodeset}"


def images(world: World, namespace: str) -> dict[str, str]:
    """The images of the namespace's OpenStackVersion by field."""
    for version in world.all(VERSION, namespace):
        found = version.get("status", "containerImages", default={})
        return {name: image for name, image in found.items() if isinstance(image, str)}
    return {}


def secret(
    nodeset: Resource, nodes: list[Node], held: dict[str, list[dict[str, Any]]], dnsmasq: Resource | None, world: World
) -> dict[str, Any]:
    """The Secret with the key `inventory`."""
    shared = _nodeset(nodeset, held, dnsmasq, world)
    content = inventory.inventory(shared, [_node(node, held.get(node.host, []), nodeset, world) for node in nodes])
    labels = {
        **backup("60", "dataplane"),
        **nodeset.labels,
        "inventory": "true",
        "openstack.org/operator-name": "dataplane",
        "openstackdataplanenodeset": nodeset.ref.name,
    }
    text = base64.b64encode(inventory.render(content).encode()).decode()
    body = made(nodeset, "Secret", secret_name(nodeset.ref.name), labels)
    return {**body, "type": "Opaque", "data": {"inventory": text}}


def _nodeset(
    nodeset: Resource, held: dict[str, list[dict[str, Any]]], dnsmasq: Resource | None, world: World
) -> inventory.InventoryNodeSet:
    spec = nodeset.get("spec", default={})
    template = spec.get("nodeTemplate") or {}
    namespace = nodeset.ref.namespace
    names = tuple(spec.get("services") or ())
    found = [services.find(world, namespace, name) for name in names]
    known = images(world, namespace)
    entries = [one for entries in held.values() for one in entries]
    return inventory.InventoryNodeSet(
        name=nodeset.ref.name,
        ansible=_options(template.get("ansible") or {}, namespace, world),
        management_network=template.get("managementNetwork") or inventory.CTLPLANE,
        networks=tuple(network["name"] for network in template.get("networks") or []),
        service_networks={one["network"]: one["serviceNetwork"] for one in entries if "serviceNetwork" in one},
        images={variable: known[field] for variable, field in _IMAGES.items() if field in known},
        services=names,
        service_types=tuple(s.type if s else n for s, n in zip(found, names, strict=True)),
        tags=tuple(spec.get("tags") or ()),
        tls=bool(spec.get("tlsEnabled", True)),
        dns_servers=tuple((dnsmasq.get("status", "dnsAddresses", default=None) or ()) if dnsmasq else ()),
    )


def _node(node: Node, held: list[dict[str, Any]], nodeset: Resource, world: World) -> inventory.InventoryNode:
    own = node.own.get("networks") or ()
    return inventory.InventoryNode(
        host_name=node.host,
        reservations=tuple(_reservation(one) for one in held),
        ansible=_options(node.own.get("ansible") or {}, nodeset.ref.namespace, world),
        management_network=str(node.own.get("managementNetwork") or ""),
        networks=tuple(network["name"] for network in own),
    )


def _reservation(one: dict[str, Any]) -> inventory.Reservation:
    return inventory.Reservation(
        network=one["network"],
        service_network=one.get("serviceNetwork") or one["network"].lower(),
        address=one["address"],
        cidr=one.get("cidr") or f"{one['address']}/32",
        mtu=int(one.get("mtu") or 1500),
        gateway=str(one.get("gateway") or ""),
        vlan=one.get("vlan"),
        routes=tuple(one.get("routes") or ()),
        dns_domain=str(one.get("dnsDomain") or ""),
    )


def _options(ansible: dict[str, Any], namespace: str, world: World) -> inventory.AnsibleOptions:
    gathered: dict[str, Any] = {}
    for entry in ansible.get("ansibleVarsFrom") or []:
        for kind, name, _ in services.sources([entry]):
            if found := inputs.find(world, kind, namespace, name):
                gathered.update(inventory.from_source(inputs.values(found), str(entry.get("prefix") or "")))
    return inventory.AnsibleOptions(
        host=str(ansible.get("ansibleHost") or ""),
        user=str(ansible.get("ansibleUser") or ""),
        port=int(ansible.get("ansiblePort") or 0),
        variables=ansible.get("ansibleVars") or {},
        variables_from=gathered,
    )
