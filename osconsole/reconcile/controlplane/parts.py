"""The parts of a control plane, in the order in which upstream walks through them: a table.

Each line says which section of the spec a part has, which child CRs it makes, and how their spec comes from the
template.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.model.resource import dig
from osconsole.reconcile.controlplane.authorities import BUNDLE
from osconsole.reconcile.controlplane.objects import merged
from osconsole.reconcile.controlplane.walk import Walk

Spec = dict[str, Any]
Images = dict[str, str]


class Child(msgspec.Struct, frozen=True):
    """One CR to make."""

    kind: str
    name: str
    spec: Spec


class Part(msgspec.Struct, frozen=True):
    """One part.

    Attributes:
        title: as conditions call it; `condition` where the type is irregular.
        section: its key in the spec; always on where `always`.
        kinds: of its children, for taking away those that are no longer wanted.
        children: the CRs it consists of.
        judge: the condition by which a child counts as ready.
    """

    title: str
    section: str
    kinds: tuple[str, ...]
    children: Callable[[Walk, Spec, Images], Iterator[Child]]
    condition: str = ""
    judge: str = "Ready"
    needs: str = ""

    @property
    def type(self) -> str:
        """The type of its condition."""
        return self.condition or f"OpenStackControlPlane{self.title}Ready"

    def enabled(self, walk: Walk) -> bool:
        """Whether the spec asks for it; a part with `needs` follows that section."""
        return on(walk, self.needs or self.section)


def on(walk: Walk, section: str) -> bool:
    """Whether a section is there and not switched off."""
    found = walk.get(section)
    return isinstance(found, dict) and found.get("enabled", True) is not False


def _bundled(spec: Spec) -> Spec:
    return merged(spec, {"tls": {"caBundleSecretName": BUNDLE}})


def _labelled(service: str, *kinds: str) -> Spec:
    """The override by which a service's Services carry the labels of the control plane."""
    labels = {"osctlplane": "", "osctlplane-service": service}
    return {"override": {"service": {kind: {"metadata": {"labels": labels}} for kind in kinds}}}


def _dns(_: Walk, template: Spec, images: Images) -> Iterator[Child]:
    yield Child("DNSMasq", "dns", merged(template, {"containerImage": images["infraDnsmasqImage"]}))


def _rabbitmq(walk: Walk, template: Spec, images: Images) -> Iterator[Child]:
    storage = {"storageClassName": walk.get("storageClass", default="")}
    for name, given in template.items():
        spec = {k: v for k, v in given.items() if k != "terminationGracePeriodSeconds"}
        own = {"containerImage": images["rabbitmqImage"], "queueType": "Quorum", "targetVersion": "4.2"}
        yield Child("RabbitMq", name, merged({"persistence": storage}, own, spec))


def _galera(walk: Walk, template: Spec, images: Images) -> Iterator[Child]:
    signed = walk.world.served(key("Certificate"))
    for name, given in template.items():
        own = {"containerImage": images["mariadbImage"], "storageClass": walk.get("storageClass", default="")}
        tls = {"tls": {"secretName": f"cert-galera-{name}-svc"}} if signed else {}
        defaults = {"replicas": 1, "storageRequest": "5G", "secret": walk.get("secret", default="osp-secret")}
        filled = {k: v for k, v in given.items() if v != "" or k == "rootDatabaseAccount"}
        yield Child("Galera", name, _bundled(merged(defaults, own, tls, filled)))


def _memcached(_: Walk, template: Spec, images: Images) -> Iterator[Child]:
    for name, given in template.items():
        own = {"containerImage": images["infraMemcachedImage"], "replicas": 1}
        yield Child("Memcached", name, _bundled(merged(own, given)))


def _ovn(walk: Walk, template: Spec, images: Images) -> Iterator[Child]:
    exporter = {"exporterImage": images["openstackNetworkExporterImage"]}
    for name, given in (template.get("ovnDBCluster") or {}).items():
        image = images["ovnSbDbclusterImage" if given.get("dbType") == "SB" else "ovnNbDbclusterImage"]
        storage = {"storageClass": walk.get("storageClass", default=""), "storageRequest": "10G"}
        yield Child("OVNDBCluster", name, _bundled(merged(storage, exporter, {"containerImage": image}, given)))
    own = {"containerImage": images["ovnNorthdImage"]}
    yield Child("OVNNorthd", "ovnnorthd", _bundled(merged(exporter, own, template.get("ovnNorthd"))))
    controller = template.get("ovnController") or {}
    if controller.get("nicMappings"):
        own = {
            "ovnContainerImage": images["ovnControllerImage"],
            "ovsContainerImage": images["ovnControllerOvsImage"],
        }
        yield Child("OVNController", "ovncontroller", _bundled(merged(exporter, own, controller)))


def _api(kind: str, name: str, image: str) -> Callable[[Walk, Spec, Images], Iterator[Child]]:
    """A service with one CR, whose spec is the template and an image."""

    def children(walk: Walk, template: Spec, images: Images) -> Iterator[Child]:
        defaults = {"secret": walk.get("secret"), "databaseInstance": "openstack", "memcachedInstance": "memcached"}
        if kind == "PlacementAPI":
            del defaults["memcachedInstance"]
        own = merged(_labelled(name, "internal", "public"), {"containerImage": images[image]})
        yield Child(kind, name, _bundled(merged(defaults, own, template)))

    return children


