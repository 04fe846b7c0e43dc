"""The matrix of a Deployment: hosts by services, one glyph each, those that failed first; and what failed, in words."""

from collections.abc import Iterable, Iterator

from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views.outcomes import Outcome, outcomes
from osconsole.views.progress import NODESET, Lane, Service, lanes
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, WAITING, WORDS
from osconsole.views.text import clean

FAILURES = (
    Column("S", least=1, most=1),
    Column("HOST", least=12, most=32),
    Column("SERVICE", least=8, most=20),
    Column("TASK", least=12, most=60, yields=1),
    Column("SAYS", least=20, most=200),
)
# Below the services of a run that is over, what did not stop a host.
_HEALED = frozenset({"ignored", "rescued"})


def rows(deployment: Resource, snapshot: Snapshot) -> Table:
    """A row for each host that the Deployment reaches."""
    parts = lanes(deployment, snapshot)
    services = list(dict.fromkeys(service.name for part in parts for service in part.services))
    heads = letters(services)
    columns = (
        Column("HOST", least=12, most=40), Column("S", least=1, most=1),
        *(Column(heads[name], least=2, most=2) for name in services), Column("SAYS", least=8, most=200),
    )  # fmt: skip
    found = [row for part in parts for row in _hosts(part, services, deployment)]
    found.sort(key=lambda row: -WORDS[row.state].rank if row.state in {FAILED, DEGRADED} else 0)
    return Table(columns, tuple(found), "" if found else "no host: the limit leaves none, or the NodeSet is not there")


def _hosts(part: Lane, services: list[str], deployment: Resource) -> Iterator[Row]:
    by_service = {service.name: outcomes(service, part) for service in part.services}
    for host in part.reached:
        mine = {name: found[host] for name, found in by_service.items()}
        word = worst(outcome.word for outcome in mine.values())
        says = next((o.says for o in mine.values() if o.word == word and o.word in {FAILED, DEGRADED} and o.says), "")
        cells = (
            Cell(clean(host)), Cell(WORDS[word].glyph, WORDS[word].role),
            *(_cell(mine.get(name, Outcome())) for name in services), Cell(clean(says), WORDS[word].role),
        )  # fmt: skip
        ref = NODESET.ref(deployment.ref.namespace, part.nodeset)
        yield Row((part.nodeset, host), cells, ref, "", word, text=f"{host} {part.nodeset} {word} {says}".lower())


def _cell(outcome: Outcome) -> Cell:
    """What has not begun stays blank."""
    if outcome.word in {"", WAITING}:
        return Cell()
    state = WORDS[outcome.word]
    return Cell(state.glyph, "accent" if outcome.changed else state.role)


def worst(words: Iterable[str]) -> str:
    """The worst of the words that say something; what waits behind others that are done counts last."""
    found = [word for word in words if word]
    begun = [word for word in found if word != WAITING]
    return max(begun or found, key=lambda word: WORDS[word].rank, default=OK)


def letters(services: list[str]) -> dict[str, str]:
    """Two letters for each: of its first two words, or its first two; another second one where these are taken."""
    out: dict[str, str] = {}
    for name in services:
        words = [word for word in name.replace("_", "-").split("-") if word] or ["?"]
        first, rest = words[0][0], "".join(words)[1:]
        second = [words[1][0]] if len(words) > 1 else []
        wanted = (first + letter for letter in (*second, *rest, *"0123456789"))
        out[name] = next((two for two in wanted if two not in out.values()), first)
    return out


def failures(deployment: Resource, snapshot: Snapshot) -> Table:
    """What failed, on which host, in which task: those that stop a host first, then what was ignored or rescued."""
    found = [row for part in lanes(deployment, snapshot) for s in part.services for row in _failed(s, part, deployment)]
    found.sort(key=lambda row: row.state != FAILED)
    return Table(FAILURES, tuple(found), "" if found else "nothing has failed")


def _failed(service: Service, part: Lane, deployment: Resource) -> Iterator[Row]:
    named = set()
    for failure in service.run.failures if service.run else ():
        named.add(failure.host)
        word = OK if failure.outcome in _HEALED else FAILED
        item = f" (item={failure.item})" if failure.item else ""
        says = f"{failure.outcome}{item}: {failure.message}" if failure.message else failure.outcome + item
        yield _failure((failure.host, failure.task, says), service, part, (word, deployment))
    for host, outcome in outcomes(service, part).items():
        if outcome.word == FAILED and host not in named:
            yield _failure((host, "", outcome.says), service, part, (FAILED, deployment))


def _failure(said: tuple[str, str, str], service: Service, part: Lane, context: tuple[str, Resource]) -> Row:
    (host, task, says), (word, deployment) = said, context
    state = WORDS[word]
    role = state.role if word == FAILED else "quiet"
    cells = (
        Cell(state.glyph, role), Cell(clean(host), role), Cell(clean(service.name)), Cell(clean(task)),
        Cell(clean(says), role),
    )  # fmt: skip
    key = (part.nodeset, service.name, host, task)
    return Row(key, cells, service.pod or service.job or deployment.ref, "", word, text=" ".join(said).lower())


def tail(deployment: Resource, snapshot: Snapshot) -> Table:
    """The newest lines of what runs, else of what failed, else of what ran last."""
    services = [s for part in lanes(deployment, snapshot) for s in part.services if s.run]
    order = (DEGRADED, PROGRESSING, FAILED)
    found = next((s for word in order for s in services if s.word == word), services[-1] if services else None)
    if found is None or found.run is None:
        return Table((Column("LOG", least=20, most=400),), (), "no log: nothing runs, or its pods are gone")
    attempt = f", attempt {found.attempt}" if found.attempt > 1 else ""
    column = Column(f"{found.name}{attempt}", least=20, most=400)
    lines = found.run.tail
    rows = (Row((at, line), (Cell(clean(line)),), found.pod, text=line.lower()) for at, line in enumerate(lines))
    return Table((column,), tuple(rows))
