"""The query parameters of a request, checked; and the DeleteOptions of its body."""

from collections.abc import Mapping
from typing import Any

import msgspec

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import Failure, bad_request, cause_dict, forbidden_field

VALIDATIONS = ("Strict", "Warn", "Ignore")


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


def write_options(query: Mapping[str, str], user_agent: str) -> WriteOptions:
    """The options of create, update and patch."""
    validation = query.get("fieldValidation", "") or "Warn"
    if validation not in VALIDATIONS:
        cause = Cause(
            "fieldValidation",
            "FieldValueNotSupported",
            f'Unsupported value: "{validation}": supported values: "", "Ignore", "Strict", "Warn"',
        )
        raise invalid_options("CreateOptions", [cause])
    manager = query.get("fieldManager", "")
    return WriteOptions(
        manager or user_agent.partition("/")[0] or "unknown",
        bool(manager),
        dry_run(query),
        validation,
        flag(query, "force"),
    )


def dry_run(query: Mapping[str, str]) -> bool:
    """Whether nothing is to be stored."""
    value = query.get("dryRun", "")
    if value not in ("", "All"):
        cause = Cause("dryRun", "FieldValueNotSupported", f'Unsupported value: "{value}": supported values: "All"')
        raise invalid_options("CreateOptions", [cause])
    return bool(value)


def list_options(query: Mapping[str, str]) -> ListOptions:
    """The options of list, watch and deletecollection."""
    found = ListOptions(
        labels=query.get("labelSelector", ""),
        fields=query.get("fieldSelector", ""),
        limit=_number(query, "limit"),
        token=query.get("continue", ""),
        rv=_rv(query.get("resourceVersion", "")),
        match=query.get("resourceVersionMatch", ""),
        watch=flag(query, "watch"),
        bookmarks=flag(query, "allowWatchBookmarks"),
        initial=flag(query, "sendInitialEvents") if "sendInitialEvents" in query else None,
        timeout_s=float(_number(query, "timeoutSeconds")),
    )
    _check(found)
    return found


def _check(options: ListOptions) -> None:
    field = "resourceVersionMatch"
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
        why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise invalid_options("ListOptions", [forbidden_field(field, why)])
    elif options.match == "Exact" and not options.rv:
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        raise invalid_options("ListOptions", [forbidden_field(field, why)])


def delete_options(query: Mapping[str, str], body: Any) -> DeleteOptions:
    """The options of delete, from the body where there is one."""
    given = body if isinstance(body, dict) else {}
    grace = given.get("gracePeriodSeconds")
    if grace is None and "gracePeriodSeconds" in query:
        grace = _number(query, "gracePeriodSeconds")
    propagation = given.get("propagationPolicy") or query.get("propagationPolicy", "")
    if not propagation and "orphanDependents" in query:
        propagation = "Orphan" if flag(query, "orphanDependents") else "Background"
    if propagation not in ("", "Background", "Foreground", "Orphan"):
        cause = Cause(
            "propagationPolicy",
            "FieldValueNotSupported",
            f'Unsupported value: "{propagation}": supported values: "Foreground", "Background", "Orphan"',
        )
        raise invalid_options("DeleteOptions", [cause])
    conditions = given.get("preconditions") or {}
    dry = bool(given.get("dryRun")) or dry_run(query)
    return DeleteOptions(grace, propagation, conditions.get("uid") or "", conditions.get("resourceVersion") or "", dry)


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "") or "0"
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def _rv(text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit():
        raise bad_request(
            f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text)
