"""Every controller of the embedded cluster, in the order in which they start."""

from osconsole.embedded.controllers.accounts import Accounts
from osconsole.embedded.controllers.certificates import Certificates, Issuers
from osconsole.embedded.controllers.cronjob import CronJobs
from osconsole.embedded.controllers.daemonset import DaemonSets
from osconsole.embedded.controllers.deployment import Deployments
from osconsole.embedded.controllers.disruption import Disruptions
from osconsole.embedded.controllers.endpoints import ServiceEndpoints
from osconsole.embedded.controllers.job import Jobs
from osconsole.embedded.controllers.loadbalancer import LoadBalancers
from osconsole.embedded.controllers.namespaces import Namespaces
from osconsole.embedded.controllers.replicaset import ReplicaSets
from osconsole.embedded.controllers.scheduler import Scheduler
from osconsole.embedded.controllers.statefulset import StatefulSets
from osconsole.embedded.controllers.volumes import Claims
from osconsole.embedded.loop import Controller
from osconsole.embedded.view import Cluster


def controllers(cluster: Cluster, *, backoff_s: float = 10.0) -> list[Controller]:
    """One of each; `backoff_s` is the first pause before a Job retries."""
    return [
        Scheduler(cluster),
        ReplicaSets(cluster),
        Deployments(cluster),
        StatefulSets(cluster),
        DaemonSets(cluster),
        Jobs(cluster, backoff_s),
        CronJobs(cluster),
        ServiceEndpoints(cluster),
        LoadBalancers(cluster),
        Claims(cluster),
        Disruptions(cluster),
        Accounts(cluster),
        Namespaces(cluster),
        Issuers(cluster),
        Certificates(cluster),
    ]
