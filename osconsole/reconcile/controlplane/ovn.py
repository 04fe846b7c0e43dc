"""OVN: the two databases, northd, and the controllers on the nodes of the cluster."""

from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, Volume, config_map, empty
from osconsole.reconcile.controlplane.objects import backup, made, number, stamp
from osconsole.reconcile.controlplane.pods import addresses, attachments
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.config import Config, holder
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Networks, NothingAsked
from osconsole.reconcile.controlplane.steps.services import Headless, ports
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.steps.workload import Budget, Claim, Workload, ready_pods, rolled_out
from osconsole.reconcile.controlplane.walk import Walk

_SCRIPTS = "/usr/local/bin/container-scripts"
_METRICS = 1981
_DB_LABELS = {"service": "ovsdbserver-{db}"}
_EXPORTER = Container(
    "openstack-network-exporter",
    ("/app/openstack-network-exporter",),
    image=("exporterImage",),
    env={"OPENSTACK_NETWORK_EXPORTER_YAML": "/etc/config/openstack-network-exporter.yaml"},
)


class Side(msgspec.Struct, frozen=True):
    """Which of the two databases this is; the facts `db`, `title` and the ports follow from it."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Find out."""
        south = walk.get("dbType") == "SB"
        walk.facts |= {"db": "sb" if south else "nb", "title": "south" if south else "north"}
        walk.facts |= {"port": "6642" if south else "6641", "raft": "6644" if south else "6643"}
        return True


def exporter(walk: Walk) -> dict[str, str]:
    """What the exporter of metrics reads."""
    return {"openstack-network-exporter.yaml": f"http-listen: :{_METRICS}\nlog-level: {walk.get('logLevel')}\n"}


def db_scripts(walk: Walk) -> dict[str, str]:
    """Start and readiness of a database server."""
    db, port, raft = (walk.facts[k] for k in ("db", "port", "raft"))
    first = f"ovsdbserver-{db}-0.{walk.namespace}.svc.cluster.local"
    return {
        "setup.sh": (
            "#!/bin/bash\nset -e\n"
            f'join=""\n[ "${{HOSTNAME##*-}}" = 0 ] || join="--db-{db}-cluster-remote-addr={first} '
            f'--db-{db}-cluster-remote-port={raft}"\n'
            f"exec /usr/share/ovn/scripts/ovn-ctl --db-{db}-port={port} --db-{db}-cluster-local-port={raft} "
            f"--db-{db}-election-timer={walk.get('electionTimer', default=10000)} $join run_{db}_ovsdb\n"
        ),
        "ovndb_readiness.sh": (
            f"#!/bin/bash\novs-appctl -t /tmp/ovn{db}_db.ctl cluster/status OVN_{walk.facts['title'].title()}bound\n"
        ),
    }


class Peers(msgspec.Struct, frozen=True):
    """The headless Service by which the members of a database find each other."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make it."""
        numbers = {f"{walk.facts['title']}-raft": int(walk.facts["raft"])}
        return Headless("ovsdbserver-{db}", numbers, _DB_LABELS, {**_DB_LABELS, "type": "headless"}).run(walk)


