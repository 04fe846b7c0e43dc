"""`scale`, `restart`, `deploy`: each previews, asks, writes, and waits only when told to."""

import sys
from collections.abc import Callable
from typing import Any

import click

from osconsole.cli import options as shared
from osconsole.cli.known import known, located, run, until
from osconsole.cli.status import reached
from osconsole.errors import OsconsoleError, Refused, Unreachable, UsageError
from osconsole.model.connection import Options, Submitted
from osconsole.model.intents import Deploy, Intent, Restart, RunNow, RunPlan, Scale
from osconsole.model.preview import Preview
from osconsole.model.ref import Ref
from osconsole.model.resource import dig
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import preflight, runs
from osconsole.session import Session
from osconsole.views.deploywords import variable
from osconsole.views.progress import NODESET
from osconsole.views.text import clean
from osconsole.views.why.explain import sentence

_FLAGS = (
    click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing."),
    click.option("--yes", is_flag=True, help="Do not ask."),
    click.option("--wait", "waits", is_flag=True, help="Return when it is through, not when it is accepted."),
    click.option(
        "--timeout",
        "timeout_s",
        type=click.FloatRange(0),
        default=1800.0,
        show_default=True,
        help="Seconds for --wait; 0 is for ever.",
    ),
)


def _flags(command: Any) -> Any:
    for flag in reversed(_FLAGS):
        command = flag(command)
    return command


@click.command()
@shared.connection
@_flags
@click.argument("ref")
@click.argument("replicas", type=int)
def scale(*, options: Options, ref: str, replicas: int, **flags: Any) -> int:
    """Scale REF (kind/name) to REPLICAS by the field that its owner reads."""
    wanted = shared.reference(ref, options.namespace or "")
    return run(carry(options, lambda session: Scale(located(session, wanted), replicas), flags))


@click.command()
@shared.connection
@_flags
@click.argument("ref")
def restart(*, options: Options, ref: str, **flags: Any) -> int:
    """Restart the pods of REF (kind/name) one after the other, each when all are Ready again."""
    wanted = shared.reference(ref, options.namespace or "")
    return run(carry(options, lambda session: Restart(located(session, wanted)), flags))


@click.command()
@shared.connection
@_flags
@click.argument("ref")
def backup(*, options: Options, ref: str, **flags: Any) -> int:
    """Run the backup of REF (galera/name, galerabackup/name) now, or any cronjob/name, beside its schedule."""
    wanted = shared.reference(ref, options.namespace or "")
    return run(carry(options, lambda session: RunNow(located(session, wanted)), flags))


@click.command()
@shared.connection
@_flags
@click.argument("nodesets", nargs=-1, required=True)
@click.option("--service", "services", multiple=True, help="Run only this service; may be repeated, order counts.")
@click.option("--limit", default="", help="Hosts, as ansible-playbook --limit takes them.")
@click.option("--tags", default="", help="Ansible tags, comma-separated.")
@click.option("--skip-tags", default="", help="Ansible tags to leave out.")
@click.option("--extra-var", "extra_vars", multiple=True, metavar="K=V", help="An Ansible variable; V may be JSON.")
@click.option("--backoff-limit", type=int, default=None, help="How often a failed service is tried again.")
@click.option("--name", default="", help="The Deployment's name.")
def deploy(*, options: Options, nodesets: tuple[str, ...], extra_vars: tuple[str, ...], **rest: Any) -> int:
    """Run Ansible on NODESETS: makes an OpenStackDataPlaneDeployment."""
    flags = {name: rest.pop(name) for name in ("dry_run", "yes", "waits", "timeout_s")}
    values = dict(variable(text, "--extra-var") for text in extra_vars)

    def intent(session: Session) -> Intent:
        namespace = session.status.namespace or _namespace_of(session.snapshot, nodesets)
        return Deploy(namespace=namespace, nodesets=nodesets, extra_vars=values, **rest)

    return run(carry(options, intent, flags))


def _namespace_of(snapshot: Snapshot, nodesets: tuple[str, ...]) -> str:
    found = {r.ref.namespace for r in snapshot.all(NODESET) if r.ref.name in nodesets}
    if len(found) > 1:
        raise UsageError(f"NodeSets of that name are in {', '.join(sorted(found))}: name one with -n")
    if not found:
        raise Refused(f"there is no NodeSet '{nodesets[0]}' in any namespace: `osconsole status -A` lists them")
    return found.pop()


