"""The query parameters of a request, checked; and the DeleteOptions of its body."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from multidict import MultiMapping

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import Failure, bad_request, cause_dict, forbidden_field, shown, wrong_value

VALIDATIONS = ("Strict", "Warn", "Ignore")
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_MANAGER_BYTES = 128
_MATCHES = ("", "Exact", "NotOlderThan")
_PROPAGATIONS = ("", "Background", "Foreground", "Orphan")


class WriteOptions(msgspec.Struct, frozen=True):
    """How to write: `manager` is the field manager, `validation` Strict, Warn or Ignore."""

    manager: str
    named_manager: bool
    dry_run: bool
    validation: str
    force: bool


class ListOptions(msgspec.Struct, frozen=True):
    """What to list or watch. `rv` is None when it was not given; `match` is resourceVersionMatch."""

    labels: str
    fields: str
    limit: int
    token: str
    rv: int | None
    match: str
    watch: bool
    bookmarks: bool
    initial: bool | None
    timeout_s: float


class DeleteOptions(msgspec.Struct, frozen=True):
    """How to delete: `grace_s` None means the object's own, `propagation` "" the default of its kind."""

    grace_s: int | None = None
    propagation: str = ""
    uid: str = ""
    rv: str = ""
    dry_run: bool = False


def invalid_options(what: str, causes: list[Cause]) -> Failure:
    """422 for options that do not go together."""
    text = ", ".join(f"{c.field}: {c.message}" for c in causes)
    return Failure(
        422,
        "Invalid",
        f'{what}.meta.k8s.io "" is invalid: {text}',
        {"group": "meta.k8s.io", "kind": what, "causes": [cause_dict(c) for c in causes]},
    )


def flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean parameter: absent, 0 and false are false."""
    return query.get(name, "false").lower() not in ("false", "0")


def write_options(query: MultiMapping[str], user_agent: str, what: str, *, applies: bool = False) -> WriteOptions:
    """The options of a write; `what` is CreateOptions, UpdateOptions or PatchOptions.

    Raises:
        Failure: 422.
    """
    validation = query.get("fieldValidation", "") or "Warn"
    manager = query.get("fieldManager", "")
    causes = [*_manager(manager)]
    if "force" in query and what == "PatchOptions" and not applies:
        causes.append(forbidden_field("force", "may not be specified for non-apply patch"))
    if validation not in VALIDATIONS:
        words = f'Unsupported value: "{validation}": supported values: "", "Ignore", "Strict", "Warn"'
        causes.append(Cause("fieldValidation", "FieldValueNotSupported", words))
    if causes:
        raise invalid_options(what, causes)
    return WriteOptions(
        manager or user_agent.partition("/")[0] or "unknown",
        bool(manager),
        dry_run(query.getall("dryRun", []), what),
        validation,
        flag(query, "force"),
    )


def _manager(name: str) -> list[Cause]:
    if len(name.encode()) > _MANAGER_BYTES:
        words = f"Too long: may not be more than {_MANAGER_BYTES} bytes"
        return [Cause("fieldManager", "FieldValueTooLong", words)]
    if name.isprintable():
        return []
    strange = next(at for at, char in enumerate(name) if not char.isprintable())
    why = f"invalid character U+{ord(name[strange]):04X} (at position {strange})"
    return [wrong_value("fieldManager", name, why)]


def dry_run(values: list[str], what: str) -> bool:
    """Whether nothing is to be stored.

    Raises:
        Failure: 422.
    """
    values = [value for value in values if value]
    if any(value != "All" for value in values):
        words = f'Unsupported value: {shown(values)}: supported values: "All"'
        raise invalid_options(what, [Cause("dryRun", "FieldValueNotSupported", words)])
    return bool(values)


def list_options(query: Mapping[str, str]) -> ListOptions:
    """The options of list, watch and deletecollection."""
    found = ListOptions(
        labels=query.get("labelSelector", ""),
        fields=query.get("fieldSelector", ""),
        limit=number(query, "limit"),
        token=query.get("continue", ""),
        rv=_rv(query.get("resourceVersion", "")),
        match=query.get("resourceVersionMatch", ""),
        watch=flag(query, "watch"),
        bookmarks=flag(query, "allowWatchBookmarks"),
        initial=flag(query, "sendInitialEvents") if "sendInitialEvents" in query else None,
        timeout_s=float(number(query, "timeoutSeconds")),
    )
    _check(found)
    return found


def _check(options: ListOptions) -> None:
    field = "resourceVersionMatch"
    if options.match not in _MATCHES:
        words = f'Unsupported value: "{options.match}": supported values: "Exact", "NotOlderThan", ""'
        raise invalid_options("ListOptions", [Cause(field, "FieldValueNotSupported", words)])
    if options.initial is not None:
        if not options.watch:
            raise invalid_options(
                "ListOptions", [forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list")]
            )
        if options.match != "NotOlderThan":
            why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            raise invalid_options("ListOptions", [forbidden_field(field, why)])
    elif options.match and options.watch:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        raise invalid_options("ListOptions", [forbidden_field(field, why)])
    elif options.match and options.rv is None:
        when = ["unless resourceVersion is provided", *(["when continue is provided"] if options.token else [])]
        raise invalid_options("ListOptions", [forbidden_field(field, f"{field} is forbidden {one}") for one in when])
    elif options.match == "Exact" and not options.rv:
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        raise invalid_options("ListOptions", [forbidden_field(field, why)])


def delete_options(query: MultiMapping[str], body: Any) -> DeleteOptions:
    """The options of delete, from the body where there is one.

    Raises:
        Failure: 400, 422.
    """
    given = body if isinstance(body, dict) else {}
    if (kind := given.get("kind") or "DeleteOptions") != "DeleteOptions":
        raise bad_request(f'no kind "{kind}" is registered for version "{given.get("apiVersion") or ""}"')
    grace = given.get("gracePeriodSeconds")
    if grace is None and "gracePeriodSeconds" in query:
        grace = number(query, "gracePeriodSeconds")
    if grace is not None and (not isinstance(grace, int) or isinstance(grace, bool)):
        raise bad_request("json: cannot unmarshal into Go struct field DeleteOptions.gracePeriodSeconds of type int64")
    conditions = given.get("preconditions") or {}
    dry = [str(value) for value in given.get("dryRun") or ()] or query.getall("dryRun", [])
    return DeleteOptions(
        grace,
        _propagation(query, given),
        conditions.get("uid") or "",
        conditions.get("resourceVersion") or "",
        dry_run(dry, "DeleteOptions"),
    )


def _propagation(query: Mapping[str, str], given: Mapping[str, Any]) -> str:
    """The propagation policy, "" for the default; `orphanDependents` is its older form."""
    policy = given.get("propagationPolicy") or query.get("propagationPolicy", "")
    orphan = given.get("orphanDependents")
    if orphan is None and "orphanDependents" in query:
        orphan = flag(query, "orphanDependents")
    field = "propagationPolicy"
    if policy and orphan is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        raise invalid_options("DeleteOptions", [wrong_value(field, policy, why)])
    if policy not in _PROPAGATIONS:
        words = f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"'
        raise invalid_options("DeleteOptions", [Cause(field, "FieldValueNotSupported", words)])
    if not policy and orphan is not None:
        return "Orphan" if orphan else "Background"
    return str(policy)


def number(query: Mapping[str, str], name: str) -> int:
    """A whole number, 0 when it is not given.

    Raises:
        Failure: 400.
    """
    text = query.get(name, "") or "0"
    return _parsed(text, "ParseInt", -(1 << 63), (1 << 63) - 1)


def _rv(text: str) -> int | None:
    if not text:
        return None
    try:
        return _parsed(text, "ParseUint", 0, (1 << 64) - 1)
    except Failure as error:
        raise bad_request(f'invalid resource version: resourceVersion: Invalid value: "{text}": {error}') from None


def _parsed(text: str, function: str, least: int, most: int) -> int:
    """A number as Go reads it.

    Raises:
        Failure: 400.
    """
    why = ""
    if not _NUMBER.fullmatch(text) or (least == 0 and not text.isdigit()):
        why = "invalid syntax"
    elif len(text) > 25 or not least <= int(text) <= most:
        why = "value out of range"
    if why:
        raise bad_request(f'strconv.{function}: parsing "{text[:64]}": {why}')
    return int(text)
