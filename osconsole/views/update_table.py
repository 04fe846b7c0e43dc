"""The table of `show: update`: a line for each OpenStackVersion, and its stages below while an update is under way."""

from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.judged import STATE, remedy, row, said
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.rules import versions
from osconsole.views.state import OFF, OK, PERSON, PROGRESSING
from osconsole.views.text import bar, clean
from osconsole.views.update import VERSION, Stage, stages

COLUMNS = (
    STATE,
    Column("STAGE", least=20, most=36),
    Column("NOW", least=30, most=200),
    Column("WHAT TO DO", least=20, most=160, yields=3),
    Column("SINCE", ">", least=5, most=5, yields=2),
)


def rows(snapshot: Snapshot, scope: str, now: float) -> Table:
    """Versions and stages, in the order in which upstream takes them."""
    out: list[Row] = []
    for version in sorted(snapshot.all(VERSION, scope), key=lambda v: v.ref):
        found = stages(version, snapshot, now)
        out.append(_head(version, found))
        out += [_stage(version, stage) for stage in found]
    return Table(COLUMNS, tuple(out), "" if out else "no OpenStackVersion here: a control plane makes one")


def _head(version: Resource, found: tuple[Stage, ...]) -> Row:
    word, sentence, how = _standing(version, found)
    if custom := facts.mapping(version, "spec", "customContainerImages"):
        sentence += f"; custom images: {', '.join(sorted(custom))}"
    cells = (Cell(clean(version.ref.name)), said(clean(sentence), word), remedy(clean(how)), Cell())
    return row(version.ref, word, cells, version.ref, version.version)


def _standing(version: Resource, found: tuple[Stage, ...]) -> tuple[str, str, str]:
    """Word, sentence and what may be done next."""
    old, new = versions.versions(version)
    available = facts.text(version, "status", "availableVersion")
    if found:
        done = sum(stage.word == OK for stage in found)
        word = PERSON if any(stage.word == PERSON for stage in found) else PROGRESSING
        return word, f"{old} → {new} {bar(done, len(found))} {done} of {len(found)} stages", ""
    if not old:
        return PROGRESSING, f"version {new or '?'} is being deployed for the first time", ""
    if available and available != new:
        patch = f'{{"spec":{{"targetVersion":"{available}"}}}}'
        how = f"kubectl -n {version.ref.namespace} patch osv {version.ref.name} --type merge -p '{patch}'"
        return OFF, f"{old} is deployed, {available} is available", how
    return OK, f"{old} is deployed, nothing newer is available", ""


def _stage(version: Resource, stage: Stage) -> Row:
    cells = (
        Cell(f"  {stage.name}"), said(clean(stage.sentence), stage.word), remedy(stage.remedy),
        Cell("", "", stage.since, -stage.since),
    )  # fmt: skip
    return row((version.ref, stage.type), stage.word, cells, stage.ref or version.ref)
