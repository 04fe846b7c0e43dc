"""Single: of all operators one reconciles a namespace, whether it was started for that one or for all of them.

Each holds a Lease in its own scope; one that finds another at work in an overlapping scope lets go and waits.
"""

import asyncio
import random
import time
from collections.abc import Callable

from osconsole.errors import ApiError, Forbidden, OsconsoleError, Unreachable
from osconsole.kube.api import Api
from osconsole.model.conditions import instant
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.resource import dig
from osconsole.reconcile.lease import LIFE_S, RETRY_S, Lease
from osconsole.reconcile.states import EVERYWHERE, OPERATOR

Say = Callable[[str], None]


async def acquire(api: Api, namespace: str, say: Say) -> Lease:
    """The Lease of an operator of a namespace ("" is all), waiting for whoever holds it or another in its way.

    Raises:
        Forbidden: we may not have Leases there.
    """
    lease = Lease(api, namespace or EVERYWHERE, OPERATOR)
    told = ""
    while True:
        try:
            waits = await _held(api, lease, namespace)
        except Forbidden:
            raise
        except (ApiError, Unreachable) as error:
            waits = str(error)
        if not waits:
            return lease
        if waits != told:
            say(f"waiting: {waits}")
            told = waits
        await asyncio.sleep(RETRY_S * (1 + random.random()))  # noqa: S311  # two may have let go for each other


async def _held(api: Api, lease: Lease, namespace: str) -> str:
    """Take it; who is in the way, "" when nobody is."""
    holder = await lease.take()
    if holder:
        return f"{holder} holds the Lease {OPERATOR}"
    try:
        rival = await _rival(api, namespace)
    except Forbidden:  # who may not look at other namespaces cannot be told of them
        return ""
    except OsconsoleError:
        await lease.release()
        raise
    if rival:
        await lease.release()
    return rival


async def _rival(api: Api, namespace: str) -> str:
    """Another operator that lives and reconciles our namespace, or one of ours."""
    kind = BY_KEY[key("Lease")]
    scope = EVERYWHERE if namespace else ""
    named = {"fieldSelector": f"metadata.name={OPERATOR}"}
    for found in (await api.send("GET", kind.path(scope), query=named)).object()["items"]:
        place, spec = dig(found, "metadata", "namespace"), found.get("spec") or {}
        lives = spec.get("holderIdentity") and time.time() - instant(spec.get("renewTime")) < 2 * LIFE_S
        if lives and place != (namespace or EVERYWHERE):
            return f"{spec['holderIdentity']} reconciles {'all namespaces' if place == EVERYWHERE else place} already"
    return ""
