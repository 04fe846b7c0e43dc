"""A kubeconfig as what a connection needs: server, TLS context, token.

Certificates and tokens, from files or inline. No exec plugins and no OIDC: the embedded cluster and a test control
plane never ask for them.
"""

import base64
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osconsole import documents
from osconsole.errors import KubeconfigError


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the API server is and how to speak to it; `token` and `authority` (PEM) may be empty."""

    server: str
    tls: ssl.SSLContext | None
    token: str
    authority: str


def connection(path: Path) -> Connection:
    """The current context of a kubeconfig.

    Raises:
        KubeconfigError: it names a context, cluster or user that is not there.
        DocumentError: it cannot be read.
    """
    document = documents.parse(documents.read(path), str(path)) or {}
    context = _entry(document, "contexts", document.get("current-context", ""), path)["context"]
    cluster = _entry(document, "clusters", context.get("cluster", ""), path)["cluster"]
    user = _entry(document, "users", context.get("user", ""), path).get("user") or {}
    server = str(cluster["server"]).rstrip("/")
    tls = _tls(cluster, user, path.parent) if server.startswith("https:") else None
    authority = _bytes(cluster, "certificate-authority", path.parent).decode()
    return Connection(server, tls, _token(user, path.parent), authority)


def _entry(document: dict[str, Any], table: str, name: str, path: Path) -> dict[str, Any]:
    for entry in document.get(table) or []:
        if entry.get("name") == name:
            return dict(entry)
    raise KubeconfigError(f"{path}: {table} has no entry named '{name}': choose another context")


def _token(user: dict[str, Any], folder: Path) -> str:
    if user.get("tokenFile"):
        return documents.read(folder / user["tokenFile"]).strip()
    return str(user.get("token") or "")


def _tls(cluster: dict[str, Any], user: dict[str, Any], folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority = _bytes(cluster, "certificate-authority", folder)
    if authority:
        context = ssl.create_default_context(cadata=authority.decode())
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = _bytes(user, "client-certificate", folder)
    key = _bytes(user, "client-key", folder)
    if certificate and key:
        # The ssl module reads client keys from files only.
        with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
            pem.write(certificate + b"\n" + key)
            pem.flush()
            context.load_cert_chain(pem.name)
    return context


def _bytes(table: dict[str, Any], key: str, folder: Path) -> bytes:
    inline = table.get(f"{key}-data")
    if inline:
        return base64.b64decode(inline)
    return documents.read(folder / table[key]).encode() if table.get(key) else b""
