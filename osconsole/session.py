"""Session: one running console, and the only object that the UI is given. Values in, values out.

It owns the TaskGroup under which every stream runs. It never raises for weather: a cluster that does not answer is a
`Status`, not an exception. What things mean is judged in `views` and `reconcile`, never here.
"""

from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self

from osconsole.journal import Entry
from osconsole.model.connection import Context, Options, Status, Submitted
from osconsole.model.intents import Intent
from osconsole.model.kinds import Kind
from osconsole.model.logs import LogLine
from osconsole.model.preview import Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot


class Session:
    """`async with Session(Options()) as session:`; or `await session.run()` where a task of the caller owns it."""

    def __init__(self, options: Options) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """Connect, watch, reconnect; returns only by cancellation."""
        raise NotImplementedError

    @property
    def status(self) -> Status:
        """How the line stands, now."""
        raise NotImplementedError

    @property
    def snapshot(self) -> Snapshot:
        """The world, now."""
        raise NotImplementedError

    def follow(self) -> AsyncIterator[Snapshot]:
        """The latest snapshot, again whenever it or the status changed; slow readers skip revisions."""
        raise NotImplementedError

    def show(self, kinds: Iterable[KindKey], namespace: str | None = None) -> None:
        """What must be watched now (replaces the last call); None is the session's own scope."""
        raise NotImplementedError

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of our table and those that the server serves."""
        raise NotImplementedError

    async def read(self, ref: Ref) -> Resource | None:
        """A fresh GET; None when there is no such object. Raises our errors."""
        raise NotImplementedError

    async def can(self, intent: Intent) -> str:
        """Empty when the rights reach, else the missing right in words."""
        raise NotImplementedError

    def contexts(self) -> tuple[Context, ...]:
        """The contexts of the kubeconfig; empty when it cannot be read."""
        raise NotImplementedError

    async def use(self, context: str) -> None:
        """Go over to another context; the snapshot starts anew."""
        raise NotImplementedError

    def scope(self, namespace: str) -> None:
        """Go over to another namespace, "" for all."""
        raise NotImplementedError

    async def preview(self, intent: Intent) -> Preview:
        """What the intent would do. Raises our errors; a refusal is a finding, not an error."""
        raise NotImplementedError

    async def submit(self, preview: Preview) -> Submitted:
        """Carry out what was previewed. Raises Refused, Conflict (preview anew) or another of our errors."""
        raise NotImplementedError

    async def abort(self, run: Ref) -> None:
        """Stop a run between two steps, for good."""
        raise NotImplementedError

    async def pause(self, run: Ref) -> None:
        """Hold a run between two steps."""
        raise NotImplementedError

    async def resume(self, run: Ref) -> None:
        """Let a held run go on."""
        raise NotImplementedError

    def logs(
        self,
        what: Ref | tuple[Ref, ...],
        *,
        follow: bool = True,
        tail: int = 500,
        previous: bool = False,
        container: str = "",
        since_s: int = 0,
    ) -> AsyncIterator[LogLine]:
        """Lines of a pod, of every pod under an object (new ones join while following), or of several objects."""
        raise NotImplementedError

    def journal(self, limit: int = 100) -> tuple[Entry, ...]:
        """What was decided and done in this context, newest last."""
        raise NotImplementedError

    def now(self) -> float:
        """Unix seconds: the one clock that the UI asks."""
        raise NotImplementedError
