"""Container images: what each service and NodeSet is to run by the OpenStackVersion, and what runs.

Three truths: the target (`status.containerImages` of the OpenStackVersion), what the service's object asks for, and
what the containers of its pods have. Of compute nodes the NodeSet's status is the truth: nobody sees their containers.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.judged import STATE, row, said
from osconsole.views.quorum import WORKLOADS, pods_of
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import OK, PROGRESSING, UNKNOWN, WAITING, WORDS
from osconsole.views.text import clean, image

VERSION, NODESET = kinds.key("OpenStackVersion"), kinds.key("OpenStackDataPlaneNodeSet")

# Kind -> (field of the OpenStackVersion, field of its own spec).
FIELDS: dict[str, tuple[str, str]] = {
    kind: (field, "containerImage")
    for kind, field in (
        ("DNSMasq", "infraDnsmasqImage"),
        ("RabbitMq", "rabbitmqImage"),
        ("Galera", "mariadbImage"),
        ("Memcached", "infraMemcachedImage"),
        ("Redis", "infraRedisImage"),
        ("OVNNorthd", "ovnNorthdImage"),
        ("KeystoneAPI", "keystoneAPIImage"),
        ("PlacementAPI", "placementAPIImage"),
        ("GlanceAPI", "glanceAPIImage"),
        ("CinderAPI", "cinderAPIImage"),
        ("CinderScheduler", "cinderSchedulerImage"),
        ("CinderBackup", "cinderBackupImage"),
        ("CinderVolume", "cinderVolumeImages"),
        ("NeutronAPI", "neutronAPIImage"),
        ("NovaAPI", "novaAPIImage"),
        ("NovaScheduler", "novaSchedulerImage"),
        ("NovaConductor", "novaConductorImage"),
        ("NovaMetadata", "novaAPIImage"),
        ("NovaNoVNCProxy", "novaNovncImage"),
        ("HeatAPI", "heatAPIImage"),
        ("HeatCfnAPI", "heatCfnapiImage"),
        ("HeatEngine", "heatEngineImage"),
        ("Horizon", "horizonImage"),
        ("ManilaAPI", "manilaAPIImage"),
        ("ManilaScheduler", "manilaSchedulerImage"),
        ("ManilaShare", "manilaShareImages"),
        ("BarbicanAPI", "barbicanAPIImage"),
        ("BarbicanWorker", "barbicanWorkerImage"),
        ("BarbicanKeystoneListener", "barbicanKeystoneListenerImage"),
        ("IronicAPI", "ironicAPIImage"),
        ("IronicConductor", "ironicConductorImage"),
        ("OctaviaAPI", "octaviaAPIImage"),
        ("DesignateAPI", "designateAPIImage"),
        ("DesignateCentral", "designateCentralImage"),
        ("DesignateProducer", "designateProducerImage"),
        ("DesignateWorker", "designateWorkerImage"),
        ("DesignateMdns", "designateMdnsImage"),
        ("WatcherAPI", "watcherAPIImage"),
        ("OpenStackClient", "openstackClientImage"),
    )
} | {
    "OVNController": ("ovnControllerImage", "ovnContainerImage"),
    "SwiftProxy": ("swiftProxyImage", "containerImageProxy"),
}
# Pods of one service that have an image of their own: the vswitch beside the OVN controller.
BESIDE = {"OVNController": ("ovnControllerOvsImage",)}
DATABASES = {"NB": "ovnNbDbclusterImage", "SB": "ovnSbDbclusterImage"}
PODS = kinds.key("Pod")
CARRIERS = (*WORKLOADS, kinds.key("DaemonSet"))
READS = (
    *(VERSION, NODESET, PODS, *CARRIERS, kinds.key("ReplicaSet"), kinds.key("OVNDBCluster")),
    *(kinds.key(kind) for kind in FIELDS),
)

COLUMNS = (
    STATE,
    Column("WHAT", least=20, most=44),
    Column("RUNS", least=14, most=60),
    Column("TARGET", least=14, most=60, yields=2),
    Column("SAID", least=14, most=80),
)


class Use(msgspec.Struct, frozen=True):
    """One image in use: whose, by which field, what it is to be, what runs (several while it rolls), what is said."""

    ref: Ref
    field: str
    target: str
    runs: tuple[str, ...]
    word: str
    sentence: str = ""
    custom: bool = False


def targets(version: Resource) -> dict[str, str]:
    """The images of the target version by field; fields of several backends as `field.backend`."""
    out: dict[str, str] = {}
    for field, value in facts.mapping(version, "status", "containerImages").items():
        if isinstance(value, dict):
            out.update({f"{field}.{name}": str(one) for name, one in value.items()})
        else:
            out[str(field)] = str(value or "")
    return out


def uses(version: Resource, snapshot: Snapshot) -> Iterator[Use]:
    """Every image of the services and NodeSets in the namespace of an OpenStackVersion."""
    wanted = targets(version)
    custom = facts.mapping(version, "spec", "customContainerImages")
    namespace = version.ref.namespace
    for kind in ("OVNDBCluster", *FIELDS):
        for service in sorted(snapshot.all(kinds.key(kind), namespace), key=lambda r: r.ref):
            if use := _service(service, wanted, custom, snapshot):
                yield use
    for nodeset in sorted(snapshot.all(NODESET, namespace), key=lambda r: r.ref):
        yield from _nodeset(nodeset, wanted, custom)


def _service(service: Resource, wanted: dict[str, str], custom: dict[str, Any], snapshot: Snapshot) -> Use | None:
    field, path = _field(service)
    asked = facts.text(service, "spec", path)
    owned = snapshot.owned(service)
    pods = [r for r in owned if r.kind == PODS]
    pods += [pod for w in owned if w.kind in CARRIERS for pod in pods_of(w, snapshot)]
    target = wanted.get(f"{field}.{_backend(service)}") or wanted.get(f"{field}.default") or wanted.get(field, "")
    if not asked and not pods:
        return None
    beside = {wanted.get(other, "") for other in BESIDE.get(service.ref.kind, ())}
    images = [found for pod in pods if not beside.intersection(found := _images(pod))]
    use = _judged(service.ref, (field, target, asked), images)
    return msgspec.structs.replace(use, custom=field in custom)


def _field(service: Resource) -> tuple[str, str]:
    if service.ref.kind == "OVNDBCluster":
        return DATABASES.get(str(facts.value(service, "spec", "dbType")), ""), "containerImage"
    return FIELDS[service.ref.kind]


def _backend(service: Resource) -> str:
    """`cinder-volume-ceph` -> ceph: images of volumes and shares may differ by backend."""
    return service.ref.name.rpartition("-")[2]


def _images(pod: Resource) -> list[str]:
    containers = facts.sequence(pod, "spec", "containers")
    return [str(dig(c, "image", default="")) for c in containers]


def _judged(ref: Ref, said: tuple[str, str, str], pods: list[list[str]]) -> Use:
    """What a pod runs is the wanted image if any container has it, else its first container's."""
    field, target, asked = said
    running = sorted({target if target in found else asked if asked in found else found[0] for found in pods if found})
    runs = tuple(running)
    if not target:
        return Use(ref, field, "", runs or (asked,), UNKNOWN, "the OpenStackVersion names no image for it")
    if asked and asked != target:
        return Use(ref, field, target, runs or (asked,), WAITING, "its object does not ask for the target yet")
    old = sum(target not in found for found in pods)
    if old:
        return Use(ref, field, target, runs, PROGRESSING, f"{old} of {len(pods)} pods run another image")
    return Use(ref, field, target, runs or (asked,), OK, "" if pods else "no pod runs")


