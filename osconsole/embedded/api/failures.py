"""Failures as the API server words them: an exception that carries a `Status`.

Clients decide by `reason` and people read `message`, so both are the real server's.
"""

import json
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.types import ResourceType

GONE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class Failure(Exception):
    """An answer that is not success.

    Attributes:
        status: the whole `Status` object.
        retry_after_s: for the Retry-After header, 0 when there is none.
    """

    def __init__(
        self, code: int, reason: str, message: str, details: dict[str, Any] | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after_s = retry_after_s
        self.status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
        }
        if reason:
            self.status["reason"] = reason
        if details is not None:
            self.status["details"] = details
        if retry_after_s:
            self.status.setdefault("details", {})["retryAfterSeconds"] = retry_after_s
        self.status["code"] = code


def shown(value: Any) -> str:
    """A value as field errors print it: strings quoted, objects as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cause_dict(cause: Cause) -> dict[str, str]:
    """How a cause stands in `details.causes`."""
    return {"reason": cause.reason, "message": cause.message, "field": cause.field}


def wrong_value(field: str, value: Any, why: str) -> Cause:
    """`Invalid value: ...: why`."""
    return Cause(field, "FieldValueInvalid", f"Invalid value: {shown(value)}: {why}")


def required(field: str, why: str = "") -> Cause:
    """`Required value`."""
    return Cause(field, "FieldValueRequired", f"Required value: {why}" if why else "Required value")


def forbidden_field(field: str, why: str) -> Cause:
    """`Forbidden: why`."""
    return Cause(field, "FieldValueForbidden", f"Forbidden: {why}")


def details(kind: ResourceType, name: str = "") -> dict[str, Any]:
    """`details` with the resource as `kind`."""
    found: dict[str, Any] = {"name": name} if name else {}
    if kind.group:
        found["group"] = kind.group
    found["kind"] = kind.plural
    return found


def not_found(kind: ResourceType, name: str) -> Failure:
    """There is no such object."""
    return Failure(404, "NotFound", f'{kind.resource} "{name}" not found', details(kind, name))


def already_exists(kind: ResourceType, name: str, *, ending: bool) -> Failure:
    """The name is taken, perhaps by an object that only waits for its finalizers."""
    message = f'{kind.resource} "{name}" already exists'
    message = f"object is being deleted: {message}" if ending else message
    return Failure(409, "AlreadyExists", message, details(kind, name))


def conflict(kind: ResourceType, name: str, why: str = "", subresource: str = "") -> Failure:
    """Somebody else was faster, or a precondition does not hold."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    below = f"/{subresource}" if subresource else ""
    found = details(kind, name)
    found["kind"] += below
    return Failure(409, "Conflict", f'Operation cannot be fulfilled on {kind.resource}{below} "{name}": {why}', found)


def bad_request(message: str) -> Failure:
    """The request cannot be understood."""
    return Failure(400, "BadRequest", message)


def forbidden(kind: ResourceType, name: str, why: str, causes: list[dict[str, str]] | None = None) -> Failure:
    """A rule of the server refuses this object."""
    what = f'{kind.resource} "{name}"' if name else kind.resource
    found = details(kind, name)
    if causes:
        found["causes"] = causes
    return Failure(403, "Forbidden", f"{what} is forbidden: {why}", found)


def invalid(kind: ResourceType, name: str, causes: list[Cause], *, by_resource: bool = False) -> Failure:
    """The object breaks rules of its kind (422); a few rules name the resource instead of the kind."""
    words = [f"{cause.field}: {cause.message}" for cause in causes]
    text = words[0] if len(words) == 1 else f"[{', '.join(words)}]"
    found: dict[str, Any] = {"name": name} if name else {}
    if kind.group:
        found["group"] = kind.group
    called = kind.plural if by_resource else kind.kind
    found |= {"kind": called, "causes": [cause_dict(cause) for cause in causes]}
    what = f"{called}.{kind.group}" if kind.group else called
    return Failure(422, "Invalid", f'{what} "{name}" is invalid: {text}', found)


def expired(message: str, token: str = "") -> Failure:
    """410: the version asked for is no longer there."""
    failure = Failure(410, "Expired", message)
    if token:
        failure.status["metadata"] = {"continue": token}
    return failure


def too_large(asked: int, current: int) -> Failure:
    """504: the version asked for has not come yet."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return Failure(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {asked}, current: {current}",
        {"causes": [cause], "retryAfterSeconds": 1},
    )


def not_allowed() -> Failure:
    """405: the resource does not support this verb."""
    return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})
