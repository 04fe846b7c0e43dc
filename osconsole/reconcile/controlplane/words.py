"""The messages of conditions, as openstack-k8s-operators word them. The spelling is theirs; people search for it.

Source: lib-common, package condition, and the `api` packages of the service operators.
"""

import msgspec


class Words(msgspec.Struct, frozen=True):
    """What a condition says before, during and after, and how an error starts."""

    init: str
    busy: str
    done: str
    failed: str


# type: before | during | after | how an error starts
_TABLE = """
Ready: Setup started | Setup in progress | Setup complete | Setup error occurred
InputReady: Input data not checked | Input data resources missing | Input data complete | Input data error occurred
TLSInputReady: Input data not checked | TLSInput is missing | Input data complete | TLSInput error occured
ServiceAccountReady: ServiceAccount not created | ServiceAccount creation in progress | ServiceAccount created | -
RoleReady: Role not created | Role creation in progress | Role created | -
RoleBindingReady: RoleBinding not created | RoleBinding creation in progress | RoleBinding created | -
ServiceConfigReady: Service config create not started | - | Service config create completed \
| Service config create error occurred
DBReady: DB create not started | DB create job still running | DB create completed | DB create job error occurred
DBSyncReady: DBsync not started | DBsync job still running | DBsync completed | DBsync job error occurred
BootstrapReady: Bootstrap not started | Bootstrap in progress | Bootstrap completed | Bootstrap error occurred
CreateServiceReady: Create service not started | Create service in progress | Create service completed \
| Create service error occurred
ExposeServiceReady: Exposing service not started | Exposing service in progress | Exposing service completed \
| Exposing service error occurred
DeploymentReady: Deployment not started | Deployment in progress | Deployment completed | Deployment error occurred
CronJobReady: CronJob not started | CronJob in progress | CronJob completed | CronJob error occurred
PDBReady: PodDisruptionBudget not configured | PodDisruptionBudget in progress | PodDisruptionBudget completed | -
NetworkAttachmentsReady: NetworkAttachments not started | NetworkAttachment resources missing \
| NetworkAttachments completed | NetworkAttachments error occurred
RabbitMqTransportURLReady: RabbitMqTransportURL not started | RabbitMqTransportURL creation in progress \
| RabbitMqTransportURL successfully created | RabbitMqTransportURL error occured
NotificationBusInstanceReady: NotificationBusInstance not started | NotificationBusInstance creation in progress \
| NotificationBusInstance successfully created | NotificationBusInstance error occured
MemcachedReady: \N{NO-BREAK SPACE}Memcached create not started | \N{NO-BREAK SPACE}Memcached instance has not been \
provisioned | \N{NO-BREAK SPACE}Memcached instance has been provisioned | \N{NO-BREAK SPACE}Memcached error occurred
MariaDBServerReady: MariaDB / Galera server not yet available | MariaDB / Galera server not bootstrapped \
| MariaDB / Galera server ready | MariaDB / Galera server error occurred
MariaDBDatabaseReady: MariaDBDatabase not yet available | DB create job still running | MariaDBDatabase ready \
| DB create job error occurred
MariaDBAccountReady: MariaDBAccount create / drop not started | MariaDBAccount creation in progress \
| MariaDBAccount creation complete | MariaDBAccount creation error occurred
TransportURLReady: TransportURL not configured | TransportURL in progress | TransportURL completed | TransportURL error
KeystoneAPIReady: KeystoneAPI not started | KeystoneAPI not yet ready | KeystoneAPI ready | KeystoneAPI error occurred
AdminServiceClientReady: Admin client not started | - | Admin client ready | Admin client error occurred
KeystoneServiceOSServiceReady: Keystone Service registration not started | - | - | -
KeystoneServiceOSUserReady: Keystone Service user registration not started | - | - | -
KeystoneServiceOSEndpointsReady: Keystone Endpoints registration not started | - | - | -
KeystoneServiceReady: Service registration not started | Service registration in progress | Setup complete | -
KeystoneEndpointReady: KeystoneEndpoint not created | KeystoneEndpoint in progress | Setup complete | -
CinderReady: Cinder not checked | Cinder not ready | Cinder resources exist | -
NovaAPIDBReady: DB create not started | DB create job still running | DB create completed | DB create job error occurred
NovaAPIMQReady: API message bus not started | API message bus creation ongoing \
| API message bus creation successfully | API message bus creation failed
NovaAllCellDBReady: DB create not started | DB creation ongoing for | All DBs created successfully | DB creation failed
NovaAllCellsMQReady: Message bus creation not started | Message bus creation ongoing for \
| All message buses created successfully | Message bus creation failed
NovaAllCellReady: NovaCells are not started | NovaCell is not Ready | All NovaCells are ready | NovaCell failed
NovaCellsDeletion: NovaCells deletion not started | NovaCells deletion in progress \
| There is no more NovaCells to delete | NovaCells deletion failed
NovaComputeServiceConfigReady: Service config create not started | - | Service config create completed | -
Neutron External Configs Ready: Service config create not started | - | Service config create completed | -
External Config Ready: Service config create not started | - | Service config create completed | -
OpenStackClientReady: OpenStack Client not started | OpenStack Client in progress | OpenStack Client created \
| OpenStack Client error occurred
Initialized: not started | in progress | completed | error occurred
"""


def _parse(table: str) -> dict[str, Words]:
    found = {}
    for line in table.strip().splitlines():
        kind, _, messages = line.partition(": ")
        found[kind] = Words(*(m.strip(" ").replace("\N{NO-BREAK SPACE}", " ") for m in messages.split("|")))
    return found


WORDS = _parse(_TABLE)


def words(kind: str) -> Words:
    """The messages of a condition type; for one outside the table, those of a child that is mirrored."""
    name = kind.removesuffix("Ready")
    return WORDS.get(kind) or Words(f"{name} not started", f"{name} in progress", f"{name} completed", f"{name} error")
