"""A table that is made anew after a few changes is what it would be if it were made from nothing."""

import random

import pytest

from osconsole.model.changes import Gone, Put
from osconsole.model.snapshot import Snapshot
from osconsole.ui.lines.listing import Listing
from osconsole.views import table
from osconsole.views.layout import Pane


def _pod(make, name, restarts):
    state = {"name": "c", "restartCount": restarts, "ready": restarts % 2 == 0, "state": {"running": {}}}
    return make(
        "v1", "Pod", name, namespace=f"n{len(name) % 2}", status={"phase": "Running", "containerStatuses": [state]}
    )


@pytest.mark.parametrize("sort", ["name", "-restarts"])
@pytest.mark.parametrize("scope", ["", "n0"])
def test_a_storm_of_changes(make, sort, scope):
    dice, memo, snapshot = random.Random(7), table.Memo(), Snapshot()
    pane = Pane(title="pods", show="table", kind="Pod", columns=("name", "ready", "restarts"), sort=sort)
    listing = Listing()
    listing.resize(5)
    for step in range(120):
        names = ["p" * dice.randrange(1, 9) + str(dice.randrange(4)) for _ in range(dice.randrange(4))]
        changes = [Put(_pod(make, name, dice.randrange(3)), float(step)) for name in names]
        if step % 5 == 4:
            changes.append(Gone(next(snapshot.all(pane.subject.key)).ref, float(step)))
        snapshot = snapshot.apply(changes)
        found = table.rows(snapshot, pane, scope, float(step), memo)
        anew = table.rows(snapshot, pane, scope, float(step), table.Memo())
        assert [(row.ref, row.cells, row.state) for row in found.rows] == [
            (row.ref, row.cells, row.state) for row in anew.rows
        ]
        listing.put(found.rows, float(step * 10))
        listing.settle(float(step * 10 + 5))
        assert tuple(listing.shown) == tuple(found.rows)


@pytest.mark.parametrize(
    ("kind", "status", "shown"),
    [
        ("mariadb.openstack.org/v1beta1 Galera", "True", "3/3"),
        ("mariadb.openstack.org/v1beta1 Galera", "False", "?/3"),
        ("rabbitmq.openstack.org/v1beta1 RabbitMq", "False", "0/3"),
    ],
)
def test_members_that_no_status_counts_are_not_said_to_be_missing(make, condition, snapshot_of, kind, status, shown):
    version, name = kind.split()
    found = make(version, name, "x", spec={"replicas": 3}, status={"conditions": [condition("Ready", status)]})
    pane = Pane(show="table", kind=name, columns=("name", "ready"))
    row = next(iter(table.rows(snapshot_of(found), pane, "", 1_767_225_700.0).rows))
    assert row.cells[1].text == shown
