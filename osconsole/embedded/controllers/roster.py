"""Every controller of the embedded cluster, in the order in which they start."""

from osconsole.embedded.controllers.deployment import Deployments
from osconsole.embedded.controllers.replicaset import ReplicaSets
from osconsole.embedded.controllers.scheduler import Scheduler
from osconsole.embedded.loop import Controller
from osconsole.embedded.view import Cluster


def controllers(cluster: Cluster, *, backoff_s: float = 10.0) -> list[Controller]:
    """One of each; `backoff_s` is the first pause before a Job retries."""
    return [
        Scheduler(cluster),
        ReplicaSets(cluster),
        Deployments(cluster),
    ]
