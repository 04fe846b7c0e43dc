"""TLS of a cluster: keys are made once and kept in its directory."""

import importlib
import ssl
from pathlib import Path


def context(directory: Path) -> ssl.SSLContext:
    """The server's TLS context; keys are made where they are missing. Client certificates of the CA are accepted."""
    if not (directory / "server.crt").exists():
        # Making keys costs a tenth of a second of imports; only the first start pays.
        importlib.import_module("osconsole.embedded.api.access.certificates").make(directory)
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.load_cert_chain(directory / "server.crt", directory / "server.key")
    found.load_verify_locations(directory / "ca.crt")
    found.verify_mode = ssl.CERT_OPTIONAL
    return found


def kubelet_context(directory: Path) -> ssl.SSLContext:
    """How the API server asks node agents: on loopback, with a client certificate of the cluster's CA."""
    if not (directory / "kubelet-client.crt").exists():
        importlib.import_module("osconsole.embedded.api.access.certificates").make_client(directory)
    found = ssl.create_default_context()
    found.check_hostname = False
    # As the real server without --kubelet-certificate-authority.
    found.verify_mode = ssl.CERT_NONE
    found.load_cert_chain(directory / "kubelet-client.crt", directory / "kubelet-client.key")
    return found
