"""The container images of a release, by the names that OpenStackVersion gives them."""

from osconsole.model.resource import Resource

RELEASE = "0.6.0"
DEFAULTS = {"glanceLocationAPI": "false", "glanceWsgi": "true", "manilaSharev1": "true", "rabbitmqVersion": "4.2"}

_OPENSTACK = "quay.io/podified-antelope-centos9/openstack-{}:current-podified"
_OPERATORS = "quay.io/openstack-k8s-operators/openstack-{}:current-podified"
_NAMES = {
    "edpmFrrImage": "frr",
    "edpmLogrotateCrondImage": "cron",
    "edpmNeutronDhcpAgentImage": "neutron-dhcp-agent",
    "edpmNeutronMetadataAgentImage": "neutron-metadata-agent-ovn",
    "edpmNeutronOvnAgentImage": "neutron-ovn-agent",
    "edpmNeutronSriovAgentImage": "neutron-sriov-agent",
    "edpmOvnBgpAgentImage": "ovn-bgp-agent",
    "glanceAPIImage": "glance-api",
    "infraDnsmasqImage": "neutron-server",
    "infraMemcachedImage": "memcached",
    "keystoneAPIImage": "keystone",
    "mariadbImage": "mariadb",
    "netUtilsImage": "netutils",
    "neutronAPIImage": "neutron-server",
    "novaAPIImage": "nova-api",
    "novaComputeImage": "nova-compute",
    "novaConductorImage": "nova-conductor",
    "novaNovncImage": "nova-novncproxy",
    "novaSchedulerImage": "nova-scheduler",
    "openstackClientImage": "openstackclient",
    "ovnControllerImage": "ovn-controller",
    "ovnControllerOvsImage": "ovn-base",
    "ovnNbDbclusterImage": "ovn-nb-db-server",
    "ovnNorthdImage": "ovn-northd",
    "ovnSbDbclusterImage": "ovn-sb-db-server",
    "placementAPIImage": "placement-api",
    "rabbitmqImage": "rabbitmq",
}
IMAGES: dict[str, str] = {
    **{name: _OPENSTACK.format(image) for name, image in _NAMES.items()},
    "agentImage": _OPERATORS.format("baremetal-operator-agent"),
    "ansibleeeImage": _OPERATORS.format("ansibleee-runner"),
    "openstackNetworkExporterImage": _OPERATORS.format("network-exporter"),
    "apacheImage": "registry.redhat.io/ubi9/httpd-24:latest",
    "edpmKeplerImage": "quay.io/sustainable_computing_io/kepler:release-0.7.12",
    "edpmNodeExporterImage": "quay.io/prometheus/node-exporter:v1.5.0",
    "edpmPodmanExporterImage": "quay.io/openstack-k8s-operators/prometheus-podman-exporter:latest",
    "osContainerImage": "quay.io/podified-antelope-centos9/edpm-hardened-uefi:current-podified",
}


def images(version: Resource | None) -> dict[str, str]:
    """The images that a version says are to run; those of the release where it says nothing."""
    said = version.get("status", "containerImages", default={}) if version else {}
    return {**IMAGES, **{name: image for name, image in said.items() if isinstance(image, str)}}
