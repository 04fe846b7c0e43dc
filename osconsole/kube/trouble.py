"""Trouble of the network in plain words: refused, no such host, a certificate that does not fit, silence."""

import errno
import socket
import ssl

import aiohttp

from osconsole.errors import Unreachable

_SSL_CODES = {
    10: "the server's certificate has expired: it must be renewed on the cluster (check this machine's clock too)",
    9: "the server's certificate is not valid yet: check this machine's clock",
    62: "the server's certificate is for another name: check the server address, or set tls-server-name",
}
_UNKNOWN_CA = (
    "the server's certificate is signed by an unknown authority: the kubeconfig's certificate-authority does not fit "
    "this server; log in again"
)
_CUT = "the connection was cut"
_HANDSHAKE = "the connection was cut while it began: is it an API server, and does it want a client certificate?"
_NO_HOST = "no such host: check the server address and the DNS of this machine"


def unreachable(error: BaseException, server: str) -> Unreachable:
    """The error for a person; `server` is the URL that was tried."""
    return Unreachable(f"{server}: {_words(error)}")


def of_keys(error: BaseException) -> bool:
    """Whether certificates may be the matter; a server that does not accept ours often just cuts the connection."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(cause, ssl.SSLError | ConnectionResetError | aiohttp.ServerDisconnectedError) or isinstance(
        error, aiohttp.ClientSSLError
    )


_BY_TYPE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (aiohttp.ClientProxyConnectionError, "the proxy does not answer: check proxy-url and HTTPS_PROXY"),
    (TimeoutError, "no answer in time: the server hangs, or a firewall drops what is sent to it"),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), _NO_HOST),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionResetError), _CUT),
    (aiohttp.InvalidURL, "this is not a server address: mend the kubeconfig"),
)


def _words(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate(error.certificate_error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status} {error.message}: check proxy-url and HTTPS_PROXY"
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return f"no TLS connection: {_reason(error)}"
    return next((words for kinds, words in _BY_TYPE if isinstance(error, kinds)), "") or _system(error)


def _system(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionResetError):
        return _HANDSHAKE  # asyncio's own word for an end within the handshake has no number
    number = getattr(error, "errno", None)
    if number == errno.ECONNREFUSED:
        return "connection refused: no API server listens there"
    if number in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return "no route to this host: check the network or VPN"
    if number in {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED}:
        return _CUT
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error)
    return str(error) or type(error).__name__


def _certificate(error: BaseException) -> str:
    code = getattr(error, "verify_code", 0)
    return _SSL_CODES.get(code, _UNKNOWN_CA if code in {18, 19, 20, 21} else f"the certificate is refused: {error}")


def _reason(error: aiohttp.ClientConnectorSSLError) -> str:
    under = error.os_error
    return str(getattr(under, "reason", "") or under).replace("_", " ").lower()
