"""Answers: objects as JSON, as Table, or as metadata only; failures as Status; warnings in headers."""

from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from osconsole.embedded.api import forms
from osconsole.embedded.api.entry import Entry
from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.negotiate import JSON, Form, form
from osconsole.embedded.api.server import Call

_BASE = {"Cache-Control": "no-cache, private"}


def raw(body: bytes, code: int = 200, content_type: str = JSON) -> web.Response:
    """Ready JSON."""
    return web.Response(body=body, status=code, headers={**_BASE, "Content-Type": content_type})


def value(obj: Any, code: int = 200, warnings: Iterable[str] = ()) -> web.Response:
    """Any value as JSON."""
    answer = raw(msgspec.json.encode(obj), code)
    _warn(answer, warnings)
    return answer


def failure(error: Failure, warnings: Iterable[str] = ()) -> web.Response:
    """A Status, with Retry-After where it says so."""
    answer = value(error.status, error.code)
    _warn(answer, warnings)
    if error.retry_after_s:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def one(call: Call, found: Entry | dict[str, Any], code: int = 200, warnings: Iterable[str] = ()) -> web.Response:
    """One object in the form that the client accepts."""
    wanted = form(call.request.headers.get("Accept", ""))
    answer = _one(call, found, code, wanted)
    _warn(answer, warnings)
    return answer


def _warn(answer: web.Response, warnings: Iterable[str]) -> None:
    for text in warnings:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        answer.headers.add("Warning", f'299 - "{quoted}"')


def _one(call: Call, found: Entry | dict[str, Any], code: int, wanted: Form) -> web.Response:
    if not wanted.shape:
        if isinstance(found, Entry):
            return raw(call.raw(found), code)
        return value({**found, "apiVersion": found.get("apiVersion", call.kind.api_version)}, code)
    obj = call.object(found) if isinstance(found, Entry) else found
    shaped = forms.one(call.kind, obj, wanted, include(call))
    return raw(msgspec.json.encode(shaped), code, wanted.content_type)


def include(call: Call) -> str:
    """Table's includeObject parameter."""
    return call.request.query.get("includeObject", "Metadata")