def _nodeset(nodeset: Resource, wanted: dict[str, str], custom: dict[str, Any]) -> Iterator[Use]:
    for name, runs in sorted(facts.mapping(nodeset, "status", "containerImages").items()):
        field = name[:1].lower() + name[1:]
        target = wanted.get(field, "")
        word = OK if runs == target else WAITING if target else UNKNOWN
        said = "" if word == OK else "last deployed with another image" if target else "no target for it"
        yield Use(nodeset.ref, field, target, (str(runs),), word, said, field in custom)


def rows(snapshot: Snapshot, scope: str, now: float) -> Table:
    """What differs from its target first, then the services in their order and the NodeSets."""
    found = [use for v in sorted(snapshot.all(VERSION, scope), key=lambda v: v.ref) for use in uses(v, snapshot)]
    found.sort(key=lambda use: -WORDS[use.word].rank)
    return Table(COLUMNS, tuple(map(_row, found)), "" if found else "no image in use is known")


def _row(use: Use) -> Row:
    told = "; ".join(filter(None, (use.sentence, "custom image" if use.custom else "")))
    cells = (
        Cell(clean(f"{use.ref.short} {_part(use)}".rstrip())), Cell(", ".join(clean(image(name)) for name in use.runs)),
        Cell(clean(image(use.target)), "quiet" if use.word == OK else ""), said(told, use.word),
    )  # fmt: skip
    return row((use.ref, use.field), use.word, cells, use.ref)


def _part(use: Use) -> str:
    """Which of a NodeSet's images."""
    return use.field.removesuffix("Image") if use.ref.kind == NODESET.kind else ""
