"""`/log` of a pod: which container is meant, and the node agent's stream passed through."""

import ssl
from typing import Any

import aiohttp
from aiohttp import web

from osconsole.embedded.api.failures import Failure, bad_request, forbidden_field, invalid, wrong_value
from osconsole.embedded.api.pods import agents
from osconsole.embedded.api.protocol.options import number
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.types import ResourceType

_PASSED = ("follow", "tailLines", "previous", "sinceSeconds", "sinceTime", "timestamps", "limitBytes")
_LEAST = (
    ("tailLines", 0, "must be greater than or equal to 0"),
    ("sinceSeconds", 1, "must be greater than 0"),
    ("limitBytes", 1, "must be greater than 0"),
)
_OPTIONS = ResourceType(group="", version="v1", kind="PodLogOptions", plural="", singular="", namespaced=True)
_CONNECT_S = 10.0

Object = dict[str, Any]


async def serve(call: Call) -> web.StreamResponse:
    """Stream the log of a container.

    Raises:
        Failure: 400, the container is not named, unknown or not started; 404; 500, its node does not answer.
    """
    pod = call.object(call.entry())
    _check(call)
    container = choose(pod, call.request.query.get("container", ""))
    if not (pod.get("spec") or {}).get("nodeName"):
        # Nothing has been said yet by what runs nowhere yet.
        return Whole(b"", 204, "text/plain")
    host, port = agents.address(call, pod)
    url = f"https://{host}:{port}/containerLogs/{call.namespace}/{call.target.name}/{container}"
    query = {key: call.request.query[key] for key in _PASSED if key in call.request.query}
    context = ssl.create_default_context()
    context.check_hostname = False
    # As the real server without --kubelet-certificate-authority: the node is asked on loopback.
    context.verify_mode = ssl.CERT_NONE
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, params=query, ssl=context) as answer,
        ):
            return await _pass_on(call, answer)
    except (aiohttp.ClientError, TimeoutError) as error:
        why = error.strerror if isinstance(error, aiohttp.ClientConnectorError) else error
        raise Failure(500, "InternalError", f'Get "{url}": {why}', {}) from None


def _check(call: Call) -> None:
    """The options of a log, in the words of their validation.

    Raises:
        Failure: 400, 422.
    """
    query, causes = call.request.query, []
    for key, least, words in _LEAST:
        if key in query and (value := number(query, key)) < least:
            causes.append(wrong_value(key, value, words))
    if "sinceSeconds" in query and "sinceTime" in query:
        causes.append(forbidden_field("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    if causes:
        raise invalid(_OPTIONS, call.target.name, causes)


async def _pass_on(call: Call, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    if answer.status != 200:
        text = (await answer.text()).strip()
        if answer.status in (400, 404):
            raise bad_request(text)
        raise Failure(500, "InternalError", f"the server rejected our request for an unknown reason: {text}", {})
    response = web.StreamResponse(headers={"Content-Type": "text/plain", "Cache-Control": "no-cache, private"})
    await response.prepare(call.request)
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
    except ConnectionError:
        # The reader has left.
        return response
    except aiohttp.ClientError:
        # The node has cut it. The real server ends what it has begun as though it were whole, too.
        pass
    await response.write_eof()
    return response


def choose(pod: Object, asked: str) -> str:
    """The container that is meant.

    Raises:
        Failure: 400.
    """
    spec, name = pod.get("spec") or {}, pod["metadata"]["name"]
    main: list[str] = [c["name"] for c in spec.get("containers") or ()]
    first = [c["name"] for c in spec.get("initContainers") or ()]
    extra = [c["name"] for c in spec.get("ephemeralContainers") or ()]
    if asked:
        if asked not in main + first + extra:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(main) == 1:
        return main[0]
    words = f"a container name must be specified for pod {name}, choose one of: [{' '.join(main)}]"
    if first:
        words += f" or one of the init containers: [{' '.join(first)}]"
    raise bad_request(words)
