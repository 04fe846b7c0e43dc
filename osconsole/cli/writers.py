"""`writers`: who writes each field of an object, so that a change goes where it will stay."""

import click

from osconsole.cli import options as shared
from osconsole.cli.known import known, located, run
from osconsole.errors import NotFound
from osconsole.model.authors import fields
from osconsole.model.connection import Options
from osconsole.model.ref import KindKey, Ref
from osconsole.views.writers import lines, within


@click.command()
@shared.connection
@click.argument("ref")
@click.argument("path", default="")
def writers(*, options: Options, ref: str, path: str) -> int:
    """Who writes the fields of REF (kind/name), all of them or those below PATH, such as spec.replicas."""
    return run(_writers(options, shared.reference(ref, options.namespace or ""), path))


async def _writers(options: Options, wanted: Ref, path: str) -> int:
    async with known(options, {KindKey(wanted.group, wanted.kind)}) as session:
        target = located(session, wanted)
        found = await session.read(target)
        if found is None:
            raise NotFound(f"there is no {target}", 404)
        if path and not any(within(field.path, path) for field in fields(found)):
            raise NotFound(f"{target.short} has no field {path}", 404)
        for line in lines(found, session.now(), path):
            print("".join(text for text, _ in line.spans).rstrip())
    return 0
