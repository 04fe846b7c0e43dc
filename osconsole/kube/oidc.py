"""Oidc: the id-token of kubectl's `oidc` auth-provider, and a fresh one from its issuer when that has ended.

An issuer may rotate the refresh token: the old one is void once the new one is given. So we refresh only while the
kubeconfig is locked the way kubectl locks it, and put the new token in the old one's place: nothing else in it changes.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import os
import ssl
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from osconsole.documents import parse
from osconsole.errors import DocumentError, KubeconfigError
from osconsole.kube.credentials import Credential
from osconsole.kube.material import content
from osconsole.kube.proxy import proxy_for

LIMIT_S = 15.0
LOCK_S = 5.0
_EARLY_S = 10.0
_SAID = 300  # characters of an issuer's complaint
_PARTS = {"id-token", "refresh-token", "idp-issuer-url", "client-id", "client-secret"}
_AUTHORITY = "idp-certificate-authority"


class Login(msgspec.Struct, frozen=True, rename="kebab"):
    """What the kubeconfig keeps of a login; `authority` is PEM text, "" for the system's own CAs."""

    who: str
    authority: str
    id_token: str = ""
    refresh_token: str = ""
    idp_issuer_url: str = ""
    client_id: str = ""
    client_secret: str = ""


def login(config: Mapping[str, Any], who: str) -> Login:
    """The `config` of an auth-provider; `who` names the user in messages.

    Raises:
        KubeconfigError: its authority cannot be read.
    """
    given = {key: str(value) for key, value in config.items()}
    authority = content(given.get(_AUTHORITY, ""), given.get(f"{_AUTHORITY}-data", ""), _AUTHORITY)
    parts = {key: value for key, value in given.items() if key in _PARTS}
    return msgspec.convert({**parts, "who": who, "authority": authority.decode("utf-8", "replace")}, Login)


async def current(login: Login, files: Sequence[Path]) -> Credential:
    """The id-token while it is valid, then one by the refresh token, which `files` (the kubeconfig) must hold.

    Raises:
        KubeconfigError: log in again; or the issuer or the file does not let us refresh.
    """
    ends = _ends(login.id_token)
    if ends - _EARLY_S > time.time():
        return Credential(token=login.id_token, expires=ends)
    if not login.refresh_token:
        raise KubeconfigError(f"{login.who}: the OIDC id-token has ended and there is no refresh-token: log in again")
    file = _home(login, files)
    async with _locked(file, login.who):
        if file.read_text(encoding="utf-8").count(login.refresh_token) != 1:
            raise KubeconfigError(f"{login.who}: {file} was changed by another program just now: try again")
        answer = await _refresh(login)
        token, refresh = answer.get("id_token"), answer.get("refresh_token") or login.refresh_token
        if not isinstance(token, str) or not isinstance(refresh, str) or not (ends := _ends(token)):
            raise KubeconfigError(f"{login.who}: {login.idp_issuer_url} gave no id_token: log in again")
        if refresh != login.refresh_token:
            # At once and without a thread: whoever cancels us here would lose the only token that still counts.
            _save(file, {login.refresh_token: refresh, login.id_token: token})
    return Credential(token=token, expires=ends)


def _ends(token: str) -> float:
    """When a JWT ends, Unix seconds; 0 when it cannot be told. Whether it is genuine is the server's to judge."""
    try:
        middle = token.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))["exp"])
    except (IndexError, ValueError, KeyError, TypeError, binascii.Error):
        return 0.0


def _home(login: Login, files: Sequence[Path]) -> Path:
    """The one file that holds the refresh token, at one place, and that we may write."""
    found = [path.resolve() for path in files if path.is_file() and login.refresh_token in path.read_text()]
    if len(found) == 1 and found[0].read_text().count(login.refresh_token) == 1:
        if os.access(found[0], os.W_OK) and os.access(found[0].parent, os.W_OK):
            return found[0]
        raise KubeconfigError(f"{login.who}: {found[0]} cannot be written, and a rotated refresh-token would be lost")
    raise KubeconfigError(f"{login.who}: the refresh-token must stand once, on one line: run kubectl once, or log in")


@contextlib.asynccontextmanager
async def _locked(file: Path, who: str) -> AsyncGenerator[None, None]:
    """Hold kubectl's lock of a kubeconfig."""
    lock = file.with_name(f"{file.name}.lock")
    deadline = time.monotonic() + LOCK_S
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0))
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise KubeconfigError(f"{who}: {lock} is held: remove it if no kubectl runs") from None
        except OSError as error:
            raise KubeconfigError(f"{who}: {lock} cannot be made: {error.strerror}") from None
        await asyncio.sleep(0.1)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _save(file: Path, places: Mapping[str, str]) -> None:
    """Put new tokens in the places of old ones; the file is whole at every moment, and as private as it was."""
    text = file.read_text(encoding="utf-8")
    for old, new in places.items():
        if old and text.count(old) == 1:
            text = _put(text, old, new)
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), file.stat().st_mode & 0o777)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _put(text: str, old: str, new: str) -> str:
    """A kubeconfig with a token in the place of another; in quotes where it would be read as something else."""
    for written in (new, json.dumps(new), json.dumps(new)[1:-1], new.replace("'", "''")):
        found = text.replace(old, written)
        with contextlib.suppress(DocumentError):
            if new in _texts(parse(found, "")):
                return found
    raise KubeconfigError("the kubeconfig has no place for the new refresh-token: log in again")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


async def _refresh(login: Login) -> dict[str, Any]:
    """Ask the issuer where tokens are given, and there for one."""
    issuer = login.idp_issuer_url.rstrip("/")
    found = await _exchange(login, f"{issuer}/.well-known/openid-configuration")
    endpoint = str(found.get("token_endpoint") or "")
    form = {"grant_type": "refresh_token", "refresh_token": login.refresh_token, "client_id": login.client_id}
    if not login.client_secret:
        return await _exchange(login, endpoint, form)
    pair = f"{quote(login.client_id, safe='')}:{quote(login.client_secret, safe='')}"
    basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return await _exchange(login, endpoint, form, basic)


async def _exchange(
    login: Login, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One exchange with the issuer, always verified, never redirected: it carries the refresh token."""
    if not url.startswith("https://"):
        raise KubeconfigError(f"{login.who}: the OIDC issuer says '{url}', which is no https:// address")
    try:
        context = ssl.create_default_context(cadata=login.authority or None)
        async with asyncio.timeout(LIMIT_S):
            status, body = await _send(context, url, form, headers)
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        raise KubeconfigError(f"{login.who}: the OIDC issuer at {url} does not answer: {error}") from None
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if status != 200 or not isinstance(answer, dict):
        said = answer.get("error_description") or answer.get("error") if isinstance(answer, dict) else ""
        raise KubeconfigError(f"{login.who}: {url} refused ({status}): {str(said)[:_SAID] or 'log in again'}")
    return answer


async def _send(
    context: ssl.SSLContext, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str] | None
) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), trust_env=False) as session,
        session.request(
            "GET" if form is None else "POST",
            url,
            data=form,
            headers=headers,
            allow_redirects=False,
            proxy=proxy_for(url),
        ) as response,
    ):
        return response.status, await response.read()
