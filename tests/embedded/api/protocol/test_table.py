import datetime
import json
from pathlib import Path

import pytest

from osconsole.embedded.api.printing.columns import printer as columns_printer
from osconsole.embedded.api.printing.values import duration
from osconsole.embedded.api.protocol.table import definitions, printer, row, table
from osconsole.embedded.api.types import Column, ResourceType

# Objects and the Tables that a kube-apiserver 1.35 made of them.
RECORDED = json.loads(Path(__file__).parents[1].joinpath("data_tables.json").read_text())
NOW = datetime.datetime(2026, 1, 2, 0, 0, tzinfo=datetime.UTC)


def resource(kind, **more):
    return ResourceType(group="", version="v1", kind=kind, plural="", singular="", namespaced=True, **more)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["path"])
def test_tables_as_the_server_makes_them(recorded):
    found = printer(resource(recorded["kind"]))
    assert [[one.name, one.type, one.priority, one.format] for one in found.headers] == recorded["headers"]
    now = datetime.datetime.fromisoformat(recorded["now"])
    for one in recorded["rows"]:
        assert found.cells(one["object"], now) == one["cells"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (185, "3m5s"),
        (600, "10m"),
        (3 * 3600, "3h"),
        (5 * 3600 + 720, "5h12m"),
        (9 * 3600 + 60, "9h"),
        (51 * 3600, "2d3h"),
        (45 * 86400, "45d"),
        (800 * 86400, "2y70d"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_columns_of_a_custom_kind():
    columns = (
        Column("Size", "integer", ".spec.size"),
        Column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
        Column("Since", "date", ".metadata.creationTimestamp"),
        Column("First", "string", ".spec.list[0]"),
        Column("All", "string", ".spec.list"),
        Column("Missing", "string", ".spec.nope"),
        Column("Flag", "boolean", ".spec.flag"),
    )
    obj = {
        "metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"size": 3, "list": ["a", "b"], "flag": True},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }
    assert columns_printer(columns).cells(obj, NOW) == ["x", 3, "True", "24h", "a", '["a","b"]', None, True]


def test_a_custom_kind_without_columns_shows_its_age():
    found = printer(resource("Foo", custom=True))
    obj = {"metadata": {"name": "x", "creationTimestamp": "2026-01-01T23:59:00Z"}}
    made = table([row(found, obj, NOW, {"metadata": {}})], definitions(found), {"resourceVersion": "1"})
    assert made["rows"] == [{"cells": ["x", "60s"], "object": {"metadata": {}}}]
    assert [one["name"] for one in made["columnDefinitions"]] == ["Name", "Age"]
