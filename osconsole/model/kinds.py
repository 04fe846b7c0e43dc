"""The kinds that osconsole knows by name, one line each.

A line gives group, version, kind, plural, short names, and "cluster" where it has no namespaces, "apart" where its
objects stand in other namespaces than those of a cloud. Discovery may find more at run time; whatever
is not in this table is watched and shown generically. Irregular plurals are why plurals are never derived.
"""

import msgspec

from osconsole.model.ref import KindKey, spoken


class Kind(msgspec.Struct, frozen=True):
    """One served kind: how it is addressed and called.

    `apart`: its objects are looked for in all namespaces, whatever the scope.
    """

    group: str
    version: str
    kind: str
    plural: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    apart: bool = False

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
        - v1 Endpoints endpoints ep apart
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
        admissionregistration.k8s.io v1 ValidatingWebhookConfiguration validatingwebhookconfigurations cluster
        admissionregistration.k8s.io v1 MutatingWebhookConfiguration mutatingwebhookconfigurations cluster
        rbac.authorization.k8s.io v1 Role roles
        rbac.authorization.k8s.io v1 RoleBinding rolebindings
        cert-manager.io v1 Certificate certificates cert,certs
        cert-manager.io v1 Issuer issuers iss
        cert-manager.io v1 ClusterIssuer clusterissuers ciss cluster
        nmstate.io v1 NMState nmstates cluster
        nmstate.io v1 NodeNetworkConfigurationPolicy nodenetworkconfigurationpolicies nncp cluster
        nmstate.io v1beta1 NodeNetworkConfigurationEnactment nodenetworkconfigurationenactments nnce cluster
        nmstate.io v1beta1 NodeNetworkState nodenetworkstates nns cluster
        metallb.io v1beta1 MetalLB metallbs apart
        metallb.io v1beta1 IPAddressPool ipaddresspools apart
        metallb.io v1beta1 L2Advertisement l2advertisements apart
        metallb.io v1beta2 BGPPeer bgppeers apart
        metallb.io v1beta1 BGPAdvertisement bgpadvertisements apart
        operators.coreos.com v1alpha1 CatalogSource catalogsources catsrc apart
        operators.coreos.com v1alpha1 Subscription subscriptions sub,subs apart
        operators.coreos.com v1alpha1 InstallPlan installplans ip apart
        operators.coreos.com v1alpha1 ClusterServiceVersion clusterserviceversions csv,csvs apart
        k8s.cni.cncf.io v1 NetworkAttachmentDefinition network-attachment-definitions net-attach-def
        core.{osp} v1beta1 OpenStackControlPlane openstackcontrolplanes osctlplane,osctlplanes,oscp,oscps
        core.{osp} v1beta1 OpenStackVersion openstackversions osv,osvs
        client.{osp} v1beta1 OpenStackClient openstackclients osclient,osclients
        operator.{osp} v1beta1 OpenStack openstacks apart
        backup.{osp} v1beta1 OpenStackBackupConfig openstackbackupconfigs osbkpcfg,osbackupcfg,osbackupconfig
        topology.{osp} v1beta1 Topology topologies
        network.{osp} v1beta1 DNSMasq dnsmasqs
        network.{osp} v1beta1 DNSData dnsdata
        network.{osp} v1beta1 NetConfig netconfigs netcfg,netscfg
        network.{osp} v1beta1 IPSet ipsets
        network.{osp} v1beta1 Reservation reservations
        network.{osp} v1beta1 BGPConfiguration bgpconfigurations
        mariadb.{osp} v1beta1 Galera galeras
        mariadb.{osp} v1beta1 MariaDBDatabase mariadbdatabases
        mariadb.{osp} v1beta1 MariaDBAccount mariadbaccounts
        mariadb.{osp} v1beta1 GaleraBackup galerabackups
        mariadb.{osp} v1beta1 GaleraRestore galerarestores
        rabbitmq.{osp} v1beta1 RabbitMq rabbitmqs
        rabbitmq.{osp} v1beta1 TransportURL transporturls
        rabbitmq.{osp} v1beta1 RabbitMQUser rabbitmqusers rmquser
        rabbitmq.{osp} v1beta1 RabbitMQVhost rabbitmqvhosts rmqvhost
        rabbitmq.{osp} v1beta1 RabbitMQPolicy rabbitmqpolicies rmqpolicy
        memcached.{osp} v1beta1 Memcached memcacheds
        ovn.{osp} v1beta1 OVNDBCluster ovndbclusters
        ovn.{osp} v1beta1 OVNNorthd ovnnorthds
        ovn.{osp} v1beta1 OVNController ovncontrollers
        keystone.{osp} v1beta1 KeystoneAPI keystoneapis
        keystone.{osp} v1beta1 KeystoneService keystoneservices
        keystone.{osp} v1beta1 KeystoneEndpoint keystoneendpoints
        keystone.{osp} v1beta1 KeystoneApplicationCredential keystoneapplicationcredentials appcred
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
        nova.{osp} v1beta1 NovaCompute novacomputes
        cinder.{osp} v1beta1 Cinder cinders
        cinder.{osp} v1beta1 CinderAPI cinderapis
        cinder.{osp} v1beta1 CinderScheduler cinderschedulers
        cinder.{osp} v1beta1 CinderVolume cindervolumes
        cinder.{osp} v1beta1 CinderBackup cinderbackups
        heat.{osp} v1beta1 Heat heats
        heat.{osp} v1beta1 HeatAPI heatapis
        heat.{osp} v1beta1 HeatCfnAPI heatcfnapis
        heat.{osp} v1beta1 HeatEngine heatengines
        horizon.{osp} v1beta1 Horizon horizons
        ironic.{osp} v1beta1 Ironic ironics
        ironic.{osp} v1beta1 IronicAPI ironicapis
        ironic.{osp} v1beta1 IronicConductor ironicconductors
        ironic.{osp} v1beta1 IronicInspector ironicinspectors
        ironic.{osp} v1beta1 IronicNeutronAgent ironicneutronagents
        manila.{osp} v1beta1 Manila manilas
        manila.{osp} v1beta1 ManilaAPI manilaapis
        manila.{osp} v1beta1 ManilaScheduler manilaschedulers
        manila.{osp} v1beta1 ManilaShare manilashares
        barbican.{osp} v1beta1 Barbican barbicans
        barbican.{osp} v1beta1 BarbicanAPI barbicanapis
        barbican.{osp} v1beta1 BarbicanWorker barbicanworkers
        barbican.{osp} v1beta1 BarbicanKeystoneListener barbicankeystonelisteners
        octavia.{osp} v1beta1 Octavia octavias
        octavia.{osp} v1beta1 OctaviaAPI octaviaapis
        octavia.{osp} v1beta1 OctaviaAmphoraController octaviaamphoracontrollers
        octavia.{osp} v1beta1 OctaviaRsyslog octaviarsyslogs
        designate.{osp} v1beta1 Designate designates
        designate.{osp} v1beta1 DesignateAPI designateapis
        designate.{osp} v1beta1 DesignateCentral designatecentrals
        designate.{osp} v1beta1 DesignateProducer designateproducers
        designate.{osp} v1beta1 DesignateWorker designateworkers
        designate.{osp} v1beta1 DesignateMdns designatemdnses
        designate.{osp} v1beta1 DesignateBackendbind9 designatebackendbind9s
        designate.{osp} v1beta1 DesignateUnbound designateunbounds
        swift.{osp} v1beta1 Swift swifts
        swift.{osp} v1beta1 SwiftRing swiftrings
        swift.{osp} v1beta1 SwiftStorage swiftstorages
        swift.{osp} v1beta1 SwiftProxy swiftproxies
        telemetry.{osp} v1beta1 Telemetry telemetries
        telemetry.{osp} v1beta1 Ceilometer ceilometers
        telemetry.{osp} v1beta1 MetricStorage metricstorages
        telemetry.{osp} v1beta1 Autoscaling autoscalings
        telemetry.{osp} v1beta1 Logging loggings
        telemetry.{osp} v1beta1 CloudKitty cloudkitties
        telemetry.{osp} v1beta1 CloudKittyAPI cloudkittyapis
        telemetry.{osp} v1beta1 CloudKittyProc cloudkittyprocs
        watcher.{osp} v1beta1 Watcher watchers
        watcher.{osp} v1beta1 WatcherAPI watcherapis
        watcher.{osp} v1beta1 WatcherApplier watcherappliers
        watcher.{osp} v1beta1 WatcherDecisionEngine watcherdecisionengines
        redis.{osp} v1beta1 Redis redises
        instanceha.{osp} v1beta1 InstanceHa instancehas
        baremetal.{osp} v1beta1 OpenStackBaremetalSet openstackbaremetalsets osbmset,osbmsets,osbms
        baremetal.{osp} v1beta1 OpenStackProvisionServer openstackprovisionservers osprovserver,osprovservers
        metal3.io v1alpha1 BareMetalHost baremetalhosts bmh,bmhost
        dataplane.{osp} v1beta1 OpenStackDataPlaneNodeSet openstackdataplanenodesets osdpns,osdpnodeset,osdpnodesets
        dataplane.{osp} v1beta1 OpenStackDataPlaneDeployment openstackdataplanedeployments osdpd,osdpdeployment
        dataplane.{osp} v1beta1 OpenStackDataPlaneService openstackdataplaneservices osdps,osdpservice,osdpservices
    """
    return tuple(_row(line.split()) for line in rows.strip().splitlines())


def _row(words: list[str]) -> Kind:
    group, version, kind, plural, *rest = words
    short = tuple(name for word in rest if word not in {"cluster", "apart"} for name in word.split(","))
    where = {"namespaced": "cluster" not in rest, "apart": "apart" in rest}
    return Kind("" if group == "-" else group, version, kind, plural, short, **where)


KINDS: tuple[Kind, ...] = _kinds()
APART: frozenset[KindKey] = frozenset(kind.key for kind in KINDS if kind.apart)
_BY_NAME: dict[str, KindKey] = {kind.kind: kind.key for kind in reversed(KINDS)}  # the first line of a name counts
BY_KEY: dict[KindKey, Kind] = {kind.key: kind for kind in KINDS}


def find(word: str, kinds: tuple[Kind, ...] = KINDS) -> Kind | None:
    """The kind that a person means by a plural, kind, short or spoken name, or any with `.group`; case is ignored."""
    wanted, _, group = word.lower().partition(".")
    for kind in kinds:
        said = spoken(kind.kind).lower()
        names = {kind.plural.lower(), kind.kind.lower(), said, f"{said}s", *kind.short}
        if wanted in names and (not group or kind.group == group or kind.group.startswith(group)):
            return kind
    return None


def key(kind: str) -> KindKey:
    """The key of a kind of the table by its exact Kind name, e.g. `key("Pod")`."""
    return _BY_NAME[kind]
