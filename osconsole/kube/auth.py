"""Auth: who we are towards the API server, as request headers and TLS material, and how to become it anew.

The kubeconfig is read again by `renew`, so that a login in another terminal counts here as well.
"""

import asyncio
import base64
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec

from osconsole.errors import KubeconfigError
from osconsole.kube import oidc
from osconsole.kube.credentials import Credential, ask
from osconsole.kube.kubeconfig import choose
from osconsole.kube.material import Material, content, expiry, stamp
from osconsole.kube.target import Target, User
from osconsole.model.connection import Options

_TOKEN_FILE_S = 60.0  # kubelets rotate projected tokens; client-go reads them as often
_EARLY_S = 10.0  # a credential this close to its end is replaced
_FAILED_S = 5.0  # forty streams must not start a failing plugin forty times
_VAIN_S = 10.0  # nor one whose credentials are refused, though they are fresh


class Auth:
    """The identity of one connection.

    Attributes:
        target: the context as the kubeconfig last said it.
        generation: counts the readings of the kubeconfig.
    """

    def __init__(self, options: Options) -> None:
        self.target: Target = choose(options)
        # Another terminal may choose another current context: this connection stays with the one that it began with.
        self._options = msgspec.structs.replace(options, context=self.target.context)
        self.generation = 0
        self._lock = asyncio.Lock()
        self._credential: Credential | None = None
        self._failure: tuple[float, KubeconfigError] | None = None
        self._token: tuple[float, str] = (0.0, "")
        self._renewed_at = self._vain_at = -_VAIN_S

    def renew(self) -> None:
        """Read the kubeconfig again and forget what was kept.

        What a plugin gives is kept a while when it was fresh and refused all the same, and nothing else has changed.

        Raises:
            KubeconfigError: it is gone or broken by now.
        """
        self.generation += 1
        self._token = (0.0, "")
        now, before, self.target = time.monotonic(), self.target, choose(self._options)
        if self.target != before or now - self._vain_at > _VAIN_S:
            self._credential, self._renewed_at = None, now

    def reread(self) -> None:
        """Read the kubeconfig again; what was kept is forgotten only when it says something else now.

        Raises:
            KubeconfigError: it is gone or broken by now.
        """
        if choose(self._options) != self.target:
            self.renew()

    def headers(self, credential: Credential | None) -> list[tuple[str, str]]:
        """Authorization and impersonation. As kubectl's, credentials do not go over plain http.

        Raises:
            KubeconfigError: a token file gives nothing, or what there is cannot be sent.
        """
        user = self.target.user
        found = impersonation(user)
        if self._private():
            found += self._authorization(user, credential)
        for name, value in found:
            if fault := _unsendable(name, value):
                who = f"{self.target.source}: what user '{self.target.user_name}' has for the header {name}"
                raise KubeconfigError(f"{who} {fault}")
        return found

    def _private(self) -> bool:
        return self.target.cluster.server.lower().startswith("https:")

    def _authorization(self, user: User, credential: Credential | None) -> list[tuple[str, str]]:
        token = self._bearer(user, credential)
        if token:
            return [("Authorization", f"Bearer {token}")]
        if not user.username:
            return []
        pair = base64.b64encode(f"{user.username}:{user.password}".encode()).decode()
        return [("Authorization", f"Basic {pair}")]

    def _bearer(self, user: User, credential: Credential | None) -> str:
        if user.token_file:
            return self._from_file(user.token_file)
        if user.token or user.username:
            return user.token
        return credential.token if credential else ""

    def _from_file(self, path: str) -> str:
        """The token of a file. While it cannot be read, what it was, or what the kubeconfig says beside it, counts."""
        read_at, token = self._token
        if not token or time.monotonic() - read_at > _TOKEN_FILE_S:
            try:
                token = _token_in(path)
            except KubeconfigError:
                token = token or self.target.user.token
                if not token:
                    raise
            self._token = (time.monotonic(), token)
        return token

    async def credential(self) -> Credential | None:
        """What the exec plugin or OIDC gives, kept until shortly before it ends; None without either."""
        user = self.target.user
        if (user.plugin is None and user.provider is None) or not self._private():
            return None
        async with self._lock:
            kept = self._credential
            if kept and (not kept.expires or kept.expires - _EARLY_S > time.time()):
                return kept
            if self._failure and time.monotonic() - self._failure[0] < _FAILED_S:
                raise self._failure[1]
            try:
                self._credential = await self._asked()
            except KubeconfigError as error:
                self._failure = (time.monotonic(), error)
                raise
            self._failure = None
            return self._credential

    async def _asked(self) -> Credential:
        if plugin := self.target.user.plugin:
            return await ask(plugin, self.target.cluster, self.target.user_name)
        self.target = choose(self._options)  # kubectl may have refreshed meanwhile
        provider = self.target.user.auth_provider or {}
        who = f"{self.target.source}: user '{self.target.user_name}'"
        if provider.get("name") != "oidc":
            raise KubeconfigError(
                f"{who} uses the auth-provider '{provider.get('name', '')}', which Kubernetes removed: "
                "use an exec plugin or a token"
            )
        files = [Path(part) for part in self.target.source.split(os.pathsep)]
        return await oidc.current(oidc.login(provider.get("config") or {}, who), files)

    def material(self, credential: Credential | None) -> Material:
        """What the TLS connection needs, read from the files now.

        Raises:
            KubeconfigError: a file cannot be read, or a key is missing.
        """
        cluster, user, source = self.target.cluster, self.target.user, self.target.source
        authority = content(cluster.certificate_authority, cluster.certificate_authority_data, "certificate-authority")
        certificate = content(user.client_certificate, user.client_certificate_data, "client-certificate")
        key = content(user.client_key, user.client_key_data, "client-key")
        if credential and credential.certificate:
            certificate, key = credential.certificate.encode(), credential.key.encode()
        if bool(certificate) != bool(key):
            has = "a client certificate but no key" if certificate else "a client key but no certificate"
            raise KubeconfigError(f"{source}: user '{self.target.user_name}' has {has}: mend the file")
        return Material(
            server=cluster.server,
            authority=authority.decode("utf-8", errors="replace"),
            certificate=certificate,
            key=key,
            insecure=cluster.insecure_skip_tls_verify,
            server_name=cluster.tls_server_name,
            proxy=cluster.proxy_url,
        )

    def stamp(self) -> object:
        """Another value when a file that `material` reads has been replaced since."""
        cluster, user = self.target.cluster, self.target.user
        return stamp(cluster.certificate_authority, user.client_certificate, user.client_key)

    def ended(self) -> str:
        """That the client certificate of the kubeconfig has ended; "" when it has not, or there is none."""
        user = self.target.user
        pem = content(user.client_certificate, user.client_certificate_data, "client certificate")
        if not pem or not (ended := expiry(pem)) or ended > time.time():
            return ""
        day = datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"the client certificate of user '{self.target.user_name}' expired on {day}: log in again"

    def refused(self) -> str:
        """Note that we were refused by what we had just renewed; why, as far as we can see it ourselves."""
        if self._vain_at < self._renewed_at:
            self._vain_at = time.monotonic()
        user, name = self.target.user, self.target.user_name
        if not self._private():
            return f"{self.target.cluster.server} is not encrypted, so no credentials are sent to it: use https://"
        if ended := self.ended():
            return ended
        pem = user.client_certificate or user.client_certificate_data
        if not (pem or user.token or user.token_file or user.exec or user.auth_provider or user.username):
            return f"user '{name}' has no credentials in {self.target.source}: log in"
        return f"user '{name}' was not accepted: log in again (the kubeconfig is read anew), or choose another context"


