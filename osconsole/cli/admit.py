"""`osconsole admit`: what an object would become if the OpenStack operators' webhooks had seen it.

For clusters without these webhooks: `osconsole admit -f FILE | kubectl apply -f -`. It speaks to no cluster.
"""

import sys
from pathlib import Path
from typing import Any

import click
import yaml

from osconsole import documents
from osconsole.errors import DocumentError, Refused
from osconsole.reconcile.admission.admit import Admitted
from osconsole.reconcile.admission.admit import admit as judge
from osconsole.reconcile.admission.verdict import Context, name


@click.command()
@click.option(
    "-f", "--filename", "files", multiple=True, required=True, metavar="FILE", help="YAML or JSON; - is stdin."
)
def admit(files: tuple[str, ...]) -> None:
    """Fill in defaults and refuse what cannot work; the result goes to stdout as YAML."""
    objects = [obj for file in files for obj in _read(file)]
    verdicts = [judge(obj, None, _context(objects, obj)) for obj in objects]
    for verdict in verdicts:
        for warning in verdict.warnings:
            click.echo(f"Warning: {_called(verdict)}: {warning}", err=True)
    refused = [f"{_called(v)}: {problem}" for v in verdicts for problem in v.problems]
    if refused:
        raise Refused("\n  ".join(["refused:", *refused]))
    click.echo(yaml.dump_all([v.obj for v in verdicts], Dumper=_Plain, sort_keys=False, allow_unicode=True), nl=False)


def _read(file: str) -> list[dict[str, Any]]:
    source = "stdin" if file == "-" else file
    text = sys.stdin.read() if file == "-" else documents.read(Path(file))
    found: list[dict[str, Any]] = []
    for at, document in enumerate(documents.parse_all(text, source), 1):
        if document is None:
            continue
        if not isinstance(document, dict) or "kind" not in document or not isinstance(document.get("metadata"), dict):
            raise DocumentError(
                f"{source}: document {at} is no Kubernetes object: it needs apiVersion, kind and metadata"
            )
        found += document.get("items") or [] if document["kind"] == "List" else [document]
    if not found:
        raise DocumentError(f"{source}: there is no object in it")
    return found


def _context(objects: list[dict[str, Any]], obj: dict[str, Any]) -> Context:
    """The other objects of the same files and namespace."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for other in objects:
        if other["metadata"].get("namespace") == obj["metadata"].get("namespace"):
            by_kind.setdefault(str(other["kind"]), []).append(other)
    return Context(by_kind)


def _called(verdict: Admitted) -> str:
    return f"{verdict.obj['kind']} {name(verdict.obj)}"


class _Plain(yaml.SafeDumper):
    """No anchors; text of several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Plain.add_representer(
    str,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None),
)
