"""What there is to read of an object besides itself: a NodeSet's inventory, what operators write about it."""

import asyncio

import pytest

from osconsole.model.changes import Put
from osconsole.model.logs import LogLine
from osconsole.model.resource import resource
from osconsole.settings import document_folders
from osconsole.ui.desk import Desk
from osconsole.ui.keys import Keymap
from osconsole.ui.layouts import Layouts
from osconsole.ui.looks import Looks
from osconsole.ui.moves import Moves
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.views import layout
from tests.ui.staged import StagedSession, world
from tests.ui.test_acts import Later

T = 1_767_225_600.0
NODESET = {
    "apiVersion": "dataplane.openstack.org/v1beta1",
    "kind": "OpenStackDataPlaneNodeSet",
    "metadata": {"name": "edpm", "namespace": "openstack", "uid": "u-edpm", "resourceVersion": "1"},
    "spec": {"nodes": {"edpm-compute-0": {"hostName": "edpm-compute-0"}}},
    "status": {"configHash": "a"},
}


class Woken(Later):
    """A host that tells that something is different."""

    def __init__(self):
        super().__init__()
        self.woken = asyncio.Event()

    def wake(self):
        self.woken.set()


@pytest.fixture
async def desk():
    """At the table of NodeSets, the only one of them selected."""
    layouts, session = Layouts(document_folders("layouts")), StagedSession(world())
    nodeset = resource(NODESET)
    session.snapshot = session.snapshot.apply([Put(nodeset, T)])
    kind = next(k for k in session.kinds() if k.key == nodeset.kind)
    found = Desk(session, Woken(), lambda desk: LayoutScreen(desk, layout.generic(kind)), Keymap({}))
    moves = Moves(found, layouts)
    found.handlers = (moves, Looks(found, moves.commands.screen))
    found.run = moves.commands.run
    found.resize(80, 24)
    found.put(session.snapshot)
    assert found.place.subject() == nodeset.ref
    return found


def shown(desk):
    return "\n".join("".join(text for text, _ in line) for line in desk.frame.lines(desk.session.now()))


async def test_the_inventory_of_a_nodeset_and_what_one_host_gets(desk):
    desk.run(":inventory")
    await desk.host.finish()
    assert "ansible_host: 192.168.122.100" in shown(desk)
    assert "no Deployment has used an inventory" in shown(desk)
    desk.run(":inventory edpm-compute-0")
    await desk.host.finish()
    assert "# ssh cloud-admin@192.168.122.100" in shown(desk)
    assert "ansible_password: ••••" in shown(desk)
    nodes = LayoutScreen(desk, Layouts(document_folders("layouts")).get("nodes"), "nodes")
    desk.open(nodes)
    while nodes.table.row.key.kind != "Host":
        nodes.move(1)
    desk.run(":inventory")  # on the row of a host
    await desk.host.finish()
    assert "inventory of edpm-compute-0 of" in shown(desk)
    desk.backward()
    desk.backward()
    desk.run(":inventory nobody")
    await desk.host.finish()
    assert "has no host nobody" in shown(desk)


async def test_what_operators_write_about_an_object(desk):
    pods, container = await desk.session.operators()
    about = '2026-01-01T00:00:00Z\tERROR\tReconciler error\t{"controllerKind": "OpenStackDataPlaneNodeSet", '
    about += '"controllerGroup": "dataplane.openstack.org", "namespace": "openstack", "name": "%s", "error": "no IP"}'
    for text in (about % "other", about % "edpm", "goroutine 1 [running]:"):
        desk.session.log_lines.put_nowait(LogLine(pods[0], container, text))
    desk.run(":operator")
    screen = desk.place

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(desk.host.work.pop(0))
        while screen.log.total < 2:
            await desk.host.woken.wait()
            desk.host.woken.clear()
        reading.cancel()
    text = shown(desk)
    assert "what operators write about" in text
    assert '"name": "edpm"' in screen.whole(0)
    assert screen.whole(1).endswith("goroutine 1 [running]:"), "a trace belongs to the line before"
