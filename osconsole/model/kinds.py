"""The kinds that osconsole knows by name, one line each.

A line gives group, version, kind, plural, short names, and the API scope. Discovery may find more at run time; whatever
is not in this table is watched and shown generically. Irregular plurals are why plurals are never derived.
"""

import msgspec

from osconsole.model.ref import KindKey


class Kind(msgspec.Struct, frozen=True):
    """One served kind: how it is addressed and called."""

    group: str
    version: str
    kind: str
    plural: str
    short: tuple[str, ...] = ()
    namespaced: bool = True

    @property
    def key(self) -> KindKey:
        """The version-less key of a Snapshot."""
        return KindKey(self.group, self.kind)

    @property
    def api_version(self) -> str:
        """`group/version`, or `v1` for core."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """`plural.group`, or the plural for core: what SelfSubjectAccessReviews and errors say."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """The URL path of the collection, or of one object."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")


def _kinds() -> tuple[Kind, ...]:
    osp = "openstack.org"
    rows = f"""
        - v1 Namespace namespaces ns cluster
        - v1 Node nodes no cluster
        - v1 Pod pods po
        - v1 Service services svc
        - v1 Endpoints endpoints ep
        - v1 Event events ev
        - v1 Secret secrets
        - v1 ConfigMap configmaps cm
        - v1 ServiceAccount serviceaccounts sa
        - v1 PersistentVolume persistentvolumes pv cluster
        - v1 PersistentVolumeClaim persistentvolumeclaims pvc
        apps v1 Deployment deployments deploy
        apps v1 ReplicaSet replicasets rs
        apps v1 StatefulSet statefulsets sts
        apps v1 DaemonSet daemonsets ds
        batch v1 Job jobs
        batch v1 CronJob cronjobs cj
        policy v1 PodDisruptionBudget poddisruptionbudgets pdb
        coordination.k8s.io v1 Lease leases
        storage.k8s.io v1 StorageClass storageclasses sc cluster
        apiextensions.k8s.io v1 CustomResourceDefinition customresourcedefinitions crd,crds cluster
        rbac.authorization.k8s.io v1 Role roles
        rbac.authorization.k8s.io v1 RoleBinding rolebindings
        cert-manager.io v1 Certificate certificates cert,certs
        cert-manager.io v1 Issuer issuers iss
        k8s.cni.cncf.io v1 NetworkAttachmentDefinition network-attachment-definitions net-attach-def
        core.{osp} v1beta1 OpenStackControlPlane openstackcontrolplanes osctlplane,osctlplanes,oscp,oscps
        core.{osp} v1beta1 OpenStackVersion openstackversions osv,osvs
        client.{osp} v1beta1 OpenStackClient openstackclients osclient,osclients
        network.{osp} v1beta1 DNSMasq dnsmasqs
        network.{osp} v1beta1 DNSData dnsdata
        network.{osp} v1beta1 NetConfig netconfigs netcfg,netscfg
        network.{osp} v1beta1 IPSet ipsets
        network.{osp} v1beta1 Reservation reservations
        mariadb.{osp} v1beta1 Galera galeras
        mariadb.{osp} v1beta1 MariaDBDatabase mariadbdatabases
        mariadb.{osp} v1beta1 MariaDBAccount mariadbaccounts
        rabbitmq.{osp} v1beta1 RabbitMq rabbitmqs
        rabbitmq.{osp} v1beta1 TransportURL transporturls
        memcached.{osp} v1beta1 Memcached memcacheds
        ovn.{osp} v1beta1 OVNDBCluster ovndbclusters
        ovn.{osp} v1beta1 OVNNorthd ovnnorthds
        ovn.{osp} v1beta1 OVNController ovncontrollers
        keystone.{osp} v1beta1 KeystoneAPI keystoneapis
        keystone.{osp} v1beta1 KeystoneService keystoneservices
        keystone.{osp} v1beta1 KeystoneEndpoint keystoneendpoints
        placement.{osp} v1beta1 PlacementAPI placementapis
        glance.{osp} v1beta1 Glance glances
        glance.{osp} v1beta1 GlanceAPI glanceapis
        neutron.{osp} v1beta1 NeutronAPI neutronapis
        nova.{osp} v1beta1 Nova nova
        nova.{osp} v1beta1 NovaAPI novaapis
        nova.{osp} v1beta1 NovaScheduler novaschedulers
        nova.{osp} v1beta1 NovaMetadata novametadata
        nova.{osp} v1beta1 NovaCell novacells
        nova.{osp} v1beta1 NovaConductor novaconductors
        nova.{osp} v1beta1 NovaNoVNCProxy novanovncproxies
        cinder.{osp} v1beta1 Cinder cinders
        cinder.{osp} v1beta1 CinderAPI cinderapis
        cinder.{osp} v1beta1 CinderScheduler cinderschedulers
        cinder.{osp} v1beta1 CinderVolume cindervolumes
        cinder.{osp} v1beta1 CinderBackup cinderbackups
        heat.{osp} v1beta1 Heat heats
        horizon.{osp} v1beta1 Horizon horizons
        ironic.{osp} v1beta1 Ironic ironics
        manila.{osp} v1beta1 Manila manilas
        barbican.{osp} v1beta1 Barbican barbicans
        octavia.{osp} v1beta1 Octavia octavias
        designate.{osp} v1beta1 Designate designates
        swift.{osp} v1beta1 Swift swifts
        telemetry.{osp} v1beta1 Telemetry telemetries
        watcher.{osp} v1beta1 Watcher watchers
        redis.{osp} v1beta1 Redis redises
        baremetal.{osp} v1beta1 OpenStackBaremetalSet openstackbaremetalsets osbmset,osbmsets,osbms
        metal3.io v1alpha1 BareMetalHost baremetalhosts bmh,bmhost
        dataplane.{osp} v1beta1 OpenStackDataPlaneNodeSet openstackdataplanenodesets osdpns,osdpnodeset,osdpnodesets
        dataplane.{osp} v1beta1 OpenStackDataPlaneDeployment openstackdataplanedeployments osdpd,osdpdeployment
        dataplane.{osp} v1beta1 OpenStackDataPlaneService openstackdataplaneservices osdps,osdpservice,osdpservices
    """
    return tuple(_row(line.split()) for line in rows.strip().splitlines())


def _row(words: list[str]) -> Kind:
    group, version, kind, plural, *rest = words
    cluster = "cluster" in rest
    short = tuple(name for word in rest if word != "cluster" for name in word.split(","))
    return Kind("" if group == "-" else group, version, kind, plural, short, namespaced=not cluster)


KINDS: tuple[Kind, ...] = _kinds()
BY_KEY: dict[KindKey, Kind] = {kind.key: kind for kind in KINDS}


def find(word: str, kinds: tuple[Kind, ...] = KINDS) -> Kind | None:
    """The kind that a person means by a plural, kind, short name, or any of these with `.group`; case is ignored."""
    wanted, _, group = word.lower().partition(".")
    for kind in kinds:
        names = {kind.plural.lower(), kind.kind.lower(), *kind.short}
        if wanted in names and (not group or kind.group == group or kind.group.startswith(group)):
            return kind
    return None


def key(kind: str) -> KindKey:
    """The key of a kind of the table by its exact Kind name, e.g. `key("Pod")`."""
    return next(k.key for k in KINDS if k.kind == kind)