async def carry(options: Options, make: Callable[[Session], Intent], flags: dict[str, Any]) -> int:
    """Preview what `make` gives, ask, write, and wait as the flags say.

    Raises:
        Refused: it may not be done, or nobody can be asked.
    """
    async with known(options, preflight.READS) as session:
        preview = await session.preview(make(session))
        print(text_of(preview))
        if preview.refused:
            raise Refused(f"refused: {preview.refused}")
        if flags["dry_run"]:
            return 0
        if not flags["yes"]:
            _ask(preview)
        submitted = await session.submit(preview)
        print(submitted.message)
        if submitted.driven_here and not flags["waits"]:
            print("no operator runs here that would carry it on: staying until it is through")
        if flags["waits"] or submitted.driven_here:
            await _awaited(session, preview, submitted, flags["timeout_s"])
            print("done")
        return 0


def _ask(preview: Preview) -> None:
    if not sys.stdin.isatty():
        raise Refused("nobody can be asked here: say --yes to do it, or --dry-run to only look")
    if preview.confirm:
        if click.prompt(f"type {preview.confirm} to go on", default="", show_default=False) != preview.confirm:
            raise click.Abort
    elif not click.confirm("do it?"):
        raise click.Abort


async def _awaited(session: Session, preview: Preview, submitted: Submitted, within_s: float) -> None:
    """Return when what was asked for is so.

    Raises:
        OsconsoleError: it is not in time, or has failed. Unreachable: the cluster has left.
    """
    try:
        await until(session, lambda snapshot: _through(snapshot, preview, submitted), within_s)
    except Unreachable:
        if session.status.state != "live":
            raise Unreachable(f"{preview.title} was accepted; how it went is not known: {session.status.why}") from None
        found = session.snapshot.get(submitted.ref)
        said = sentence(found, session.snapshot, session.now()) if found else f"{submitted.ref} is not there"
        if found and (step := found.get("data", "step")):  # a run
            said = f"{submitted.ref.name} is at {clean(str(step))}"
        raise OsconsoleError(f"accepted, and not through after {within_s:g} s: {said}") from None


def _through(snapshot: Snapshot, preview: Preview, submitted: Submitted) -> bool:
    """What was asked for is so."""
    match preview.intent:
        case Deploy():
            return reached(snapshot, submitted.ref, "deployed")
        case Restart() | RunPlan():
            return _run_over(snapshot, submitted.ref)
        case RunNow():
            return _job_over(snapshot, submitted.ref)
    found = snapshot.get(submitted.ref)
    written = found and all(dig(found.body(), *touched.path) == touched.new for touched in preview.touches)
    return bool(found and written and (found.ready or not found.conditions))


def _run_over(snapshot: Snapshot, ref: Ref) -> bool:
    found = snapshot.get(ref)
    state = found.labels.get(runs.LABEL, "") if found else ""
    if found and state in {runs.FAILED, runs.STOPPED}:
        raise OsconsoleError(f"{ref.name}: {clean(str(found.get('data', 'step', default=state)))}")
    return state == runs.DONE


def _job_over(snapshot: Snapshot, ref: Ref) -> bool:
    found = snapshot.get(ref)
    for condition in found.conditions if found else ():
        if condition.type == "Failed" and condition.ok:
            raise OsconsoleError(f"{ref.short} failed: {clean(condition.message)}: see `osconsole logs job/{ref.name}`")
    return any(condition.type == "Complete" and condition.ok for condition in (found.conditions if found else ()))


def text_of(preview: Preview) -> str:
    """A Preview as text."""
    touched = [f"  writes   {preview.target.short}: {clean(str(t))}" for t in preview.touches]
    parts = [clean(preview.title), *touched]
    parts += [f"  because  {clean(preview.because)}"] if preview.because else []
    parts += [f"  rolls    {clean(line)}" for line in preview.rolls]
    marks = {"ok": "+", "warn": "!", "refused": "x"}
    parts += [f"  {marks.get(f.level, '?')} {clean(f.text)}" for f in preview.findings]
    parts += [f"  ! {clean(line)}" for line in preview.warnings]
    parts += [f"  undo     {clean(preview.undo)}"] if preview.undo else []
    return "\n".join(parts)
