"""The table of `show: certificates`: every certificate by its end, its issuers, its users; what hosts have not got yet.

Nothing here reads a Secret: cert-manager writes what is needed in the Certificate's status.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from osconsole.model import kinds
from osconsole.model.conditions import find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, health
from osconsole.views.judged import STATE, row, said
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.rules.certificates import expiry
from osconsole.views.rules.neighbours import DEPLOYMENT, NODESET, naming
from osconsole.views.state import PERSON, WORDS
from osconsole.views.text import age, clean, count

CERTIFICATE, ISSUER = kinds.key("Certificate"), kinds.key("Issuer")
CLUSTER_ISSUER, POD = kinds.key("ClusterIssuer"), kinds.key("Pod")
READS = (CERTIFICATE, ISSUER, CLUSTER_ISSUER, NODESET, DEPLOYMENT, POD)
CHAIN = 8  # links of an issuer chain that are followed

COLUMNS = (
    STATE,
    Column("CERTIFICATE", least=20, most=50),
    Column("ENDS", ">", least=5, most=8),
    Column("ON", least=10, most=10, yields=6),
    Column("RENEWAL", ">", least=7, most=8, yields=5),
    Column("ISSUED BY", least=12, most=50, yields=4),
    Column("USED BY", least=12, most=60, yields=3),
    Column("SAID", least=14, most=120, yields=2),
)


def rows(snapshot: Snapshot, scope: str, now: float) -> Table:
    """The nearest end first; those that compute nodes still have to get stand above."""
    found = list(snapshot.all(CERTIFICATE, scope))
    users = _users(snapshot, scope)
    late = {ref: sets for nodeset in snapshot.all(NODESET, scope) for ref, sets in _undeployed(nodeset, snapshot)}
    made = [(_rank(c, late, snapshot, now), _row(c, users, late, (snapshot, now))) for c in found]
    made.sort(key=lambda one: one[0])
    line = snapshot.line(CERTIFICATE, scope)
    if made:
        return Table(COLUMNS, tuple(row for _, row in made))
    absent = "certificates.cert-manager.io is not installed in this cluster"
    told = {"absent": absent, "denied": f"no permission: {line.why}", "loading": "loading"}
    return Table(COLUMNS, (), told.get(line.state, "none"))


def _rank(certificate: Resource, late: dict[Ref, str], snapshot: Snapshot, now: float) -> tuple[int, float, Ref]:
    verdict = health.judge(certificate, snapshot, now)
    worst = max(verdict.state.rank, WORDS[PERSON].rank if certificate.ref in late else 0)
    return -worst, expiry(certificate).ends or float("inf"), certificate.ref


def _row(
    certificate: Resource, users: dict[tuple[str, str], list[str]], late: dict[Ref, str], world: tuple[Snapshot, float]
) -> Row:
    snapshot, now = world
    verdict, found = health.judge(certificate, snapshot, now), expiry(certificate)
    word, why = verdict.word, verdict.why
    if certificate.ref in late and verdict.state.rank < WORDS[PERSON].rank:
        word, why = PERSON, late[certificate.ref]
    chain = issuers(certificate, snapshot)
    why = why or _outlived(certificate, chain)
    ends = age(found.ends - now) if found.ends > now else "over" if found.ends else "?"
    cells = (
        Cell(clean(certificate.ref.name)), Cell(ends, WORDS[word].role if word != "ok" else "", 0.0, found.ends),
        Cell(_day(found.ends), "quiet", 0.0, found.ends),
        Cell(age(found.renews - now) if found.renews > now else "due" if found.renews else "", "", 0.0, found.renews),
        Cell(clean(" < ".join(c.ref.name for c in chain) or "?"), "quiet"),
        Cell(clean(", ".join(users.get((certificate.ref.namespace, _secret(certificate)), ())) or _owner(certificate))),
        said(clean(why), word),
    )  # fmt: skip
    return row(certificate.ref, word, cells, certificate.ref, certificate.version)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d") if at else ""


def _secret(certificate: Resource) -> str:
    return facts.text(certificate, "spec", "secretName")


def _owner(certificate: Resource) -> str:
    owner = certificate.controller
    return f"of {owner.ref.short}" if owner else ""


def issuers(certificate: Resource, snapshot: Snapshot) -> list[Resource]:
    """The issuer, and where that signs with a certificate of cert-manager, the issuer of that one, and so on."""
    out: list[Resource] = []
    at: Resource | None = certificate
    while at is not None and len(out) < CHAIN:
        issuer = _issuer(at, snapshot)
        if issuer is None or any(one.ref == issuer.ref for one in out):
            break
        out.append(issuer)
        at = _signs_with(issuer, snapshot)
    return out


def _issuer(certificate: Resource, snapshot: Snapshot) -> Resource | None:
    wanted = facts.mapping(certificate, "spec", "issuerRef")
    name = str(dig(wanted, "name", default=""))
    if dig(wanted, "kind", default="Issuer") == "ClusterIssuer":
        return snapshot.get(CLUSTER_ISSUER.ref("", name))
    return snapshot.get(ISSUER.ref(certificate.ref.namespace, name))


def _signs_with(issuer: Resource, snapshot: Snapshot) -> Resource | None:
    """The Certificate that an issuer signs with; None where it signs itself, or its CA came from elsewhere."""
    secret = facts.value(issuer, "spec", "ca", "secretName")
    if not secret:
        return None
    return next((c for c in snapshot.all(CERTIFICATE, issuer.ref.namespace) if _secret(c) == secret), None)


def _outlived(certificate: Resource, chain: list[Resource]) -> str:
    """Why it will not last: nothing of the chain is known, or its issuer does not work."""
    for issuer in chain:
        ready = find(issuer.conditions, "Ready")
        if ready is not None and not ready.ok:
            return f"its issuer {issuer.ref.name} is not ready: it cannot be renewed"
    return ""


def _users(snapshot: Snapshot, scope: str) -> dict[tuple[str, str], list[str]]:
    """Who uses a Secret: the owners of pods that mount it, by (namespace, Secret)."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for pod in snapshot.all(POD, scope):
        names = secrets(pod)
        upper = (_service(pod, snapshot) or snapshot.root(pod)) if names else pod
        for name in names:
            at = found[pod.ref.namespace, name]
            at[upper.ref.short] = at.get(upper.ref.short, 0) + 1
    return {place: [f"{who} ({count(n, 'pod')})" for who, n in sorted(at.items())] for place, at in found.items()}


