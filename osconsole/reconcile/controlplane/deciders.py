"""The deciders of the control plane, one line per kind."""

from osconsole.model.kinds import key
from osconsole.reconcile.controlplane import (
    galera,
    keystone,
    mariadb,
    memcached,
    plane,
    rabbitmq,
    transport,
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
    "MariaDBDatabase": mariadb.DATABASE,
    "MariaDBAccount": mariadb.ACCOUNT,
    "RabbitMq": rabbitmq.RABBITMQ,
    "TransportURL": transport.TRANSPORT,
    "Memcached": memcached.MEMCACHED,
    "KeystoneAPI": keystone.API,
    "KeystoneService": keystone.SERVICE,
    "KeystoneEndpoint": keystone.ENDPOINT,
}

DECIDERS: tuple[Decider, ...] = tuple(Decider(key(kind), GROUP, decide, READS) for kind, decide in _TABLE.items())
