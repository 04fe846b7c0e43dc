"""Tokens of service accounts: `serviceaccounts/NAME/token` gives them out, signed, and nothing of them is stored.

A token is a JWT like those of a real server, but signed with a secret (HS256): only this server can tell it is right.
"""

import base64
import datetime
import hashlib
import hmac
import secrets
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec

from osconsole.embedded.api.access.files import private
from osconsole.embedded.api.access.identity import AUTHENTICATED, User
from osconsole.embedded.api.failures import Failure, bad_request, cause_dict, wrong_value
from osconsole.embedded.api.kinds.catalog import CORE
from osconsole.embedded.api.storage.store import Store

AUDIENCE = "https://kubernetes.default.svc"
_HEAD = b'{"alg":"HS256","typ":"JWT"}'
_SHORTEST_S = 600
_LONGEST_S = 2**32
_ACCOUNTS = next(kind for kind in CORE if kind.kind == "ServiceAccount")

Object = dict[str, Any]


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Accounts:
    """Gives out tokens, and knows them again for as long as their account is there."""

    def __init__(self, directory: Path, store: Store) -> None:
        self._path = directory / "accounts.key"
        self._store = store
        self._key = b""

    def _signed(self, text: str) -> bytes:
        if not self._key:
            if not self._path.exists():
                private(self._path, secrets.token_bytes(32))
            self._key = self._path.read_bytes()
        return hmac.digest(self._key, text.encode(), hashlib.sha256)

    def request(self, account: Object, asked: Any) -> Object:
        """The TokenRequest that answers one for an account.

        Raises:
            Failure: 400, 422.
        """
        meta = account["metadata"]
        spec = _checked(asked, meta["name"])
        start = int(time.time())
        claims = {
            "aud": spec["audiences"],
            "exp": start + spec["expirationSeconds"],
            "iat": start,
            "iss": AUDIENCE,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": {
                "namespace": meta["namespace"],
                "serviceaccount": {"name": meta["name"], "uid": meta["uid"]},
            },
            "nbf": start,
            "sub": f"system:serviceaccount:{meta['namespace']}:{meta['name']}",
        }
        text = f"{_packed(_HEAD)}.{_packed(msgspec.json.encode(claims))}"
        until = datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC)
        made = datetime.datetime.fromtimestamp(start, datetime.UTC)
        kept = {key: meta[key] for key in ("name", "namespace", "uid")}
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {**kept, "creationTimestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ")},
            "spec": {**spec, "boundObjectRef": None},
            "status": {
                "token": f"{text}.{_packed(self._signed(text))}",
                "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        }

    def user(self, token: str) -> User | None:
        """Whose token it is; None for what was not given out here, is over, or is for somebody else to read."""
        text, _, signature = token.rpartition(".")
        if text.count(".") != 1:
            return None
        try:
            if not hmac.compare_digest(_unpacked(signature), self._signed(text)):
                return None
            claims = msgspec.json.decode(_unpacked(text.partition(".")[2]))
        except (ValueError, msgspec.DecodeError):
            return None
        if claims["exp"] <= time.time() or AUDIENCE not in claims["aud"]:
            return None
        where = claims["kubernetes.io"]
        return self._account(where["namespace"], where["serviceaccount"], claims["jti"])

    def _account(self, namespace: str, named: dict[str, str], number: str) -> User | None:
        entry = self._store.collection(_ACCOUNTS).get(namespace, named["name"])
        if entry is None or entry.object()["metadata"]["uid"] != named["uid"]:
            return None
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
        extra = {"authentication.kubernetes.io/credential-id": [f"JTI={number}"]}
        return User(f"system:serviceaccount:{namespace}:{named['name']}", named["uid"], groups, extra)


def _checked(asked: Any, name: str) -> Object:
    """What is asked for, with what was left open filled in.

    Raises:
        Failure: 400, 422.
    """
    kind = asked.get("kind") or "TokenRequest" if isinstance(asked, dict) else "nothing"
    if kind != "TokenRequest":
        raise bad_request(f'{kind} in version "v1" cannot be handled as a TokenRequest: unknown conversion')
    spec = asked.get("spec") or {}
    if spec.get("boundObjectRef"):
        raise bad_request("this server binds tokens to no object: leave boundObjectRef out")
    seconds = spec.get("expirationSeconds") or 3600
    called = (asked.get("metadata") or {}).get("name") or name
    why = None
    if called != name:
        why = wrong_value("metadata.name", called, "must match the service account name if specified")
    elif seconds < _SHORTEST_S:
        why = wrong_value("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    elif seconds > _LONGEST_S:
        why = wrong_value("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    if why is not None:
        shown = name if why.field == "metadata.name" else ""
        text = f'TokenRequest.authentication.k8s.io "{shown}" is invalid: {why.field}: {why.message}'
        found: Object = {"group": "authentication.k8s.io", "kind": "TokenRequest", "causes": [cause_dict(why)]}
        raise Failure(422, "Invalid", text, {"name": shown, **found} if shown else found)
    return {"audiences": spec.get("audiences") or [AUDIENCE], "expirationSeconds": seconds}
