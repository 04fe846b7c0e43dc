"""Coverage: which host got which service with which configuration, and why another Deployment is needed.

Upstream calls a NodeSet deployed after any run that ended well, whatever limit, tags and services left out
(`domain.md` §2.7); this ledger is folded from what each Deployment did reach.
"""

from collections.abc import Container, Iterator

import msgspec

from osconsole.model.conditions import READY, find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, inputs, reach
from osconsole.views.outcomes import Outcome, outcomes
from osconsole.views.progress import Lane, Service, lanes
from osconsole.views.rules import neighbours
from osconsole.views.state import DEGRADED, FAILED, OK, PERSON, PROGRESSING, UNKNOWN, WAITING

VERSION = neighbours.VERSION
BEGINS_S = 60.0  # hosts may still be added while the first Job of a Deployment is made


class Reached(msgspec.Struct, frozen=True):
    """A run that a host was part of: its Deployment, when it ended (or began), with which tags, and the outcome."""

    deployment: Resource
    at: float
    tags: str
    outcome: Outcome


class Cover(msgspec.Struct, frozen=True):
    """One service on one host.

    Attributes:
        word: ok when it is as asked for.
        last: the newest run that reached the host, None when none that is known did.
        good: the newest that ended well, with all tasks.
        config: the hash of the NodeSet's configuration that this brought, "" where it is not known.
        reasons: why it needs another run, () when it does not.
    """

    host: str
    service: str
    word: str
    last: Reached | None = None
    good: Reached | None = None
    reasons: tuple[str, ...] = ()
    config: str = ""


class Ledger(msgspec.Struct, frozen=True):
    """The coverage of a NodeSet; `reasons` are those of the whole NodeSet, `running` names a Deployment under way."""

    nodeset: Ref
    hosts: tuple[str, ...]
    services: tuple[str, ...]
    covers: dict[tuple[str, str], Cover]
    reasons: tuple[str, ...] = ()
    running: str = ""

    @property
    def current(self) -> int:
        """Hosts on which every service is as asked for."""
        return sum(all(self.covers[host, s].word == OK for s in self.services) for host in self.hosts)


def ledger(nodeset: Resource, snapshot: Snapshot) -> Ledger:
    """The ledger of a NodeSet, from every Deployment that still exists."""
    hosts = reach.hosts(nodeset)
    services = tuple(dict.fromkeys(map(str, facts.value(nodeset, "spec", "services") or ())))
    naming = neighbours.naming(nodeset, snapshot)
    runs = _runs(nodeset, naming, snapshot)
    judge = _Judge(nodeset, snapshot, told=bool(naming))
    covers = {
        (host, service): judge.cover(host, service, runs.get((host, service), []))
        for host in hosts
        for service in services
    }
    running = next((d.ref.name for d in reversed(naming) if not neighbours.over(d)), "")
    return Ledger(nodeset.ref, hosts, services, covers, _version(nodeset, snapshot), running)


def _runs(
    nodeset: Resource, naming: list[Resource], snapshot: Snapshot
) -> dict[tuple[str, str], list[Reached]]:  # fmt: skip
    """Per host and service the runs that reached it, oldest first."""
    out: dict[tuple[str, str], list[Reached]] = {}
    since = reach.since(nodeset, snapshot)
    for deployment in naming:
        tags = reach.tagged(deployment)
        for part in lanes(deployment, snapshot):
            if part.nodeset == nodeset.ref.name:
                there = {host for host, came in since.items() if came <= deployment.created + BEGINS_S}
                _note(part, (deployment, tags, there), out)
    return out


def _note(
    part: Lane, run: tuple[Resource, str, set[str]], out: dict[tuple[str, str], list[Reached]]
) -> None:  # fmt: skip
    deployment, tags, there = run
    for service in part.services:
        at = _at(service, deployment)
        for host, outcome in outcomes(service, part).items():
            if host in there and outcome.word not in {"", WAITING}:
                out.setdefault((host, service.name), []).append(Reached(deployment, at, tags, outcome))


def _at(service: Service, deployment: Resource) -> float:
    ready = find(deployment.conditions, READY)
    return service.ended or service.started or (ready.since if ready else deployment.created)


