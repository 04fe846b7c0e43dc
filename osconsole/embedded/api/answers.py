"""Answers: objects as JSON, as Table, or as metadata only; failures as Status; warnings in headers."""

from collections.abc import Iterable
from typing import Any

import msgspec

from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.protocol import forms
from osconsole.embedded.api.protocol.negotiate import Form, form
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.storage.entry import Entry


def value(obj: Any, code: int = 200, warnings: Iterable[str] = ()) -> Whole:
    """Any value as JSON."""
    answer = Whole(msgspec.json.encode(obj), code)
    _warn(answer, warnings)
    return answer


def failure(error: Failure, warnings: Iterable[str] = ()) -> Whole:
    """A Status, with Retry-After where it says so."""
    answer = value(error.status, error.code)
    _warn(answer, warnings)
    if error.retry_after_s:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def one(call: Call, found: Entry | dict[str, Any], code: int = 200, warnings: Iterable[str] = ()) -> Whole:
    """One object in the form that the client accepts."""
    wanted = form(call.request.headers.get("Accept", ""))
    answer = _one(call, found, code, wanted)
    _warn(answer, warnings)
    return answer


def _warn(answer: Whole, warnings: Iterable[str]) -> None:
    for text in warnings:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        answer.headers.add("Warning", f'299 - "{quoted}"')


def _one(call: Call, found: Entry | dict[str, Any], code: int, wanted: Form) -> Whole:
    if not wanted.shape:
        if isinstance(found, Entry):
            return Whole(call.raw(found), code)
        return value({**found, "apiVersion": found.get("apiVersion", call.kind.api_version)}, code)
    obj = call.object(found) if isinstance(found, Entry) else found
    shaped = forms.one(call.kind, obj, wanted, include(call))
    return Whole(msgspec.json.encode(shaped), code, wanted.content_type)


def include(call: Call) -> str:
    """Table's includeObject parameter."""
    return call.request.query.get("includeObject", "Metadata")
