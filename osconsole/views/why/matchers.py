"""Matchers: the closed vocabulary in which a cause says where it holds.

Each gives the words that it captured, None when it is not so.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import READY, Condition
from osconsole.views import facts
from osconsole.views.why.case import Case, Words
from osconsole.views.why.cause import (
    AnsibleIs,
    Cause,
    ConditionIs,
    ContainerIs,
    EventIs,
    FieldIs,
    MissingIs,
    PodIs,
    When,
)
from osconsole.views.why.observations import OBSERVATIONS
from osconsole.views.why.patterns import MOST, find


def match(cause: Cause, case: Case) -> Words | None:
    """What the first alternative that holds captured, with the words that every sentence may use."""
    for when in cause.when:
        found = _all(when, case)
        if found is not None:
            return case.words | found
    return None


def _all(when: When, case: Case) -> Words | None:
    out: Words = {}
    for name, matcher in MATCHERS.items():
        wanted = getattr(when, name)
        if not wanted:
            continue
        found = matcher(wanted, case)
        if found is None:
            return None
        out |= found
    return out


def _name(wanted: tuple[str, ...], case: Case) -> Words | None:
    return find(wanted, case.resource.ref.name)


def _condition(wanted: ConditionIs, case: Case) -> Words | None:
    # Ready repeats the worst of the others: it is asked last.
    for found in sorted(case.resource.conditions, key=lambda c: c.type == READY):
        words = _one_condition(wanted, found)
        if words is not None:
            return {"condition": found.type, "message": found.message.strip()[:MOST]} | words
    return None


def _one_condition(wanted: ConditionIs, found: Condition) -> Words | None:
    if found.status not in wanted.status or (wanted.reason and found.reason not in wanted.reason):
        return None
    if wanted.type and not any(_glob(pattern, found.type) for pattern in wanted.type):
        return None
    return find(wanted.message, found.message) if wanted.message else {}


def _glob(pattern: str, text: str) -> bool:
    if pattern.startswith("*"):
        return text.endswith(pattern[1:])
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _event(wanted: EventIs, case: Case) -> Words | None:
    for event in case.world.warnings(case.resource):
        reason, message = (str(facts.value(event, key) or "") for key in ("reason", "message"))
        if wanted.reason and reason not in wanted.reason:
            continue
        words = find(wanted.message, message) if wanted.message else {}
        if words is not None:
            return {"message": message.strip()[:MOST]} | words
    return None


def _container(wanted: ContainerIs, case: Case) -> Words | None:
    if case.resource.ref.kind != "Pod":
        return None
    for found in facts.pod(case.resource).containers:
        words = _one_container(wanted, found)
        if words is not None:
            return {
                "container": found.name, "exit": str(found.exit_code or found.last_exit),
                "restarts": str(found.restarts), "message": found.message.strip()[:MOST],
            } | words  # fmt: skip
    return None


def _one_container(wanted: ContainerIs, found: facts.Container) -> Words | None:
    said = (
        not wanted.state or found.state in wanted.state,
        not wanted.reason or found.reason in wanted.reason or found.last_reason in wanted.reason,
        not wanted.exit or found.exit_code in wanted.exit or found.last_exit in wanted.exit,
        wanted.init is None or wanted.init == found.init,
        not wanted.restarted or found.restarts > 0,
    )
    if not all(said):
        return None
    return find(wanted.message, found.message) if wanted.message else {}


def _pod(wanted: PodIs, case: Case) -> Words | None:
    if case.resource.ref.kind != "Pod":
        return None
    found = facts.pod(case.resource)
    if (wanted.phase and found.phase not in wanted.phase) or (wanted.reason and found.reason not in wanted.reason):
        return None
    words = find(wanted.message, found.message) if wanted.message else {}
    return None if words is None else {"message": found.message.strip()[:MOST], "node": found.node} | words


def _log(wanted: tuple[str, ...], case: Case) -> Words | None:
    for line in reversed(case.log()):
        words = find(wanted, line)
        if words is not None:
            return {"line": line.strip()[:MOST]} | words
    return None


def _ansible(wanted: AnsibleIs, case: Case) -> Words | None:
    run = case.world.snapshot.runs.get(case.resource.ref)
    for host in run.failed if run else ():
        last = run.hosts[host] if run else None
        if last is None or last.outcome not in wanted.outcome:
            continue
        words = _both(wanted, last.task, last.message)
        if words is not None:
            return {"host": host, "task": last.task, "message": last.message.strip()[:MOST]} | words
    return None


def _both(wanted: AnsibleIs, task: str, message: str) -> Words | None:
    in_task = find(wanted.task, task) if wanted.task else {}
    in_message = find(wanted.message, message) if wanted.message else {}
    return None if in_task is None or in_message is None else in_task | in_message


def _field(wanted: FieldIs, case: Case) -> Words | None:
    value = case.value(wanted.path)
    if not wanted.value:
        return {"value": text(value)} if value not in (None, "", 0, False, [], {}) else None
    return {"value": text(value)} if text(value) in wanted.value else None


def text(value: Any) -> str:
    """A value of a document as a person writes it; "" for none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)[:MOST]


def _missing(wanted: MissingIs, case: Case) -> Words | None:
    name, kind = case.value(wanted.path), kinds.find(wanted.kind)
    if not isinstance(name, str) or not name or kind is None:
        return None
    ref = kind.key.ref(case.resource.ref.namespace if kind.namespaced else "", name)
    return {"missing": name} if case.world.missing(ref) else None


def _observed(wanted: str, case: Case) -> Words | None:
    return OBSERVATIONS[wanted].see(case)


MATCHERS: dict[str, Callable[[Any, Case], Words | None]] = {
    "name": _name, "field": _field, "condition": _condition, "container": _container, "pod": _pod,
    "ansible": _ansible, "observed": _observed, "missing": _missing, "event": _event, "log": _log,
}  # fmt: skip


def given(when: When) -> Iterable[tuple[str, Any]]:
    """The matchers that an alternative uses, with what they are given."""
    for field in msgspec.structs.fields(when):
        if value := getattr(when, field.name):
            yield field.name, value
