"""Which kinds an API server serves: what garbage collection and namespace deletion have to look at."""

from osconsole.embedded.client import Client, Object
from osconsole.embedded.kinds import EVENT, Kind
from osconsole.errors import NotFound, TryAgain

_NEEDED = {"list", "watch", "delete"}


async def served_kinds(client: Client) -> list[Kind]:
    """Every kind that can be listed, watched and deleted, in the version its group prefers; Events left out.

    Raises:
        Unreachable, ApiError: discovery failed as a whole. A single group that is gone is skipped.
    """
    found = _kinds(await client.request("GET", "/api/v1"), "", "v1")
    for group in (await client.request("GET", "/apis"))["groups"]:
        version = group["preferredVersion"]["version"]
        try:
            resources = await client.request("GET", f"/apis/{group['name']}/{version}")
        except (NotFound, TryAgain):
            continue
        found += _kinds(resources, group["name"], version)
    return found


def _kinds(resources: Object, group: str, version: str) -> list[Kind]:
    return [
        Kind(group, version, entry["kind"], entry["name"], bool(entry["namespaced"]))
        for entry in resources.get("resources") or []
        if "/" not in entry["name"] and set(entry.get("verbs") or []) >= _NEEDED and entry["name"] != EVENT.plural
    ]
