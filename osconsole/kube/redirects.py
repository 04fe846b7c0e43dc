"""Redirects: an API server never sends us elsewhere, so they are refused.

Whoever followed one would show who we are to another server (impersonation, a client certificate, the body of a
Secret), and a write that ends on a login page would look as though it had succeeded.
"""

import aiohttp

from osconsole.errors import ApiError

_SHOWN = 200  # characters of an address


def refusal() -> aiohttp.TraceConfig:
    """What makes a session raise ApiError instead of following a redirect."""
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse)
    return trace


async def _refuse(_session: object, _context: object, params: aiohttp.TraceRequestRedirectParams) -> None:
    to = params.response.headers.get("Location", "")[:_SHOWN]
    raise ApiError(
        f"{params.url.origin()}: the answer sends us on to '{to}', which no API server does: "
        "is a proxy or login page in between, or the server address another one?",
        502,
    )
