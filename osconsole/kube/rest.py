"""Rest: the REST client of `kubernetes.aio`, made for given TLS material. It is imported here and nowhere else.

Alone: the packages above it would bring every other client there is, which costs each start 0.2 s and 20 MB.
"""

import asyncio
import sys
from asyncio import sslproto
from importlib.util import find_spec, module_from_spec
from typing import Any

import aiohttp

from osconsole.errors import KubeconfigError
from osconsole.kube import redirects
from osconsole.kube.material import Material
from osconsole.kube.proxy import proxy_for

_BUFFER_BYTES = 64 * 1024  # what a connection reads at once
_PACKAGES = ("kubernetes", "kubernetes.aio", "kubernetes.aio.client", "kubernetes.aio.utils")


def _alone() -> tuple[Any, Any]:
    """Two classes of `kubernetes.aio`, from packages that only say where their modules lie.

    Whoever imports these packages later gets them whole.
    """
    before = set(sys.modules)
    try:
        for name in _PACKAGES:
            if name not in before and (spec := find_spec(name)):
                sys.modules[name] = module_from_spec(spec)
        from kubernetes.aio.client.configuration import Configuration
        from kubernetes.aio.client.rest import RESTClientObject
    finally:
        for name in sys.modules.keys() - before:
            if name.partition(".")[0] == "kubernetes":
                del sys.modules[name]
    return Configuration, RESTClientObject


_Configuration, _RESTClientObject = _alone()


async def client(material: Material) -> Any:
    """One with a session of its own.

    Raises:
        KubeconfigError: certificates or keys cannot be used.
    """
    # Without a jar: the cookie of a proxy in between would be whoever we were before.
    extra = {"cookie_jar": aiohttp.DummyCookieJar(), "trace_configs": [redirects.refusal()], "trust_env": False}
    return await asyncio.to_thread(_made, material, extra)


def _made(material: Material, extra: dict[str, Any]) -> Any:
    settings = _Configuration()
    settings.connection_pool_maxsize = 0  # no limit: each watch holds a connection
    # asyncio would keep 256 KiB for each of them, nearly all of which are silent.
    sslproto.SSLProtocol.max_size = _BUFFER_BYTES
    settings.ca_cert_data = material.authority or None
    settings.verify_ssl = not material.insecure
    settings.disable_strict_ssl_verification = True  # many cluster CAs lack what the strict mode wants
    settings.tls_server_name = material.server_name or None
    settings.proxy = material.proxy or proxy_for(material.server)
    settings.client_session_kwargs = extra
    try:
        client = _RESTClientObject(settings)
    except (OSError, ValueError) as error:
        raise KubeconfigError(f"the certificate-authority of {material.server} cannot be used: {error}") from None
    client.ssl_context.hostname_checks_common_name = False  # a name counts where names stand, as for kubectl
    material.load_into(client.ssl_context)
    return client