class _Judge:
    """Judges the cells of one NodeSet; what a run has brought is compared once for all hosts that it reached."""

    def __init__(self, nodeset: Resource, snapshot: Snapshot, *, told: bool) -> None:
        self._nodeset = nodeset
        self._snapshot = snapshot
        self._lost = ""
        line = snapshot.line(neighbours.DEPLOYMENT, nodeset.ref.namespace)
        if line.state not in {"live", "lost", "idle"}:
            self._lost = f"not known: Deployments are not listed ({line.why or line.state})"
        elif facts.value(nodeset, "status", "deployedConfigHash") and not told:
            self._lost = "not known: no Deployment is left that would tell"
        self._drifts: dict[tuple[Ref, str], list[str]] = {}

    def cover(self, host: str, service: str, runs: list[Reached]) -> Cover:
        """One service on one host, from the runs that reached it, oldest first."""
        if not runs:
            if self._lost:
                return Cover(host, service, UNKNOWN, reasons=(self._lost,))
            return Cover(host, service, PERSON, reasons=("never reached",))
        last, word, reasons = runs[-1], OK, []
        good = next((r for r in reversed(runs) if r.outcome.through and not r.tags), None)
        config = _config(good.deployment, self._nodeset.ref) if good else ""
        if last.outcome.word == PROGRESSING or self._runs_on(last):
            said = f"{last.deployment.ref.name} is under way"
            return Cover(host, service, PROGRESSING, last, good, (said,), config)
        if last.outcome.word in {FAILED, DEGRADED}:
            word = last.outcome.word
            reasons.append(f"{last.outcome.says or 'failed'} ({last.deployment.ref.name})")
        elif not last.outcome.through:
            reasons.append(f"not known to be through: {last.deployment.ref.name} failed on other hosts")
        if good is not None:
            reasons += self._drift(good, service)
        elif last.outcome.through:
            reasons.append(f"only in part: {last.tags}")
        word = DEGRADED if reasons and word == OK else word
        return Cover(host, service, word, last, good, tuple(reasons), config)

    def _runs_on(self, last: Reached) -> bool:
        """The host is done with an attempt that failed on others, and is tried again with them."""
        return last.outcome.word == OK and not last.outcome.through and not neighbours.over(last.deployment)

    def _drift(self, good: Reached, service: str) -> list[str]:
        """What is different now from what a run has brought."""
        key = (good.deployment.ref, service)
        if key not in self._drifts:
            self._drifts[key] = list(self._differences(good, service))
        return self._drifts[key]

    def _differences(self, good: Reached, service: str) -> Iterator[str]:
        nodeset, snapshot, run = self._nodeset, self._snapshot, good.deployment
        brought, wanted = _config(run, nodeset.ref), facts.value(nodeset, "status", "configHash")
        if brought and wanted and brought != wanted:
            yield "configuration changed"
        metal, now = _metal(run, nodeset), facts.value(nodeset, "status", "bmhRefHash") or ""
        if metal is not None and metal != now:
            yield "bare metal changed"
        yield from inputs.changed(run, nodeset, service, snapshot)
        if _edited(service, nodeset, snapshot) > good.at > 0:
            yield "service edited since"


def _config(deployment: Resource, nodeset: Ref) -> str:
    return str((facts.value(deployment, "status", "nodeSetHashes") or {}).get(nodeset.name) or "")


def _metal(deployment: Resource, nodeset: Resource) -> str | None:
    found = facts.value(deployment, "status", "bmhRefHashes")
    return str(found.get(nodeset.ref.name) or "") if isinstance(found, dict) and nodeset.ref.name in found else None


def _edited(service: str, nodeset: Resource, snapshot: Snapshot) -> float:
    """When the spec of a service was written last; 0 when that is not known."""
    found = snapshot.get(inputs.SERVICE.ref(nodeset.ref.namespace, service))
    return max((w.at for w in found.writers if not w.subresource), default=0.0) if found else 0.0


def _version(nodeset: Resource, snapshot: Snapshot) -> tuple[str, ...]:
    """Whether its hosts have the version of the control plane."""
    has = facts.value(nodeset, "status", "deployedVersion")
    for version in snapshot.all(VERSION, nodeset.ref.namespace):
        target = facts.value(version, "status", "deployedVersion") or facts.value(version, "spec", "targetVersion")
        if has and target and has != target:
            return (f"version {has}, and the control plane has {target}: a Deployment with service update brings it",)
    return ()


class Retry(msgspec.Struct, frozen=True):
    """What the next Deployment must reach, and the command that makes it ("" when nothing is needed, or one runs)."""

    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    command: str = ""
    note: str = ""


def retry(found: Ledger, among: Container[str] | None = None) -> Retry:
    """The smallest Deployment that covers everything that needs a run: whole services on whole hosts.

    `among`: only these services are looked at.
    """
    covers = (cover for cover in found.covers.values() if among is None or cover.service in among)
    needs = [cover for cover in covers if cover.reasons and cover.word not in {PROGRESSING, UNKNOWN}]
    services = tuple(s for s in found.services if any(c.service == s for c in needs))
    hosts = tuple(h for h in found.hosts if any(c.host == h for c in needs))
    if not needs:
        return Retry()
    if found.running:
        return Retry(services, hosts, "", f"Deployment {found.running} is under way: wait for its end")
    words = ["osconsole deploy", found.nodeset.name, "-n", found.nodeset.namespace]
    if services != found.services:
        words += [f"--service {service}" for service in services]
    note = ""
    if hosts != found.hosts:
        words.append(f"--limit {','.join(hosts)}")
        note = "a limited run marks the whole NodeSet as deployed: this ledger keeps the difference"
    return Retry(services, hosts, " ".join(words), note)
