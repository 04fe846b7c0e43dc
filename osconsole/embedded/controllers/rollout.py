"""How large each ReplicaSet of a Deployment should be now. Pure.

A rolling update never has more pods than replicas + maxSurge, and never fewer available ones than replicas -
maxUnavailable; unhealthy old pods go first, because they cost no availability.
"""

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.selectors import scaled


def size(replica_set: Object) -> int:
    """The replicas that a set is asked for."""
    return int(replica_set["spec"].get("replicas") or 0)


def _available(replica_set: Object) -> int:
    return int((replica_set.get("status") or {}).get("availableReplicas") or 0)


def limits(deployment: Object) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) as pods; both zero is not possible."""
    replicas = int(deployment["spec"].get("replicas", 1))
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    surge = scaled(rolling.get("maxSurge", "25%"), replicas, up=True)
    unavailable = scaled(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, unavailable


def is_recreate(deployment: Object) -> bool:
    """All old pods go before the first new one comes."""
    return (deployment["spec"].get("strategy") or {}).get("type") == "Recreate"


def new_size(deployment: Object, current: int, others: int) -> int:
    """The size of the new set that has `current` pods, beside `others` old ones (asked for)."""
    replicas = int(deployment["spec"].get("replicas", 1))
    if is_recreate(deployment):
        return replicas if others == 0 else current
    if current >= replicas:
        return replicas
    room = replicas + limits(deployment)[0] - current - others
    return current + max(0, min(room, replicas - current))


def old_sizes(deployment: Object, new: Object | None, old: list[Object]) -> dict[str, int]:
    """The size, by uid, of the old sets that shrink now; `old` is sorted, oldest first."""
    if is_recreate(deployment):
        return {rs["metadata"]["uid"]: 0 for rs in old if size(rs)}
    replicas = int(deployment["spec"].get("replicas", 1))
    least = replicas - limits(deployment)[1]
    new_count = size(new) if new else 0
    new_available = min(_available(new), new_count) if new else 0
    spare = new_count + sum(size(rs) for rs in old) - least - (new_count - new_available)
    if spare <= 0:
        return {}
    sizes = {rs["metadata"]["uid"]: size(rs) for rs in old if size(rs)}
    for rs in old:
        uid = rs["metadata"]["uid"]
        if uid in sizes:
            unhealthy = max(0, min(spare, sizes[uid] - min(_available(rs), sizes[uid])))
            sizes[uid] -= unhealthy
            spare -= unhealthy
    healthy = new_available + sum(min(_available(rs), sizes.get(rs["metadata"]["uid"], 0)) for rs in old)
    spare = min(spare, healthy - least)
    for rs in old:
        uid = rs["metadata"]["uid"]
        if uid in sizes and spare > 0:
            fewer = min(spare, sizes[uid])
            sizes[uid] -= fewer
            spare -= fewer
    return {
        rs["metadata"]["uid"]: sizes[rs["metadata"]["uid"]]
        for rs in old
        if size(rs) != sizes.get(rs["metadata"]["uid"], 0)
    }