def _service(pod: Resource, snapshot: Snapshot) -> Resource | None:
    """The nearest object of OpenStack above a pod."""
    at: Resource | None = pod
    for _ in range(CHAIN):
        at = snapshot.owner(at) if at is not None else None
        if at is None or at.ref.group.endswith("openstack.org"):
            break
    return at


@lru_cache(8192)
def secrets(pod: Resource) -> tuple[str, ...]:
    """The Secrets that a pod mounts, each once; a Resource never changes."""
    names = set()
    for volume in facts.sequence(pod, "spec", "volumes"):
        names.add(str(dig(volume, "secret", "secretName", default="")))
        sources = dig(volume, "projected", "sources")
        for source in sources if isinstance(sources, list) else ():
            names.add(str(dig(source, "secret", "name", default="")))
    return tuple(sorted(names - {""}))


def _undeployed(nodeset: Resource, snapshot: Snapshot) -> Iterator[tuple[Ref, str]]:
    """Certificates of a NodeSet that were issued after its last Deployment: its hosts have the ones before.

    Upstream compares hashes of the Secrets in the same way; the moment of issue is seen without reading any.
    """
    done = [d for d in naming(nodeset, snapshot) if facts.value(d, "status", "deployed")]
    if not done:
        return
    last = done[-1]
    ended = max((c.since for c in last.conditions if c.type in {"Ready", "DeploymentReady"}), default=last.created)
    for ref in snapshot.children.get(nodeset.uid, ()):
        if ref.kind != CERTIFICATE.kind or (certificate := snapshot.get(ref)) is None:
            continue
        begins = expiry(certificate).begins
        if begins > ended:
            said = f"issued after Deployment {last.ref.name}: the hosts of {nodeset.ref.short} have the one before"
            yield ref, said