def _token_in(path: str) -> str:
    """What a token file says.

    Raises:
        KubeconfigError: nothing, or it cannot be read.
    """
    try:
        token = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KubeconfigError(f"token file {path}: cannot be read: {error}") from None
    if not token:
        raise KubeconfigError(f"token file {path}: is empty: log in again")
    return token


def _unsendable(name: str, value: str) -> str:
    """Why a value cannot stand in a header; "" when it can.

    On the wire blanks around a value are lost: who asks to be " " would be nobody else, and so keep all own rights.
    """
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
        return "holds a line break or control character: remove it"
    if name.startswith("Impersonate-") and value != value.strip():
        return "begins or ends with a blank, which would be lost on the way: remove it"
    return ""


def impersonation(user: User) -> list[tuple[str, str]]:
    """The Impersonate headers of a user; a group or extra value each, as Kubernetes wants them."""
    if not user.as_:
        return []
    found = [("Impersonate-User", user.as_)]
    if user.as_uid:
        found.append(("Impersonate-Uid", user.as_uid))
    found += [("Impersonate-Group", group) for group in user.as_groups or ()]
    for key, values in (user.as_user_extra or {}).items():
        # Servers read them without case, so two keys that differ in case only are one with more values.
        found += [(f"Impersonate-Extra-{quote(key, safe='').lower()}", value) for value in values]
    return found