class Members(msgspec.Struct, frozen=True):
    """A Service of its own for every member, as clients address them one by one."""

    conditions: tuple[str, ...] = ("ExposeServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make them, take away those that are too many, and say where the database is."""
        db, title, number_ = walk.facts["db"], walk.facts["title"], int(walk.facts["port"])
        wanted = [f"ovsdbserver-{db}-{n}" for n in range(number(walk.spec, "replicas"))]
        raft = int(walk.facts["raft"])
        for name in wanted:
            selector = {"service": f"ovsdbserver-{db}", "statefulset.kubernetes.io/pod-name": name}
            labels = {"metrics": "enabled", "type": "cluster", **selector}
            open_ = ports({title: number_, f"{title}-raft": raft, "metrics": _METRICS})
            spec = {"type": "ClusterIP", "selector": selector, "ports": open_}
            walk.ensure(made(walk.me, "Service", name, labels, spec=spec))
        for service in walk.world.owned(walk.me, key("Service")):
            if service.labels.get("type") == "cluster" and service.ref.name not in wanted:
                walk.remove(service)
        host = f"{walk.namespace}.svc"
        inside = ",".join(f"tcp:{name}.{host}.cluster.local:{number_}" for name in wanted)
        outside = f"tcp:ovsdbserver-{db}.{host}:{number_}" if attachments(walk) else ""
        walk.report["internalDbAddress"] = walk.facts["inside"] = inside
        walk.report["dbAddress"] = walk.facts["outside"] = outside or inside
        return walk.ok("ExposeServiceReady")


class External(msgspec.Struct, frozen=True):
    """What the data plane needs of a database: its names, and for the southbound one how hosts reach it."""

    conditions: tuple[str, ...] = ("External Config Ready",)

    def run(self, walk: Walk) -> bool:
        """Write DNSData for the members' addresses, and ConfigMap ovncontroller-config."""
        db = walk.facts["db"]
        self._names(walk, f"ovsdbserver-{db}")
        if db == "nb":
            return walk.ok(self.conditions[0], "External config not required for NB DBCluster")
        files = {"ovsdb-config": f"ovn-remote: {walk.facts['outside']}\n"}
        labels = stamp(walk.me, "ovsdbserver-sb")
        walk.ensure(holder(walk, "ovncontroller-config", files, labels, plain=True))
        return walk.ok(self.conditions[0])

    def _names(self, walk: Walk, service: str) -> None:
        """The members' addresses on the attached network, where something has told them to us."""
        network = f"{walk.namespace}/{walk.get('networkAttachment', default='')}"
        found = []
        for n in range(number(walk.spec, "replicas")):
            pod = walk.see("Pod", f"{service}-{n}")
            found += addresses(pod.body()).get(network, []) if pod else []
        if found:
            hosts = [{"hostnames": [f"{service}.{walk.namespace}.svc"], "ip": ip} for ip in found]
            spec = {"dnsDataLabelSelectorValue": "dnsdata", "hosts": hosts}
            labels = {**backup("20", "dataplane"), "service": service}
            walk.ensure(made(walk.me, "DNSData", service, labels, spec=spec))


_DB = Pods(
    _DB_LABELS,
    (
        Container(
            "ovsdbserver-{db}",
            ("/usr/bin/dumb-init", f"{_SCRIPTS}/setup.sh"),
            exec=("/usr/bin/pidof", "ovsdb-server"),
            env={"OVN_LOGDIR": "/tmp", "OVN_RUNDIR": "/etc/ovn"},  # noqa: S108
        ),
        _EXPORTER,
    ),
    (
        config_map("scripts", "{name}-scripts", _SCRIPTS),
        config_map("config", "{name}-config", "/etc/config"),
        Volume("{name}-etc-ovn", "claim", "/etc/ovn"),
        CA,
    ),
    "ovncluster-{name}",
    attachments=True,
)

DBCLUSTER: Any = Steps(
    Side(),
    Account("ovncluster-{name}", scc="restricted-v2"),
    NothingAsked(),
    Networks(),
    Bundle(),
    Config({"{name}-scripts": db_scripts, "{name}-config": exporter}, "ovsdbserver-{db}", plain=True),
    Peers(),
    Members(),
    Budget("{name}", _DB_LABELS),
    Workload(
        "StatefulSet",
        "ovsdbserver-{db}",
        _DB,
        service="ovsdbserver-{db}",
        claim=Claim("{name}-etc-ovn", labels={**_DB_LABELS, "owner": "{name}"}),
        parallel=True,
    ),
    External(),
)


class Databases(msgspec.Struct, frozen=True):
    """Both databases are up; their addresses become the facts `nb` and `sb`."""

    conditions: tuple[str, ...] = ("InputReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for them."""
        found = {c.get("spec", "dbType", default=""): c for c in walk.world.all(key("OVNDBCluster"), walk.namespace)}
        for side in ("NB", "SB"):
            if side not in found or not found[side].ready:
                return walk.busy("InputReady", f"Input data resources missing: OVNDBCluster {side}")
            walk.facts[side.lower()] = found[side].get("status", "internalDbAddress", default="")
        return walk.ok("InputReady")


class Metrics(msgspec.Struct, frozen=True):
    """A Service per pod of northd, for whoever scrapes metrics."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make them."""
        for n in range(number(walk.spec, "replicas")):
            name = f"ovn-northd-{n}"
            selector = {"service": "ovn-northd", "statefulset.kubernetes.io/pod-name": name}
            labels = {"metrics": "enabled", "service": "ovn-northd"}
            spec = {"type": "ClusterIP", "selector": selector, "ports": ports({"metrics": _METRICS})}
            walk.ensure(made(walk.me, "Service", name, labels, spec=spec))
        return True


def northd_scripts(_: Walk) -> dict[str, str]:
    """Start and health of northd."""
    return {
        "setup.sh": '#!/bin/bash\nset -e\nexec /usr/bin/ovn-northd "$@"\n',
        "status_check.sh": "#!/bin/bash\novs-appctl -t ovn-northd status | grep -qE 'active|standby'\n",
    }


_NORTHD = (
    f"{_SCRIPTS}/setup.sh",
    *("-vfile:off", "-vconsole:info", "--n-threads=1", "--ovnnb-db={nb}", "--ovnsb-db={sb}"),
)

NORTHD: Any = Steps(
    Account("ovnnorthd-{name}", scc="restricted-v2"),
    Databases(),
    Bundle(),
    Config({"{name}-scripts": northd_scripts, "{name}-config": exporter}, "ovn-northd", plain=True),
    Metrics(),
    Workload(
        "StatefulSet",
        "ovn-northd",
        Pods(
            {"service": "ovn-northd"},
            (
                Container("ovn-northd", _NORTHD, exec=(f"{_SCRIPTS}/status_check.sh",), env={"OVN_RUNDIR": "/tmp"}),  # noqa: S108
                _EXPORTER,
            ),
            (
                config_map("scripts", "{name}-scripts", _SCRIPTS),
                empty("ovn-rundir", "/run/ovn"),
                config_map("config", "{name}-config", "/etc/config"),
                CA,
            ),
            "ovnnorthd-{name}",
        ),
        service="ovn-northd",
        parallel=True,
    ),
)


class Agents(msgspec.Struct, frozen=True):
    """DaemonSets ovn-controller and ovn-controller-ovs: the cluster's own nodes as chassis."""

    conditions: tuple[str, ...] = ("DeploymentReady",)

    def run(self, walk: Walk) -> bool:
        """Roll both out, and count."""
        done = True
        for name, image, run, count in (
            ("ovn-controller", "ovnContainerImage", ("/usr/local/bin/container-scripts/net_setup.sh",), "numberReady"),
            ("ovn-controller-ovs", "ovsContainerImage", ("/usr/sbin/ovs-vswitchd", "--pidfile"), "ovsNumberReady"),
        ):
            labels = {"service": name}
            volumes = (config_map("scripts", "{name}-scripts", _SCRIPTS), empty("var-run", "/run/openvswitch"), CA)
            container = Container(name, run, image=(image,), env={})
            pods = Pods(labels, (container,), volumes, "ovncontroller-{name}", attachments=True)
            workload = Workload("DaemonSet", name, pods)
            found = walk.ensure(workload.body(walk))
            walk.report[count] = ready_pods(found)
            done = done and bool(found and rolled_out(found))
            if found:
                walk.report["desiredNumberScheduled"] = found.get("status", "desiredNumberScheduled", default=0)
        return walk.ok("DeploymentReady") if done else walk.busy("DeploymentReady")


def controller_scripts(walk: Walk) -> dict[str, str]:
    """How a node joins: its bridges and where the southbound database is."""
    mappings = walk.get("nicMappings", default={})
    bridges = ",".join(f"{network}:br-{nic}" for network, nic in sorted(mappings.items()))
    settings = walk.get("external-ids", default={})
    remote = walk.facts["sb"]
    return {
        "net_setup.sh": (
            "#!/bin/bash\nset -e\n"
            f"ovs-vsctl set open . external-ids:ovn-bridge-mappings={bridges} external-ids:ovn-remote={remote} "
            f"external-ids:ovn-encap-type={settings.get('ovn-encap-type', 'geneve')}\n"
            "exec ovn-controller unix:/run/openvswitch/db.sock\n"
        )
    }


CONTROLLER: Any = Steps(
    Account("ovncontroller-{name}", scc="privileged"),
    Databases(),
    Networks(),
    Bundle(),
    Config({"{name}-scripts": controller_scripts}, "ovn-controller", plain=True),
    Agents(),
)
