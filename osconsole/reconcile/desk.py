"""The desk: where intents are handed in. Judged, tried on the server without effect, recorded, carried out.

Judging is `preflight`'s, writing is `execute`'s; this module asks the server in between and keeps the journal.
"""

import msgspec

from osconsole.errors import ApiError, Conflict, Forbidden, Invalid, NotFound, OsconsoleError, Refused
from osconsole.journal import Entry, Journal, begun
from osconsole.kube import access
from osconsole.kube.api import Answer, Api
from osconsole.model.connection import Submitted
from osconsole.model.intents import Intent
from osconsole.model.kinds import BY_KEY, Kind
from osconsole.model.preview import Finding, Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import carriers, difference, preflight, states
from osconsole.reconcile.actions import Action, Create, Ensure, Evict, Patch, Remove, SetStatus
from osconsole.reconcile.execute import Executor, FindKind, ref_of
from osconsole.reconcile.expectations import Written

_TRIES = 3  # status moves between reading and writing; a spec that moved is noticed before


class Rules(msgspec.Struct, frozen=True):
    """What this session may do: `read_only` is the reason why it may not write, "" when it may."""

    context: str
    login: str = ""
    read_only: str = ""
    protected: bool = False


class Desk:
    """Intents of one connection."""

    def __init__(self, api: Api, journal: Journal, rules: Rules, kinds: FindKind = BY_KEY.get) -> None:
        self._api = api
        self._journal = journal
        self._rules = rules
        self._kinds = kinds
        self._executor = Executor(api, kinds)

    async def preview(self, intent: Intent, snapshot: Snapshot, now: float) -> Preview:
        """The judgement with the server's own words, the difference, and what this session's rules say.

        Raises:
            Refused: there is nothing to judge.
            Unreachable, ApiError: the server could not be asked.
        """
        found = preflight.judge(intent, snapshot, now)
        if self._rules.read_only:
            found = _with(found, Finding("refused", self._rules.read_only))
        elif self._rules.protected:
            found = msgspec.structs.replace(found, confirm=found.confirm or self._rules.context)
        if found.refused:
            return found
        for action in preflight.writes(found, snapshot, now):
            found = await self._tried(found, action)
        return found if found.refused else await carriers.checked(self._api, found)

    async def can(self, intent: Intent, snapshot: Snapshot, now: float) -> str:
        """Empty when the rights reach, else the missing right or the reason in words; numbers and texts may be any."""
        if self._rules.read_only:
            return self._rules.read_only
        try:
            found = preflight.judge(intent, snapshot, now)
            actions = preflight.needed(found, snapshot, now)
        except Refused as error:
            return str(error)
        for action in actions:
            verb, ref, subresource = _right(action)
            kind = self._kind(ref)
            lacks = await access.missing(self._api, verb, kind, ref.namespace, ref.name, subresource)
            if lacks:
                return f"no permission: {lacks}"
        carrier = await carriers.of(self._api, found)
        return carrier.refusal if carrier else ""

    async def submit(self, preview: Preview, snapshot: Snapshot, now: float) -> Submitted:
        """Carry out what was previewed, once the target is found to be as it was then.

        Raises:
            Refused: the preview or the rules say no.
            Conflict: the target has changed since: preview anew.
            ApiError, Unreachable, OsconsoleError: as the server or the journal has it.
        """
        if self._rules.read_only:
            raise Refused(self._rules.read_only)
        actions = preflight.writes(preview, snapshot, now)
        carrier = await carriers.of(self._api, preview)
        if carrier and carrier.refusal:
            raise Refused(carrier.refusal)
        last: Ref = preview.target
        for action in actions:
            written = await self._recorded(preview, action)
            last = written.ref if written else last
        return Submitted(last, f"{preview.title}: accepted", driven_here=bool(carrier and carrier.here))

    async def steer(self, run: Resource, state: str, now: float) -> None:
        """Stop, hold or resume a run."""
        if self._rules.read_only:
            raise Refused(self._rules.read_only)
        action = states.steer(run, state, now)
        entry = self._entry(f"run {run.ref.name}: {state}", run.ref, action.patch, run.version)
        self._journal.write(entry)
        try:
            written = await self._executor.carry_out(action)
        except OsconsoleError as error:
            self._journal.write(msgspec.structs.replace(entry, result=str(error)))
            raise
        self._done(msgspec.structs.replace(entry, after=written.version if written else run.version))

    async def _recorded(self, preview: Preview, action: Action) -> Written | None:
        entry = self._entry(preview.title, _ref(action), _content(action), preview.version)
        if isinstance(action, Patch):
            was = {".".join(t.path): t.old for t in preview.touches if t.old is not None}
            entry = msgspec.structs.replace(entry, was=was)
        self._journal.write(entry)
        try:
            written = await self._written(preview, action)
        except OsconsoleError as error:
            self._journal.write(msgspec.structs.replace(entry, result=str(error)))
            raise
        after = written.version if written else ""
        ref = written.ref if written else entry.ref
        self._done(msgspec.structs.replace(entry, after=after, ref=ref))
        return written

    def _done(self, entry: Entry) -> None:
        try:
            self._journal.write(msgspec.structs.replace(entry, result="done"))
        except OsconsoleError as error:
            raise OsconsoleError(f"{entry.did}: it is done, only not recorded as such: {error}") from None

    async def _written(self, preview: Preview, action: Action) -> Written | None:
        if isinstance(action, Create):  # to a person "it exists already" is an error, to a decider it is not
            ref = ref_of(action.body)
            made = (await self._api.create(self._kind(ref).path(ref.namespace), action.body)).object()
            return Written(ref_of(made), dig(made, "metadata", "resourceVersion", default=""))
        if not isinstance(action, Patch):
            return await self._executor.carry_out(action)
        for last in range(_TRIES):
            version = await self._unchanged(preview)
            try:
                return await self._executor.carry_out(msgspec.structs.replace(action, version=version))
            except Conflict:
                if last == _TRIES - 1:
                    raise
        return None

    async def _unchanged(self, preview: Preview) -> str:
        """The resourceVersion of the target, which is still as it was judged.

        Raises:
            Conflict: it is not.
        """
        try:
            body = await self._executor.read(preview.target)
        except NotFound:
            raise Conflict(f"{preview.target} is gone since you looked: look again", 409) from None
        if dig(body, "metadata", "uid") != preview.uid:
            raise Conflict(f"{preview.target} was deleted and made anew since you looked: look again", 409)
        for touched in preview.touches:
            value = dig(body, *touched.path)
            if value != touched.old:
                where, new, old = ".".join(touched.path), touched.shown(value), touched.shown(touched.old)
                raise Conflict(f"{preview.target}: {where} is {new} by now, it was {old}: look again", 409)
        return str(dig(body, "metadata", "resourceVersion", default=""))

    async def _tried(self, preview: Preview, action: Action) -> Preview:
        """The preview with what a dry run of the action showed."""
        ref = _ref(action)
        before = {} if isinstance(action, Create) else await self._executor.read(ref)
        try:
            answer = await self._dry_run(action, ref)
        except (Forbidden, Invalid, Conflict) as error:
            return _with(preview, Finding("refused", _words(error)))
        after = answer.object() if answer and not isinstance(action, Remove | Evict) else {}
        return msgspec.structs.replace(
            preview,
            diff=(*preview.diff, *(difference.lines(before, after, ref) if after else ())),
            warnings=(*preview.warnings, *(answer.warnings if answer else ())),
        )

    async def _dry_run(self, action: Action, ref: Ref) -> Answer | None:
        kind = self._kind(ref)
        match action:
            case Create(body=body):
                return await self._api.create(kind.path(ref.namespace), body, dry_run=True)
            case Patch(patch=patch):
                return await self._api.patch(kind.path(ref.namespace, ref.name), patch, dry_run=True)
            case Remove(uid=uid):
                return await self._api.delete(kind.path(ref.namespace, ref.name), uid=uid, dry_run=True)
        await self._executor.carry_out(action, dry_run=True)
        return None

    def _kind(self, ref: Ref) -> Kind:
        found = self._kinds(KindKey(ref.group, ref.kind))
        if found is None:
            raise Refused(f"{ref}: this cluster has no kind {ref.kind}")
        return found

    def _entry(self, did: str, ref: Ref, patch: object, before: str) -> Entry:
        rules = self._rules
        return begun(did, ref, rules.context, rules.login, before=before, patch=patch)


def _ref(action: Action) -> Ref:
    return ref_of(action.body) if isinstance(action, Create | Ensure) else action.ref


def _content(action: Action) -> object:
    match action:
        case Create(body=body) | Ensure(body=body):
            return body
        case Patch(patch=patch):
            return patch
        case SetStatus(status=status):
            return {"status": status}
        case Remove():
            return {"delete": action.propagation}
    return {"evict": True}


def _right(action: Action) -> tuple[str, Ref, str]:
    """Verb, object and subresource that an action needs."""
    ref = _ref(action)
    match action:
        case Create():
            return "create", ref, ""
        case Remove():
            return "delete", ref, ""
        case Evict():
            return "create", ref, "eviction"
        case SetStatus():
            return "patch", ref, "status"
    return "patch", ref, ""


def _with(preview: Preview, finding: Finding) -> Preview:
    return msgspec.structs.replace(preview, findings=(*preview.findings, finding))


def _words(error: ApiError) -> str:
    if isinstance(error, Forbidden):
        return f"no permission: {error}"
    causes = "; ".join(f"{field}: {message}" if field else message for field, message in error.causes)
    return f"the server refuses it: {causes or error}"
