"""Table objects: the rows that `kubectl get` prints, made by the server.

The server decides what each row carries of its object (metadata, everything, nothing) and passes it in; the cells come
from the printers of `printing`.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from osconsole.embedded.api.printing.cluster import CLUSTER, PLAIN
from osconsole.embedded.api.printing.columns import printer as custom_printer
from osconsole.embedded.api.printing.pods import PODS
from osconsole.embedded.api.printing.values import Header, Printer
from osconsole.embedded.api.printing.workloads import WORKLOADS
from osconsole.embedded.api.types import ResourceType

_PRINTERS = {**WORKLOADS, **CLUSTER, "Pod": PODS}
_DESCRIPTIONS = {
    "Name": "Name of the object, unique within its namespace.",
    "Age": "Time since the object was created.",
}


def printer(resource: ResourceType) -> Printer:
    """The printer of a kind; make it once for each request or keep it with the type."""
    return custom_printer(resource.columns) if resource.custom else _PRINTERS.get(resource.kind, PLAIN)


def definitions(found: Printer) -> list[dict[str, Any]]:
    """The Table's columnDefinitions."""
    return [_definition(header) for header in found.headers]


def _definition(header: Header) -> dict[str, Any]:
    return {
        "name": header.name,
        "type": header.type,
        "format": header.format,
        "description": _DESCRIPTIONS.get(header.name, header.name),
        "priority": header.priority,
    }


def row(found: Printer, obj: dict[str, Any], now: datetime.datetime, carried: dict[str, Any] | None) -> dict[str, Any]:
    """One row: the cells of `obj`, and as `object` what the client asked to have beside them, null for nothing."""
    return {"cells": found.cells(obj, now), "object": carried}


def table(
    rows: Iterable[dict[str, Any]], columns: list[dict[str, Any]] | None, metadata: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A Table of rows; `columns` is None after the first Table of a watch, `metadata` that of the list."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata or {},
        "columnDefinitions": columns,
        "rows": list(rows),
    }
