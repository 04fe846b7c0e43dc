"""The kubelet's HTTPS server: the container logs that the API server fetches for `kubectl logs`."""

from osconsole.embedded.kubelet.processes import Processes
from osconsole.embedded.view import Cluster


async def serve(cluster: Cluster, processes: Processes) -> int:
    return 10250
