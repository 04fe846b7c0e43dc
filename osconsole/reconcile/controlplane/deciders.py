"""The deciders of the control plane, one line per kind."""

from osconsole.model.kinds import key
from osconsole.reconcile.controlplane import (
    client,
    dns,
    galera,
    galera_backup,
    glance,
    keystone,
    mariadb,
    memcached,
    neutron,
    nova,
    nova_cell,
    nova_services,
    ovn,
    placement,
    plane,
    rabbitmq,
    transport,
    update,
    version,
)
from osconsole.reconcile.controlplane.objects import kinds
from osconsole.reconcile.decide import Decide, Decider

GROUP = "controlplane"
READS = kinds(
    *("Pod", "Service", "Secret", "ConfigMap", "ServiceAccount", "Role", "RoleBinding"),
    *("PersistentVolumeClaim", "StorageClass", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"),
    *("PodDisruptionBudget", "Certificate", "Issuer", "NetworkAttachmentDefinition", "DNSData"),
)

_TABLE: dict[str, Decide] = {
    "OpenStackControlPlane": plane.decide,
    "OpenStackVersion": version.VERSION,
    "Galera": galera.GALERA,
    "GaleraBackup": galera_backup.BACKUP,
    "MariaDBDatabase": mariadb.DATABASE,
    "MariaDBAccount": mariadb.ACCOUNT,
    "RabbitMq": rabbitmq.RABBITMQ,
    "TransportURL": transport.TRANSPORT,
    "Memcached": memcached.MEMCACHED,
    "DNSMasq": dns.DNSMASQ,
    "OVNDBCluster": ovn.DBCLUSTER,
    "OVNNorthd": ovn.NORTHD,
    "OVNController": ovn.CONTROLLER,
    "KeystoneAPI": keystone.API,
    "KeystoneService": keystone.SERVICE,
    "KeystoneEndpoint": keystone.ENDPOINT,
    "PlacementAPI": placement.API,
    "Glance": glance.GLANCE,
    "GlanceAPI": glance.API,
    "NeutronAPI": neutron.API,
    "Nova": nova.NOVA,
    "NovaCell": nova_cell.CELL,
    "NovaConductor": nova_services.CONDUCTOR,
    "NovaNoVNCProxy": nova_services.NOVNCPROXY,
    "NovaAPI": nova_services.API,
    "NovaScheduler": nova_services.SCHEDULER,
    "NovaMetadata": nova_services.METADATA,
    "OpenStackClient": client.CLIENT,
}

DECIDERS: tuple[Decider, ...] = tuple(
    Decider(key(kind), GROUP, decide, (*READS, *(update.READS if kind == "OpenStackVersion" else ())))
    for kind, decide in _TABLE.items()
)
