"""Material: the files and texts of which a TLS connection is made: authorities, client certificate and key, proxy."""

import base64
import binascii
import ssl
import tempfile
from pathlib import Path

import msgspec

from osconsole.errors import KubeconfigError


class Material(msgspec.Struct, frozen=True):
    """What a TLS connection is made of; equal material means that a connection can be kept.

    `authority` is PEM text, "" for the system's own CAs; `certificate` and `key` are PEM bytes, empty for none.
    """

    server: str
    authority: str
    certificate: bytes
    key: bytes
    insecure: bool
    server_name: str
    proxy: str

    def load_into(self, context: ssl.SSLContext) -> None:
        """Put the client certificate, if there is one, into a TLS context.

        Raises:
            KubeconfigError: certificate and key cannot be read or do not belong together.
        """
        if not self.certificate:
            return
        try:
            _load_pair(context, self.certificate, self.key)
        except (ssl.SSLError, OSError) as error:
            raise KubeconfigError(f"client certificate and key for {self.server} cannot be used: {error}") from None


def _load_pair(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # OpenSSL loads certificate chains from files only; this one lives for one call, readable by us alone.
    with tempfile.TemporaryDirectory(prefix="osconsole-") as folder:
        pair = Path(folder) / "pair.pem"
        pair.touch(mode=0o600)
        pair.write_bytes(certificate.rstrip() + b"\n" + key)
        context.load_cert_chain(pair, password="")


def content(path: str, data: str, what: str) -> bytes:
    """The content of a field that may be given as data (which wins) or as a file.

    Raises:
        KubeconfigError: it cannot be read, or there is nothing in it: no authority would mean any public one.
    """
    if data:
        try:
            return base64.b64decode(data.replace("\n", "").replace("\r", ""), validate=True)
        except (binascii.Error, ValueError):
            raise KubeconfigError(f"kubeconfig: {what}-data is not base64: mend the file") from None
    if not path:
        return b""
    try:
        found = Path(path).read_bytes()
    except OSError as error:
        raise KubeconfigError(f"kubeconfig: {what} {path}: {error.strerror}: check the file") from None
    if not found:
        raise KubeconfigError(f"kubeconfig: {what} {path}: is empty: check the file")
    return found


def expiry(pem: bytes) -> float:
    """When the first certificate of a PEM text ends, Unix seconds; 0 when it cannot be told."""
    from cryptography import x509  # a slow import that only a refusal pays for

    try:
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp()
    except ValueError:
        return 0.0


def stamp(*paths: str) -> tuple[tuple[int, int, int] | None, ...]:
    """What tells that files were replaced or rewritten; None for one that is not there or not named."""
    return tuple(_stamp(path) for path in paths)


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
