"""The why screen as a person has it: `w` on anything, down the steps, Enter goes there, it moves with the world."""

import asyncio

from osconsole.model.changes import Listed, Put
from osconsole.model.evidence import LogTail
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.ui.lines.source import Source
from osconsole.ui.screens.why import WhyScreen
from tests.ui.staged import StagedSession, pod, thing, world


def test_w_on_a_control_plane_leads_to_the_pod(terminal):
    term = terminal()
    term.until(lambda s: "controlplane" in s and "keystone" in s)
    term.send(":openstackcontrolplanes\r")
    term.until(lambda s: "openstackcontrolplanes" in s)
    term.send("w")
    text = term.until(lambda s: "why ControlPlane" in s or "why OpenStackControlPlane" in s)
    text = term.until(lambda s: "It clears when" in s)
    assert "keeps exiting" in text
    assert text.rindex("Nova nova") < text.rindex("Deployment nova") < text.rindex("Pod nova-abc-x7k2p")
    term.send("jjjj\r")
    term.until(lambda s: "Pod nova-abc-x7k2p in openstack" in s and "SUMMARY" in s)
    term.send("\x1b")
    term.until(lambda s: "It clears when" in s)


class Desk:
    """As much of a desk as one screen needs: it keeps what is started and what is opened."""

    def __init__(self, session: StagedSession) -> None:
        self.session = session
        self.tasks: list[asyncio.Task] = []
        self.opened: list[object] = []
        self.screen: WhyScreen | None = None

    def start(self, work, name):
        self.tasks.append(asyncio.get_running_loop().create_task(work, name=name))
        return self.tasks[-1]

    def renew(self) -> None:
        if self.screen:
            self.screen.refresh(self.session.snapshot, self.session.now())

    def open(self, place) -> None:
        self.opened.append(place)


class Logging(StagedSession):
    """Its pods have said one thing."""

    async def logs(self, what, **_):
        yield LogLine(what, "main", "(1049, \"Unknown database 'nova_api'\")")


def shown(source: Source) -> str:
    return "\n".join("".join(text for text, _ in source.spans(n)) for n in range(source.first, source.total))


async def test_it_reads_the_log_and_moves_with_the_world():
    session = Logging(world())
    nova = Ref("nova.openstack.org", "Nova", "openstack", "nova")
    name = "nova-abc-x7k2p"
    owner = next(
        r for r in session.snapshot.objects[Ref("apps", "ReplicaSet", "", "")[:2]].values() if "nova" in r.ref.name
    )
    meta = {"ownerReferences": [{
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner.ref.name, "uid": owner.uid, "controller": True,
    }]}  # fmt: skip
    session.move(Put(pod(name, 2, up=False, restarts=2, **meta), session.now()))
    desk = Desk(session)
    screen = desk.screen = WhyScreen(desk, nova)
    desk.renew()
    assert screen.found
    assert [type(want) for want in screen.found.wants] == [LogTail]
    await desk.tasks[0]
    assert screen.found.cause == "database-without-schema"
    assert "nova_api" in shown(screen.text.source)
    session.move(Put(pod(name, 3, up=True, **meta), session.now()))
    desk.renew()
    assert screen.found.cause != "database-without-schema"
    screen.leave()


def test_w_on_a_host_is_about_the_host(terminal):
    term = terminal()
    term.until(lambda s: "controlplane" in s and "keystone" in s)
    term.send(":nodes\r")
    term.until(lambda s: "Compute nodes" in s and "edpm-compute" in s)
    term.send("jw")
    text = term.until(lambda s: "why Host edpm-compute/a" in s)
    assert "nothing has run on it yet" in text


class Storing(StagedSession):
    """A cluster whose StorageClasses are not watched."""

    classes: tuple[str, ...] = ()

    async def read(self, ref):
        return thing("StorageClass", ref.name) if ref.name in self.classes else None


async def test_what_is_not_watched_is_read_again_while_it_is_shown():
    session = Storing()
    session.clock = 1_800_000_000.0
    claim = thing("PersistentVolumeClaim", "data", {"storageClassName": "fast"}, {"phase": "Pending"})
    session.move(Listed(claim.kind, "", (claim,), session.now()))
    desk = Desk(session)
    screen = desk.screen = WhyScreen(desk, claim.ref)
    desk.renew()
    await desk.tasks[-1]
    assert screen.found
    assert screen.found.cause == "storage-class-unknown"
    desk.renew()
    assert len(desk.tasks) == 1
    session.classes = ("fast",)
    session.clock += 60
    desk.renew()
    assert screen.found.cause == "storage-class-unknown"
    await desk.tasks[-1]
    assert screen.found.cause == "claim-waits-for-pod"