def _glance(walk: Walk, template: Spec, images: Images) -> Iterator[Child]:
    defaults: Spec = {
        "secret": walk.get("secret"),
        "databaseInstance": "openstack",
        "memcachedInstance": "memcached",
        "keystoneEndpoint": "default",
        "imageCache": {"size": ""},
        "storage": {},
    }
    spec = merged(defaults, {"containerImage": images["glanceAPIImage"]}, template)
    if not spec["storage"].get("storageClass"):
        spec["storage"] = {**spec["storage"], "storageClass": walk.get("storageClass", default="")}
    apis = {}
    for name, given in (spec.get("glanceAPIs") or {"default": {}}).items():
        label = {"metadata": {"labels": {"tlGlanceAPI": f"glance-{name}-{given.get('type', 'split')}"}}}
        extra = {"override": {"service": {"internal": label, "public": label}}}
        apis[name] = _bundled(merged(_labelled("glance", "internal", "public"), extra, given))
    yield Child("Glance", walk.get("glance", "serviceName", default="glance"), {**spec, "glanceAPIs": apis})


def _nova(walk: Walk, template: Spec, images: Images) -> Iterator[Child]:
    own = {
        "apiContainerImageURL": images["novaAPIImage"],
        "computeContainerImageURL": images["novaComputeImage"],
        "conductorContainerImageURL": images["novaConductorImage"],
        "metadataContainerImageURL": images["novaAPIImage"],
        "novncproxyContainerImageURL": images["novaNovncImage"],
        "schedulerContainerImageURL": images["novaSchedulerImage"],
        "secret": walk.get("secret"),
    }
    spec = merged(own, template)
    spec["apiServiceTemplate"] = _bundled(
        merged(_labelled("nova-api", "internal", "public"), spec.get("apiServiceTemplate"))
    )
    labels = {"osctlplane": "", "osctlplane-service": "nova-metadata", "type": "central"}
    metadata = {"override": {"service": {"metadata": {"labels": labels}}}}
    spec["metadataServiceTemplate"] = _bundled(merged(metadata, spec.get("metadataServiceTemplate")))
    cells = {}
    for name, given in (spec.get("cellTemplates") or {}).items():
        labels = {"cell": name, "osctlplane": "", "osctlplane-service": "nova-novncproxy"}
        proxy = given.get("noVNCProxyServiceTemplate") or {}
        if proxy.get("enabled", name != "cell0"):
            proxy = _bundled(merged({"override": {"service": {"metadata": {"labels": labels}}}}, proxy))
        cells[name] = {**given, "noVNCProxyServiceTemplate": proxy}
    yield Child("Nova", "nova", {**spec, "cellTemplates": cells})


def _client(_: Walk, template: Spec, images: Images) -> Iterator[Child]:
    own = {
        "containerImage": images["openstackClientImage"],
        "openStackConfigMap": "openstack-config",
        "openStackConfigSecret": "openstack-config-secret",
    }
    yield Child("OpenStackClient", "openstackclient", merged(own, template))


INFRASTRUCTURE: tuple[Part, ...] = (
    Part("DNS", "dns", ("DNSMasq",), _dns, "OpenStackControlPlaneDNSReadyCondition"),
    Part("RabbitMQ", "rabbitmq", ("RabbitMq",), _rabbitmq),
    Part("MariaDB", "galera", ("Galera",), _galera, judge="DeploymentReady"),
    Part("Memcached", "memcached", ("Memcached",), _memcached),
    Part("OVN", "ovn", ("OVNDBCluster", "OVNNorthd", "OVNController"), _ovn),
)
SERVICES: tuple[Part, ...] = (
    Part("KeystoneAPI", "keystone", ("KeystoneAPI",), _api("KeystoneAPI", "keystone", "keystoneAPIImage")),
    Part("PlacementAPI", "placement", ("PlacementAPI",), _api("PlacementAPI", "placement", "placementAPIImage")),
    Part("Glance", "glance", ("Glance",), _glance),
    Part("Neutron", "neutron", ("NeutronAPI",), _api("NeutronAPI", "neutron", "neutronAPIImage")),
    Part("Nova", "nova", ("Nova",), _nova),
    Part("Client", "openstackclient", ("OpenStackClient",), _client, needs="keystone"),
)
PARTS = (*INFRASTRUCTURE, *SERVICES)

# services that upstream has and nobody reconciles here yet
ELSEWHERE = (
    "barbican",
    "cinder",
    "designate",
    "heat",
    "horizon",
    "ironic",
    "manila",
    "octavia",
    "redis",
    "swift",
    "telemetry",
    "watcher",
)
# of these, the ones that a section which does not say otherwise switches on
ELSEWHERE_ON = frozenset(("barbican", "cinder", "swift", "telemetry"))


def unreconciled(walk: Walk) -> list[str]:
    """The services that the spec asks for and nobody here brings up."""
    found = []
    for section in ELSEWHERE:
        given = walk.get(section)
        if isinstance(given, dict) and given.get("enabled", section in ELSEWHERE_ON):
            found.append(section)
    return found


def template(walk: Walk, part: Part) -> Spec:
    """What the spec says about a part: its template, or its templates by name."""
    section = walk.get(part.section, default={})
    found = dig(section, "templates") or dig(section, "template") or {}
    return found if isinstance(found, dict) else {}
