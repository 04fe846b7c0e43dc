"""OpenStackControlPlane: what its webhook fills in.

`enabled` of a service whose block is absent is false; of one whose block is there without it, the service's default.
"""

import copy
from typing import Any

from osconsole.reconcile.admission.paths import fill, path

_ON = ("barbican", "cinder", "dns", "galera", "glance", "keystone", "memcached", "neutron", "nova", "ovn", "placement")
_OFF = ("designate", "heat", "horizon", "ironic", "manila", "octavia", "redis", "watcher")
ENABLED: dict[str, bool] = {
    **dict.fromkeys((*_ON, "rabbitmq", "swift", "telemetry"), True),
    **dict.fromkeys(_OFF, False),
}
LABELS = {"core.openstack.org/openstackcontrolplane": ""}

_TIMEOUTS_S = {
    "barbican": 90,
    "cinder": 60,
    "heat": 600,
    "ironic": 60,
    "keystone": 60,
    "manila": 60,
    "neutron": 120,
    "nova": 60,
    "octavia": 120,
    "placement": 60,
}
_BUS_USERS = ["barbican", "cinder", "designate", "heat", "ironic", "manila", "neutron", "nova", "octavia"]

_DEFAULTS: tuple[tuple[str, Any], ...] = (
    ("applicationCredential enabled", False),
    ("applicationCredential expirationDays", 730),
    ("applicationCredential gracePeriodDays", 364),
    ("applicationCredential roles", ["admin", "service"]),
    ("openstackclient template openStackConfigMap", "openstack-config"),
    ("openstackclient template openStackConfigSecret", "openstack-config-secret"),
    ("dns template dnsDataLabelSelectorValue", "dnsdata"),
    ("dns template replicas", 1),
    ("galera templates * replicas", 1),
    ("galera templates * logToDisk", False),
    ("rabbitmq templates * replicas", 1),
    ("rabbitmq templates * persistence storage", "10Gi"),
    ("rabbitmq templates * delayStartSeconds", 30),
    ("rabbitmq templates * terminationGracePeriodSeconds", 60),
    ("memcached templates * replicas", 1),
    ("memcached templates * cacheSize", 9932),
    ("memcached templates * maxConn", 8192),
    ("ovn template ovnDBCluster * dbType", "NB"),
    ("ovn template ovnDBCluster * replicas", 1),
    ("ovn template ovnDBCluster * electionTimer", 10000),
    ("ovn template ovnDBCluster * inactivityProbe", 60000),
    ("ovn template ovnNorthd replicas", 1),
    ("ovn template ovnNorthd nThreads", 1),
    ("ovn template ovnController external-ids system-id", "random"),
    ("ovn template ovnController external-ids ovn-bridge", "br-int"),
    ("ovn template ovnController external-ids ovn-encap-type", "geneve"),
    ("keystone template replicas", 1),
    ("keystone template databaseAccount", "keystone"),
    ("keystone template memcachedInstance", "memcached"),
    ("keystone template region", "regionOne"),
    ("keystone template passwordSelectors admin", "AdminPassword"),
    ("placement template replicas", 1),
    ("placement template databaseAccount", "placement"),
    ("placement template serviceUser", "placement"),
    ("placement template passwordSelectors service", "PlacementPassword"),
    ("glance uniquePodNames", False),
    ("glance template databaseAccount", "glance"),
    ("glance template serviceUser", "glance"),
    ("glance template memcachedInstance", "memcached"),
    ("glance template keystoneEndpoint", "default"),
    ("glance template passwordSelectors service", "GlancePassword"),
    ("glance template imageCache size", ""),
    ("glance template glanceAPIs * replicas", 1),
    ("glance template glanceAPIs * type", "split"),
    ("neutron template replicas", 1),
    ("neutron template databaseAccount", "neutron"),
    ("neutron template serviceUser", "neutron"),
    ("neutron template memcachedInstance", "memcached"),
    ("neutron template corePlugin", "ml2"),
    ("neutron template ml2MechanismDrivers", ["ovn"]),
    ("neutron template passwordSelectors service", "NeutronPassword"),
    ("cinder uniquePodNames", False),
    ("nova template apiDatabaseInstance", "openstack"),
    ("nova template apiDatabaseAccount", "nova-api"),
    ("nova template keystoneInstance", "keystone"),
    ("nova template memcachedInstance", "memcached"),
    ("nova template serviceUser", "nova"),
    ("nova template passwordSelectors service", "NovaPassword"),
    ("nova template passwordSelectors metadataSecret", "MetadataSecret"),
    ("nova template apiServiceTemplate replicas", 1),
    ("nova template schedulerServiceTemplate replicas", 1),
    ("nova template metadataServiceTemplate enabled", True),
    ("nova template metadataServiceTemplate replicas", 1),
    ("nova template cellTemplates * cellDatabaseInstance", "openstack"),
    ("nova template cellTemplates * conductorServiceTemplate replicas", 1),
    ("nova template cellTemplates * metadataServiceTemplate enabled", False),
    ("nova template cellTemplates * noVNCProxyServiceTemplate replicas", 1),
    ("tls ingress enabled", True),
    ("tls podLevel enabled", True),
)
_CELLS = {
    "cell0": {"cellDatabaseInstance": "openstack", "cellDatabaseAccount": "nova-cell0", "hasAPIAccess": True},
    "cell1": {"cellDatabaseInstance": "openstack-cell1", "cellDatabaseAccount": "nova-cell1", "hasAPIAccess": True},
}


