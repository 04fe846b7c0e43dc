"""Who is asking: bearer tokens, client certificates, impersonation. What they may do is `rbac`'s."""

import csv
import os
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec
from aiohttp import web

from osconsole.embedded.api.failures import bad_request

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"


class User(msgspec.Struct, frozen=True):
    """A user as reviews show it."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, list[str]] = {}

    def as_dict(self) -> dict[str, Any]:
        """`userInfo` of a review."""
        found: dict[str, Any] = {"username": self.name}
        if self.uid:
            found["uid"] = self.uid
        found["groups"] = list(self.groups)
        if self.extra:
            found["extra"] = self.extra
        return found


ANONYMOUS = User("system:anonymous", groups=("system:unauthenticated",))


class Tokens:
    """Static tokens from a file `token,user,uid,"group,group"`, read again when it changes."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._read_at = -1
        # How long a look-up takes tells nothing of a token: a text is known by a hash with a secret of this process.
        self._users: dict[str, User] = {}

    def user(self, token: str) -> User | None:
        """Whose token it is."""
        stamp = os.stat(self._path).st_mtime_ns
        if stamp != self._read_at:
            with open(self._path, newline="") as rows:
                self._users = {row[0]: _user(row) for row in csv.reader(rows) if len(row) >= 3}
            self._read_at = stamp
        return self._users.get(token)


def _user(row: list[str]) -> User:
    groups = tuple(g.strip() for g in row[3].split(",") if g.strip()) if len(row) > 3 else ()
    return User(row[1], row[2], (*groups, AUTHENTICATED))


class Known(Protocol):
    """Where tokens are known."""

    def user(self, token: str) -> User | None:
        """Whose token it is."""


def authenticate(request: web.BaseRequest, *places: Known) -> User | None:
    """The user of a request; anonymous without credentials, None when they are wrong."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return next((user for place in places if (user := place.user(token.strip())) is not None), None)
    certificate = request.transport.get_extra_info("peercert") if request.transport else None
    if not certificate:
        return ANONYMOUS
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    name = next((value for key, value in subject if key == "commonName"), "")
    groups = tuple(value for key, value in subject if key == "organizationName")
    return User(name, groups=(*groups, AUTHENTICATED)) if name else ANONYMOUS


def impersonated(request: web.BaseRequest) -> User | None:
    """Whom the headers ask to be; None when they do not. Whether that is allowed is not judged here.

    Raises:
        Failure: 400, groups or the like without a user.
    """
    name = request.headers.get("Impersonate-User", "")
    if not name:
        rest = [key for key in request.headers if key.lower().startswith("impersonate-")]
        if rest:
            raise bad_request(f"requested {rest} without impersonating a user")
        return None
    groups = tuple(request.headers.getall("Impersonate-Group", []))
    if name.startswith("system:serviceaccount:") and not groups:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{name.split(':')[2]}")
    if name != ANONYMOUS.name and AUTHENTICATED not in groups:
        groups = (*groups, AUTHENTICATED)
    extra: dict[str, list[str]] = {}
    for key, value in request.headers.items():
        if key.lower().startswith("impersonate-extra-"):
            extra.setdefault(unquote(key[len("impersonate-extra-") :].lower()), []).append(value)
    return User(name, request.headers.get("Impersonate-Uid", ""), groups, extra)
