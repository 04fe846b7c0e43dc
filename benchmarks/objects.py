"""Objects to measure with: pods of a realistic size, by the thousand."""

import asyncio
from collections.abc import Callable
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


def service_pod(number: int) -> dict[str, Any]:
    """A replica of one of 40 services, with its log's container, one that begins, networks; 8 KB as stored."""
    made = pod(number)
    spec, metadata = made["spec"], made["metadata"]
    (service,) = spec["containers"]
    service["image"] = f"quay.io/example/openstack-{metadata['labels']['service']}:current"
    service["resources"] = {"requests": {"cpu": "100m", "memory": "500Mi"}, "limits": {"memory": "4Gi"}}
    mounts = [*service["volumeMounts"], {"name": "logs", "mountPath": "/var/log/service"}]
    image = service["image"]
    log = {
        "name": "log",
        "image": image,
        "command": ["/usr/bin/dumb-init"],
        "args": ["--single-child", "--", "/usr/bin/tail", "-n+1", "-F", "/var/log/service/service.log"],
        "env": [{"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}],
        "volumeMounts": mounts[-1:],
        "securityContext": {"runAsUser": 42415, "allowPrivilegeEscalation": False},
    }
    begins = {"name": "init", "image": image, "args": ["/bin/bash", "-c", "/usr/local/bin/container-scripts/init.sh"]}
    spec["initContainers"] = [{**begins, "env": service["env"][:4], "volumeMounts": mounts}]
    spec["containers"] = [{**service, "volumeMounts": mounts}, log]
    spec["volumes"].append({"name": "logs", "emptyDir": {}})
    spec["nodeSelector"] = {"node-role.kubernetes.io/worker": ""}
    # No owner: what owned it would be missing, and so it would go.
    metadata["annotations"] = {"k8s.v1.cni.cncf.io/networks": f'[{{"name":"internalapi","ips":["172.17.0.{number}"]}}]'}
    return made


async def fill(api: Api, count: int, make: Callable[[int], dict[str, Any]] = pod, writers: int = 1) -> None:
    """Create so many pods in the default namespace, from number 0, by so many clients at a time."""
    numbers = iter(range(count))

    async def write() -> None:
        for number in numbers:
            await api.create(POD.path("default"), make(number))

    async with asyncio.TaskGroup() as group:
        for _ in range(writers):
            group.create_task(write())


def options(kubeconfig: object) -> Options:
    """Options for one kubeconfig, all namespaces."""
    return Options(kubeconfig=str(kubeconfig), namespace="")
