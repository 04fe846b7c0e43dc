"""Objects to measure with: pods of a realistic size, by the thousand."""

from typing import Any

from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, key

POD = BY_KEY[key("Pod")]


def pod(number: int, namespace: str = "default") -> dict[str, Any]:
    """A pod as a Deployment's would be: about 3 KB, with environment, probes and mounts."""
    name = f"service-{number % 40}-7d4b9c6f58-{number:05d}"
    env = [{"name": f"SETTING_{i}", "value": f"a value of some length, number {i}"} for i in range(12)]
    probe = {"httpGet": {"path": "/healthcheck", "port": 8080}, "periodSeconds": 10, "timeoutSeconds": 5}
    container = {
        "name": "service",
        "image": "quay.io/example/openstack-service:current",
        "command": ["/usr/bin/service", "--config-dir", "/etc/service/service.conf.d"],
        "env": env,
        "livenessProbe": probe,
        "readinessProbe": probe,
        "volumeMounts": [{"name": f"config-{i}", "mountPath": f"/etc/service/{i}"} for i in range(4)],
    }
    volumes = [{"name": f"config-{i}", "secret": {"secretName": f"service-config-{i}"}} for i in range(4)]
    labels = {"service": f"service-{number % 40}", "number": str(number)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        # No scheduler of this name runs, so these pods keep nobody busy.
        "spec": {"schedulerName": "none", "containers": [container], "volumes": volumes},
    }


async def fill(api: Api, count: int) -> None:
    """Create so many pods in the default namespace, from number 0."""
    for number in range(count):
        await api.create(POD.path("default"), pod(number))


def options(kubeconfig: object) -> Options:
    """Options for one kubeconfig, all namespaces."""
    return Options(kubeconfig=str(kubeconfig), namespace="")
