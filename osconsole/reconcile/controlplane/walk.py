"""One walk over one object: its steps in order, what each condition says, and what is to be written.

This is how lib-common's reconcilers work, without their writes: the conditions start as Unknown/Init, each step marks
its own, a step that must wait ends the walk, and what was not reached stays at Init.
"""

from typing import Any

import msgspec

from osconsole.model import conditions
from osconsole.model.conditions import READY, Condition
from osconsole.model.kinds import key
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource, dig
from osconsole.reconcile import drift
from osconsole.reconcile.actions import Action, Create, Ensure, Generated, Remove, SetStatus
from osconsole.reconcile.controlplane.objects import ref_of
from osconsole.reconcile.controlplane.words import words
from osconsole.reconcile.decide import Act, Done, Outcome, Wait, World

IMMUTABLE = {"StatefulSet": ("volumeClaimTemplates", "serviceName", "selector"), "Deployment": ("selector",)}


class Walk:
    """The state of one pass.

    Attributes:
        me, spec, status: the object, its spec, and its status as it is.
        world: everything else.
        report: fields of the new status, without conditions.
        facts: what earlier steps found out and later ones need; also fills the braces of described names.
        until: look again at this time (Unix seconds); 0 when changes are enough.
    """

    def __init__(self, me: Resource, world: World, now: float) -> None:
        body = me.body()
        self.me = me
        self.world = world
        self.now = now
        self.meta: dict[str, Any] = body.get("metadata") or {}
        self.spec: dict[str, Any] = body.get("spec") or {}
        self.status: dict[str, Any] = body.get("status") or {}
        self.report: dict[str, Any] = {}
        self.facts: dict[str, str] = {"name": me.ref.name, "namespace": me.ref.namespace}
        self.until = 0.0
        self._conditions: dict[str, Condition] = {}
        self._actions: list[Action] = []

    @property
    def name(self) -> str:
        """The object's name."""
        return self.me.ref.name

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return self.me.ref.namespace

    def get(self, *path: str, default: Any = None) -> Any:
        """A value of the spec; `default` also stands for null and the empty string."""
        found = dig(self.spec, *path)
        return default if found is None or found == "" else found

    def fill(self, text: str) -> str:
        """A described name or text with its `{name}`, `{namespace}`, ... filled in."""
        return text.format_map(self.facts) if "{" in text else text

    def see(self, kind: str, name: str) -> Resource | None:
        """An object of the same namespace."""
        return self.world.find(key(kind), self.namespace, name)

    # what the conditions say

    def expect(self, *types: str) -> None:
        """These conditions are part of the object's status; they start as Unknown/Init."""
        for kind in types:
            self._conditions.setdefault(kind, Condition(kind, "Unknown", "", "Init", words(kind).init))

    def start(self, kind: str, message: str) -> None:
        """This condition is part of the status, and starts with this message."""
        self._conditions.setdefault(kind, Condition(kind, "Unknown", "", "Init", message))

    def all_ok(self) -> bool:
        """Whether everything expected has been reached."""
        return all(c.ok for c in self._conditions.values())

    def ok(self, kind: str, message: str = "") -> bool:
        """Reached. Returns True, so that a step can end with it."""
        self._set(Condition(kind, "True", "", "Ready", message or words(kind).done))
        return True

    def busy(self, kind: str, message: str = "") -> bool:
        """Asked for and under way. Returns False."""
        self._set(Condition(kind, "False", "Info", "Requested", message or words(kind).busy))
        return False

    def missing(self, kind: str, what: str) -> bool:
        """An input is not there; a person or another step has to bring it. Returns False."""
        self._set(Condition(kind, "False", "Warning", "Error", f"{words(kind).busy}: {what}"))
        return False

    def failed(self, kind: str, what: str, severity: str = "Warning") -> bool:
        """It went wrong. Returns False."""
        self._set(Condition(kind, "False", severity, "Error", f"{words(kind).failed} {what}"))
        return False

    def mirror(self, kind: str, child: Resource | None, prefix: str = "", done: str = "") -> bool:
        """Say what the child's conditions roll up to; True when it is ready at its generation."""
        found = conditions.mirror(child.conditions) if child else None
        if child is None or found is None:
            return self.busy(kind)
        if child.ready:
            return self.ok(kind, done or found.message)
        if found.ok:  # of an earlier generation
            return self.busy(kind)
        self._set(msgspec.structs.replace(found, type=kind, message=prefix + found.message, since=0.0))
        return False

    def said(self, kind: str) -> Condition | None:
        """What the walk says about a condition so far."""
        return self._conditions.get(kind)

    def _set(self, condition: Condition) -> None:
        self._conditions[condition.type] = condition

    # what is to be written

    def ensure(self, body: dict[str, Any]) -> Resource | None:
        """Make the object hold this; the object as it is, None when it does not exist yet.

        One that is about to be changed comes back with its next generation, so that it does not count as ready.
        """
        found = self.world.get(ref_of(body))
        if found is None:
            if self.world.served(self._kind(body)):
                self._actions.append(Ensure(body))
            return None
        for field in IMMUTABLE.get(body["kind"], ()):
            body = {**body, "spec": {k: v for k, v in body["spec"].items() if k != field}}
        if not drift.patch(found.body(), body):
            return found
        self._actions.append(Ensure(body))
        return msgspec.structs.replace(found, generation=found.generation + 1)

    def create(self, body: dict[str, Any], secrets: dict[str, Generated] | None = None) -> Resource | None:
        """Create the object unless it exists; the object as it is."""
        found = self.world.get(ref_of(body))
        if found is None:
            self._actions.append(Create(body, secrets or {}))
        return found

    def remove(self, found: Resource | None) -> None:
        """Delete an object that is there and not being deleted already."""
        if found is not None and not found.deleted:
            self._actions.append(Remove(found.ref, found.uid))

    def act(self, action: Action) -> None:
        """Any other action."""
        self._actions.append(action)

    def _kind(self, body: dict[str, Any]) -> KindKey:
        return KindKey(body["apiVersion"].rpartition("/")[0], body["kind"])

    # the end

    def outcome(self, message: str = "") -> Outcome:
        """What the walk comes to. `message` is what Ready says when everything is."""
        found = list(self._conditions.values())
        times = {c.type: c.since for c in self.me.conditions}
        if all(c.ok for c in found):
            ready = Condition(READY, "True", "", "Ready", message or words(READY).done)
        else:
            dated = [msgspec.structs.replace(c, since=times.get(c.type, 0.0)) for c in found]
            worst = conditions.mirror(dated)
            ready = msgspec.structs.replace(worst, type=READY) if worst else Condition(READY)
        status = {**self.report, "conditions": [_entry(c) for c in conditions.order([ready, *found])]}
        if drift.status_patch(self.status, status):
            self._actions.append(SetStatus(self.me.ref, status))
        if self._actions:
            return Act(tuple(self._actions), again_s=max(self.until - self.now, 0.1) if self.until else 0.0)
        if ready.ok and not self.until:
            return Done()
        return Wait(ready.message, self.until)


def _entry(condition: Condition) -> dict[str, Any]:
    entry = {"type": condition.type, "status": condition.status}
    if condition.severity:
        entry["severity"] = condition.severity
    return {**entry, "reason": condition.reason, "message": condition.message}