def default(obj: dict[str, Any]) -> dict[str, Any]:
    """The object as the webhook would leave it."""
    meta = dict(obj.get("metadata") or {})
    meta["labels"] = {**LABELS, **(meta.get("labels") or {})}
    return {**obj, "metadata": meta, "spec": defaulted(obj.get("spec") or {})}


def defaulted(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with everything that a person may leave out; the argument stays as it is."""
    spec = _without_nulls(copy.deepcopy(spec))
    for service, enabled in ENABLED.items():
        if service in spec:
            fill(spec, (service, "enabled"), enabled)
        else:
            spec[service] = {"enabled": False}
    for block in ("applicationCredential", "openstackclient", "tls"):
        spec.setdefault(block, {})
    _cells(spec)
    for where, value in _DEFAULTS:
        keys = path(where)
        if keys[0] in ("applicationCredential", "openstackclient", "tls", "dns") or _wanted(spec, keys):
            fill(spec, keys, copy.deepcopy(value))
    _storage(spec)
    _secrets(spec)
    _buses(spec)
    _timeouts(spec)
    return spec


def _wanted(spec: dict[str, Any], keys: tuple[str, ...]) -> bool:
    """Templates are filled in below a template that somebody wrote, or of a service that is on."""
    block = spec[keys[0]]
    return bool(block.get("enabled") or block.get("template") or block.get("templates"))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    return [_without_nulls(member) for member in value] if isinstance(value, list) else value


def _cells(spec: dict[str, Any]) -> None:
    """cell0 has no consoles, the others do; a Nova without any cell gets the usual two."""
    nova = spec["nova"]
    if not nova.get("enabled") and "template" not in nova:
        return
    cells = nova.setdefault("template", {}).setdefault("cellTemplates", {})
    if not cells:
        cells.update(copy.deepcopy(_CELLS))
    for name, cell in cells.items():
        fill(cell, ("noVNCProxyServiceTemplate", "enabled"), name != "cell0")
        fill(cell, ("cellDatabaseAccount",), f"nova-{name}")
        fill(cell, ("hasAPIAccess",), default=True)


def _storage(spec: dict[str, Any]) -> None:
    """Galera keeps its data in the control plane's storage class unless it names its own."""
    storage = spec.get("storageClass")
    if storage:
        fill(spec, path("galera templates * storageClass"), storage)
        for where in ("swift template swiftStorage storageClass", "ironic template storageClass"):
            if isinstance(spec[path(where)[0]].get("template"), dict):
                fill(spec, path(where), storage)


def _secrets(spec: dict[str, Any]) -> None:
    """A service without its own takes the control plane's Secret, and the Galera `openstack`."""
    for service in ("keystone", "placement", "glance", "neutron", "nova"):
        if spec.get("secret") and _wanted(spec, (service,)):
            fill(spec, (service, "template", "secret"), spec["secret"])
        if service != "nova" and _wanted(spec, (service,)):
            fill(spec, (service, "template", "databaseInstance"), "openstack")


def _buses(spec: dict[str, Any]) -> None:
    """Older specs name only a cluster; where nobody names one it is the control plane's, else `rabbitmq`."""
    cluster = (spec.get("messagingBus") or {}).get("cluster") or "rabbitmq"
    for service in _BUS_USERS:
        template = spec[service].get("template")
        if isinstance(template, dict):
            _bus(template, "rabbitMqClusterName" if service != "nova" else "apiMessageBusInstance", cluster)
    for name, cell in (spec["nova"].get("template") or {}).get("cellTemplates", {}).items():
        _bus(cell, "cellMessageBusInstance", cluster if name == "cell0" else f"rabbitmq-{name}")
    for service in ("keystone", "nova", "neutron", "glance"):
        _notifications(spec, spec[service].get("template"))


def _bus(template: dict[str, Any], older: str, cluster: str) -> None:
    named = template.pop(older, None) or cluster
    fill(template, ("messagingBus", "cluster"), named)


def _notifications(spec: dict[str, Any], template: dict[str, Any] | None) -> None:
    if template is None:
        return
    named = template.pop("notificationsBusInstance", None) or template.pop("notificationBusInstance", None)
    named = named or (spec.get("notificationsBus") or {}).get("cluster") or spec.get("notificationsBusInstance")
    if named:
        fill(template, ("notificationsBus", "cluster"), named)


def _timeouts(spec: dict[str, Any]) -> None:
    """Routes give up when the API behind them does."""
    for service, usual_s in _TIMEOUTS_S.items():
        block = spec[service]
        override = block.get("apiOverride")
        if isinstance(override, dict) and isinstance(override.get("route"), dict):
            _timeout(override["route"], service, (block.get("template") or {}).get("apiTimeout") or usual_s)
    for override in (spec["glance"].get("apiOverrides") or {}).values():
        if isinstance(override, dict) and isinstance(override.get("route"), dict):
            _timeout(override["route"], "glance", (spec["glance"].get("template") or {}).get("apiTimeout") or 60)


def _timeout(route: dict[str, Any], service: str, seconds: int) -> None:
    annotations = route.setdefault("metadata", {}).setdefault("annotations", {})
    for key in (f"api.{service}.openstack.org/timeout", "haproxy.router.openshift.io/timeout"):
        annotations.setdefault(key, f"{seconds}s")
