"""Carries out actions, each idempotently. The only place of `reconcile` that writes.

It reads before it writes and writes only what differs, so that an action that was carried out before, by this process
or by one that was killed, costs a GET and changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from osconsole.errors import Conflict, NotFound, Refused
from osconsole.kube.api import Api
from osconsole.model.conditions import find, read
from osconsole.model.kinds import BY_KEY, Kind
from osconsole.model.ref import KindKey, Ref
from osconsole.reconcile import drift, generate
from osconsole.reconcile.actions import Action, Create, Ensure, Evict, Patch, Remove, SetStatus
from osconsole.reconcile.expectations import Written

log = logging.getLogger(__name__)
FindKind = Callable[[KindKey], Kind | None]


class Executor:
    """Writes through one Api; `kinds` says how a kind is addressed (the table, unless discovery knows more)."""

    def __init__(self, api: Api, kinds: FindKind = BY_KEY.get) -> None:
        self._api = api
        self._kinds = kinds

    async def carry_out(self, action: Action, *, dry_run: bool = False) -> Written | None:
        """Do it; what was written, None when nothing was left to do.

        Raises:
            Conflict: somebody else changed the object meanwhile; decide again.
            ApiError, Unreachable: as the API server has it.
        """
        match action:
            case Create():
                return await self._create(action, dry_run=dry_run)
            case Ensure():
                return await self._ensure(action, dry_run=dry_run)
            case Patch():
                return await self._patch(action, dry_run=dry_run)
            case SetStatus():
                return await self._set_status(action, dry_run=dry_run)
            case Remove():
                return await self._remove(action, dry_run=dry_run)
            case Evict():
                return await self._evict(action, dry_run=dry_run)

    async def read(self, ref: Ref) -> dict[str, Any]:
        """One object as it is. Raises NotFound."""
        return await self._api.get(self._kind(ref), ref.namespace, ref.name)

    async def _create(self, action: Create, *, dry_run: bool) -> Written | None:
        body = action.body
        if action.secrets:
            values = {name: generate.value(wanted) for name, wanted in action.secrets.items()}
            body = {**body, "stringData": {**body.get("stringData", {}), **values}}
        try:
            return await self._post(body, dry_run=dry_run)
        except Conflict:
            return None

    async def _ensure(self, action: Ensure, *, dry_run: bool) -> Written | None:
        ref = ref_of(action.body)
        try:
            current = await self.read(ref)
        except NotFound:
            return await self._post(action.body, dry_run=dry_run)
        patch = drift.patch(current, action.body)
        return await self._merge(ref, current, patch, dry_run=dry_run) if patch else None

    async def _patch(self, action: Patch, *, dry_run: bool) -> Written | None:
        current = await self.read(action.ref)
        meta = current["metadata"]
        if action.uid and meta["uid"] != action.uid:
            raise Refused(f"{action.ref} was deleted and made anew since it was looked at: look again")
        patch = drift.patch(current, action.patch)
        if not patch:
            return None
        if action.version:
            patch = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": action.version}}
        return await self._merge(action.ref, current, patch, dry_run=dry_run)

    async def _set_status(self, action: SetStatus, *, dry_run: bool) -> Written | None:
        current = await self.read(action.ref)
        status = current.get("status") or {}
        patch = drift.status_patch(status, action.status)
        if not patch:
            return None
        if "conditions" in patch:
            patch["conditions"] = stamped(patch["conditions"], status.get("conditions"), _now())
        body: dict[str, Any] = {"status": patch}
        if action.version:
            body["metadata"] = {"resourceVersion": action.version}
        return await self._merge(action.ref, current, body, sub="/status", dry_run=dry_run)

    async def _remove(self, action: Remove, *, dry_run: bool) -> Written | None:
        path = self._path(action.ref)
        try:
            await self._api.delete(path, uid=action.uid, propagation=action.propagation, dry_run=dry_run)
        except NotFound:
            return None
        except Conflict:
            if not action.uid:
                raise
            return None  # another object carries the name by now: ours is gone
        return Written(action.ref, "", action.uid)

    async def _evict(self, action: Evict, *, dry_run: bool) -> Written | None:
        meta = {"name": action.ref.name, "namespace": action.ref.namespace}
        body: dict[str, Any] = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
        if action.uid:
            body["deleteOptions"] = {"preconditions": {"uid": action.uid}}
        try:
            await self._api.create(f"{self._path(action.ref)}/eviction", body, dry_run=dry_run)
        except NotFound:
            return None
        return Written(action.ref, "", action.uid)

    async def _post(self, body: dict[str, Any], *, dry_run: bool) -> Written:
        ref = ref_of(body)
        answer = await self._api.create(self._kind(ref).path(ref.namespace), body, dry_run=dry_run)
        return _written(ref, answer.body)

    async def _merge(
        self, ref: Ref, current: dict[str, Any], patch: dict[str, Any], *, sub: str = "", dry_run: bool
    ) -> Written | None:
        """Patch; None when the server made nothing of it (a field that its schema does not know, say)."""
        answer = await self._api.patch(self._path(ref) + sub, patch, dry_run=dry_run)
        written = _written(ref, answer.body)
        if written.version == current["metadata"]["resourceVersion"]:
            log.debug("%s: the server does not keep %s", ref, sorted(patch))
            return None
        return written

    def _path(self, ref: Ref) -> str:
        return self._kind(ref).path(ref.namespace, ref.name)

    def _kind(self, ref: Ref) -> Kind:
        found = self._kinds(KindKey(ref.group, ref.kind))
        if found is None:
            raise NotFound(f"{ref}: this cluster has no kind {ref.kind} of group '{ref.group}'", 404, "NotFound")
        return found


def ref_of(body: dict[str, Any]) -> Ref:
    """The Ref of an object's JSON."""
    meta = body["metadata"]
    group = str(body["apiVersion"]).rpartition("/")[0]
    return Ref(group, body["kind"], meta.get("namespace", ""), meta["name"])


def stamped(wanted: list[dict[str, Any]], current: Any, now: str) -> list[dict[str, Any]]:
    """Conditions with lastTransitionTime: the old one where the state is equal, `now` elsewhere; Ready first."""
    before = read(current)
    times = {e["type"]: e.get("lastTransitionTime") for e in current or [] if isinstance(e, dict) and "type" in e}
    found = []
    for condition, entry in zip(read(wanted), wanted, strict=True):
        old = find(before, condition.type)
        same = old is not None and drift.state([old]) == drift.state([condition])
        found.append({**entry, "lastTransitionTime": (times.get(condition.type) if same else None) or now})
    return sorted(found, key=lambda e: (e["type"] != "Ready", e["type"]))


class _Version(msgspec.Struct):
    resourceVersion: str = ""  # noqa: N815
    uid: str = ""


class _Answer(msgspec.Struct):
    metadata: _Version = msgspec.field(default_factory=_Version)


_version = msgspec.json.Decoder(_Answer).decode


def _written(ref: Ref, body: bytes) -> Written:
    meta = _version(body).metadata
    return Written(ref, meta.resourceVersion, meta.uid)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
