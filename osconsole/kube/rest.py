"""Rest: the REST client of `kubernetes.aio`, made for given TLS material. It is imported here and nowhere else.

In a thread, because the import costs a quarter of a second.
"""

import asyncio
from asyncio import sslproto
from typing import Any

import aiohttp

from osconsole.errors import KubeconfigError
from osconsole.kube import redirects
from osconsole.kube.material import Material
from osconsole.kube.proxy import proxy_for

_BUFFER_BYTES = 64 * 1024  # what a connection reads at once


async def client(material: Material) -> Any:
    """One with a session of its own.

    Raises:
        KubeconfigError: certificates or keys cannot be used.
    """
    # Without a jar: the cookie of a proxy in between would be whoever we were before.
    extra = {"cookie_jar": aiohttp.DummyCookieJar(), "trace_configs": [redirects.refusal()], "trust_env": False}
    return await asyncio.to_thread(_made, material, extra)


def _made(material: Material, extra: dict[str, Any]) -> Any:
    from kubernetes.aio.client.configuration import Configuration
    from kubernetes.aio.client.rest import RESTClientObject

    settings = Configuration()
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
        client = RESTClientObject(settings)
    except (OSError, ValueError) as error:
        raise KubeconfigError(f"the certificate-authority of {material.server} cannot be used: {error}") from None
    client.ssl_context.hostname_checks_common_name = False  # a name counts where names stand, as for kubectl
    material.load_into(client.ssl_context)
    return client
