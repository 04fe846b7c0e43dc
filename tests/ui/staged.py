"""A session whose world is set by hand: what stands behind the console in its tests. Also a program:

python tests/ui/staged.py [--pods N] [--storm] [--layouts DIR]      the console on a terminal, on a generated world
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from osconsole.cli.encoding import fit_output
from osconsole.errors import OsconsoleError, Unreachable
from osconsole.hindsight import Hindsight
from osconsole.history.history import History
from osconsole.model import kinds
from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.connection import Context, Status, Submitted
from osconsole.model.logs import LogLine
from osconsole.model.preview import Finding, Preview, Touched
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import planfiles
from osconsole.settings import document_folders
from osconsole.store import Store

CORE = "core.openstack.org/v1beta1"
OLD = "2026-01-01T00:00:00Z"


class StagedSession:
    """The vocabulary of `osconsole.session.Session` over a snapshot that the test moves."""

    playback = None

    def __init__(self, snapshot: Snapshot | None = None, status: Status | None = None) -> None:
        self.snapshot = snapshot or Snapshot()
        self.status = status or Status("prod", "https://127.0.0.1", "anna", "openstack", state="live", rtt_ms=1)
        self.watched: list[frozenset[KindKey]] = []
        self.submitted: list[Preview] = []
        self.error: OsconsoleError | None = None
        self.log_lines: asyncio.Queue[LogLine] = asyncio.Queue()
        self.clock = None
        self.past = StagedPast(self)
        self._moved = asyncio.Event()

    def move(self, *changes) -> None:
        """The world moves."""
        self.snapshot = self.snapshot.apply(changes)
        self._moved.set()

    def turn(self, status: Status) -> None:
        self.status = status
        self._moved.set()

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def follow(self) -> AsyncIterator[Snapshot]:
        while True:
            self._moved.clear()
            yield self.snapshot
            await self._moved.wait()

    def show(self, kinds, namespace=None) -> None:
        self.watched.append(frozenset(kinds))

    def kinds(self):
        return kinds.KINDS

    async def read(self, ref: Ref) -> Resource | None:
        if self.error:
            raise self.error
        return self.snapshot.get(ref)

    async def inventory(self, nodeset: Resource) -> dict:
        hosts = {"edpm-compute-0": {"ansible_host": "192.168.122.100", "ansible_password": "••••"}}
        return {nodeset.ref.name: {"vars": {"ansible_user": "cloud-admin"}, "hosts": hosts}}

    async def operators(self) -> tuple[tuple[Ref, ...], str]:
        return (kinds.key("Pod").ref("openstack-operators", "keystone-operator"),), "manager"

    async def can(self, intent) -> str:
        return "" if type(intent).__name__ != "Deploy" else "create openstackdataplanedeployments"

    async def may(self, what) -> str:
        return ""

    @asynccontextmanager
    async def forwarding(self, wanted, told):
        yield wanted

    async def exec(self, what, terminal) -> int:
        """Says everything louder; `q` ends it, `x` breaks the line."""
        async for columns, lines in terminal.sizes():
            await terminal.write(f"shell in {what.container} {columns}x{lines} \x1b[?1049h\r\n".encode())
            break
        while data := await terminal.read():
            if data == b"q":
                return 7
            if data == b"x":
                raise Unreachable(f"pod {what.pod.name}: the connection was cut")
            await terminal.write(data.upper().replace(b"\x03", b"^C"))
        raise Unreachable("broken off from here")

    def contexts(self):
        return (Context("prod", "https://a", "anna", current=True), Context("lab", "https://b", "anna"))

    async def use(self, context: str) -> None:
        self.turn(Status(context, state="connecting"))

    def scope(self, namespace: str) -> None:
        import msgspec

        self.turn(msgspec.structs.replace(self.status, namespace=namespace))

    def plans(self):
        return planfiles.known()

    async def preview(self, intent) -> Preview:
        if self.error:
            raise self.error
        ref = getattr(intent, "ref", None) or KindKey("x", "Deployment").ref(intent.namespace, "new")
        typed = ref.name if type(intent).__name__ == "Delete" else ""
        return Preview(
            intent, f"{type(intent).__name__} {ref.short}", ref, "it owns the field", "u", "7", 1,
            (Touched(("spec", "replicas"), 1, 2),), ("--- a", "+++ b", "-  replicas: 1", "+  replicas: 2"), (),
            ("1 pod starts",), (Finding("ok", "ready now"), Finding("warn", "bo drives a plan")),
            "scale back to 1", typed,
        )  # fmt: skip

    async def submit(self, preview: Preview) -> Submitted:
        if self.error:
            raise self.error
        self.submitted.append(preview)
        return Submitted(preview.target, f"{preview.target.short}: accepted")

    async def abort(self, run: Ref) -> None: ...

    async def logs(self, what, **_):
        while True:
            yield await self.log_lines.get()

    def journal(self, limit: int = 100):
        return ()

    def now(self) -> float:
        return self.clock if self.clock is not None else time.time()


class StagedPast(Hindsight):
    """The past of a staged session: its world as it was when it began, a minute ago."""

    def __init__(self, session: StagedSession) -> None:
        self._session = session
        self._kept = History("prod", memory=True)
        super().__init__(Store(), lambda: self._kept, session.journal)

    def begin(self, *changes) -> None:
        self._kept.record(changes, [], changes[0].at)

    async def look(self, at: float) -> None:
        live, was = self._session, self.at
        await super().look(at)
        self._before = self._before if was else (live.snapshot, live.status)
        live.snapshot, status = (self.snapshot, self._before[1]) if at else self._before
        live.clock = self.at or None
        live.turn(self.told(status))


def thing(kind: str, name: str, spec=None, status=None, **meta) -> Resource:
    """An object of a known kind in namespace openstack."""
    found = next(k for k in kinds.KINDS if k.kind == kind)
    namespace = {"namespace": "openstack"} if found.namespaced else {}
    return resource({
        "apiVersion": found.api_version, "kind": kind, "spec": spec or {}, "status": status or {},
        "metadata": {
            "name": name, "uid": f"{kind}/{name}", "resourceVersion": "1", "generation": 1, "creationTimestamp": OLD,
            **namespace, **meta,
        },
    })  # fmt: skip


def owned_by(owner: Resource) -> dict:
    return {
        "ownerReferences": [
            {
                "apiVersion": owner.api_version,
                "kind": owner.ref.kind,
                "name": owner.ref.name,
                "uid": owner.uid,
                "controller": True,
            }
        ]
    }


def ready(word: str = "True", message: str = "") -> dict:
    return {
        "observedGeneration": 1,
        "conditions": [{"type": "Ready", "status": word, "message": message, "lastTransitionTime": OLD}],
    }


def pod(name: str, version: int = 1, *, up: bool = True, restarts: int = 0, **meta) -> Resource:
    state = {"running": {"startedAt": OLD}} if up else {"waiting": {"reason": "CrashLoopBackOff"}}
    status = {
        "phase": "Running",
        "podIP": "10.0.0.7",
        "containerStatuses": [{"name": "main", "ready": up, "restartCount": restarts, "state": state}],
        "conditions": [{"type": "Ready", "status": "True" if up else "False", "lastTransitionTime": OLD}],
    }
    containers = [{"name": "main", "image": "quay.io/x/nova-api@sha256:9f2c00"}]
    return thing(
        "Pod",
        name,
        {"nodeName": "worker-1", "containers": containers},
        status,
        **{"resourceVersion": str(version), **meta},
    )


def world(pods: int = 30) -> Snapshot:
    """A control plane with two services, one of them with a pod that crashes, a NodeSet, and some more pods."""
    plane = thing("OpenStackControlPlane", "controlplane", {}, ready())
    out = [plane]
    for kind, name, up in (("KeystoneAPI", "keystone", True), ("Nova", "nova", False)):
        service = thing(
            kind,
            name,
            {"replicas": 1},
            ready("True" if up else "False", "" if up else "conductor 0/1"),
            **owned_by(plane),
        )
        deployment = thing(
            "Deployment",
            name,
            {"replicas": 1},
            {"observedGeneration": 1, "replicas": 1, "readyReplicas": int(up), "updatedReplicas": 1},
            **owned_by(service),
        )
        replicas = thing(
            "ReplicaSet",
            f"{name}-abc",
            {"replicas": 1},
            {"replicas": 1, "readyReplicas": int(up)},
            **owned_by(deployment),
        )
        out += [service, deployment, replicas, pod(f"{name}-abc-x7k2p", up=up, **owned_by(replicas))]
    out.append(
        thing(
            "OpenStackDataPlaneNodeSet",
            "edpm-compute",
            {"nodes": {"a": {}, "b": {}}, "services": ["bootstrap", "configure-os"]},
            ready(),
        )
    )
    out += [pod(f"pod-{n:05}") for n in range(pods)]
    return Snapshot().apply(listed(*out))


def listed(*resources: Resource) -> list[Listed]:
    by: dict[KindKey, list[Resource]] = {k.key: [] for k in kinds.KINDS}
    for found in resources:
        by[found.kind].append(found)
    return [Listed(kind, "", tuple(found), time.time()) for kind, found in by.items()]


async def storm(session: StagedSession, pods: int) -> None:
    """A pod changes every now and then."""
    version = 1
    while True:
        await asyncio.sleep(0.02)
        version += 1
        session.move(
            *(
                Put(pod(f"pod-{(version * 7 + n * 13) % pods:05}", version, restarts=version), time.time())
                for n in range(20)
            )
        )


def main() -> None:
    from osconsole.ui.app import Console
    from osconsole.ui.opening import open_desk
    from osconsole.ui.theme import terminal_theme

    pods = int(sys.argv[sys.argv.index("--pods") + 1]) if "--pods" in sys.argv else 30
    folders = document_folders("layouts", sys.argv[sys.argv.index("--layouts") + 1] if "--layouts" in sys.argv else "")
    session = StagedSession()
    status = session.status
    session.status = Status("prod", state="connecting", since=time.time())

    async def run() -> None:
        session.snapshot = world(pods)
        now = time.time()
        session.past.begin(*(Listed(k, "", tuple(f.values()), now - 60) for k, f in session.snapshot.objects.items()))
        if "--gone" in sys.argv:
            session.move(
                Gone(next(iter(session.snapshot.objects[KindKey("keystone.openstack.org", "KeystoneAPI")])), now)
            )
        session.turn(status)
        if "--storm" in sys.argv:
            await storm(session, pods)
        count = 0
        while "--logs" in sys.argv:
            await asyncio.sleep(0.05)
            count += 1
            ref = Ref("", "Pod", "openstack", f"pod-0000{count % 3}")
            word = ("INFO", "ERROR", "WARNING", "DEBUG")[count % 4]
            await session.log_lines.put(
                LogLine(
                    ref,
                    "main",
                    # One request goes through three pods; what they write would clear a terminal and name it.
                    f"2026-01-01 nova {word} [req-{count // 3:04}] \x1b[31;1m\x1b[2Jline\x1b]0;ti\x07 {count} "
                    + "x" * (count % 200),
                    time.time(),
                )
            )
        await asyncio.Event().wait()

    session.run = run
    fit_output()
    sys.exit(Console(*open_desk(session, folders), terminal_theme(sys.stdout.encoding)).run(mouse=False))


if __name__ == "__main__":
    main()
