"""The defaults of built-in kinds that a schema can say, taken from what a 1.35 stores.

`STATIC` goes by the short names of types, `EMPTY` by components.
"""

from typing import Any

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_CONTAINER: dict[str, Any] = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}

_WITH_STATUS = (
    "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob",
    "PodDisruptionBudget", "Ingress",
)  # fmt: skip
STATIC: dict[str, dict[str, Any]] = {
    "PodSpec": {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    },
    "Container": _CONTAINER,
    "EphemeralContainer": _CONTAINER,
    "Probe": _PROBE,
    "HTTPGetAction": {"path": "/", "scheme": "HTTP"},
    "ConfigMapVolumeSource": {"defaultMode": 420},
    "SecretVolumeSource": {"defaultMode": 420},
    "ProjectedVolumeSource": {"defaultMode": 420},
    "DownwardAPIVolumeSource": {"defaultMode": 420},
    "HostPathVolumeSource": {"type": ""},
    "ServiceAccountTokenProjection": {"expirationSeconds": 3600},
    "ObjectFieldSelector": {"apiVersion": "v1"},
    "DeploymentSpec": {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "strategy": {}},
    "DeploymentStrategy": {"type": "RollingUpdate"},
    "RollingUpdateDeployment": {"maxUnavailable": "25%", "maxSurge": "25%"},
    "ReplicaSetSpec": {"replicas": 1},
    "ReplicationControllerSpec": {"replicas": 1},
    "StatefulSetSpec": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "updateStrategy": {},
        "persistentVolumeClaimRetentionPolicy": {},
    },
    "StatefulSetUpdateStrategy": {"type": "RollingUpdate"},
    "RollingUpdateStatefulSetStrategy": {"partition": 0},
    "StatefulSetPersistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    "DaemonSetSpec": {"revisionHistoryLimit": 10, "updateStrategy": {}},
    "DaemonSetUpdateStrategy": {"type": "RollingUpdate"},
    "RollingUpdateDaemonSet": {"maxUnavailable": 1, "maxSurge": 0},
    "CronJobSpec": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "ServiceSpec": {"type": "ClusterIP", "sessionAffinity": "None"},
    "EndpointPort": {"protocol": "TCP"},
    "NetworkPolicyPort": {"protocol": "TCP"},
    "PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    "PersistentVolumeSpec": {"volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain"},
    "Secret": {"type": "Opaque"},
    "StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
    "Namespace": {"spec": {}, "status": {"phase": "Active"}},
    "Pod": {"status": {"phase": "Pending"}},
    "PersistentVolumeClaim": {"status": {"phase": "Pending"}},
    "PersistentVolume": {"status": {"phase": "Pending"}},
    "Service": {"status": {"loadBalancer": {}}},
    **{kind: {"status": {}} for kind in _WITH_STATUS},
    # Counts that stand there from the beginning.
    "ReplicaSetStatus": {"replicas": 0},
    "ReplicationControllerStatus": {"replicas": 0},
    "StatefulSetStatus": {"replicas": 0, "availableReplicas": 0},
    "DaemonSetStatus": dict.fromkeys(
        ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"), 0
    ),
    "PodDisruptionBudgetStatus": dict.fromkeys(
        ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0
    ),
    "IngressStatus": {"loadBalancer": {}},
}
# What a type does not leave out when it is empty, by component: nobody owns it then.
EMPTY: dict[str, dict[str, Any]] = {
    "io.k8s.api.core.v1.PodTemplateSpec": {"metadata": {}},
    "io.k8s.api.batch.v1.JobTemplateSpec": {"metadata": {}},
    "io.k8s.api.core.v1.ContainerStatus": {
        "image": "",
        "imageID": "",
        "lastState": {},
        "ready": False,
        "restartCount": 0,
    },
    "io.k8s.api.rbac.v1.Role": {"rules": None},
    "io.k8s.api.rbac.v1.ClusterRole": {"rules": None},
    "io.k8s.api.coordination.v1.Lease": {"spec": {}},
    "io.k8s.api.discovery.v1.Endpoint": {"conditions": {}},
    "io.k8s.api.apps.v1.StatefulSetSpec": {"serviceName": ""},
    "io.k8s.api.core.v1.Event": {
        "source": {},
        **dict.fromkeys(("firstTimestamp", "lastTimestamp", "eventTime")),
        **dict.fromkeys(("reportingComponent", "reportingInstance"), ""),
    },
    # Times that are null where nobody has said one.
    **{
        f"io.k8s.api.{name}Condition": dict.fromkeys(times)
        for name, times in (
            ("core.v1.Pod", ("lastProbeTime", "lastTransitionTime")),
            ("core.v1.PersistentVolumeClaim", ("lastProbeTime", "lastTransitionTime")),
            ("core.v1.Node", ("lastHeartbeatTime", "lastTransitionTime")),
            ("core.v1.Namespace", ("lastTransitionTime",)),
            ("core.v1.ReplicationController", ("lastTransitionTime",)),
            ("apps.v1.Deployment", ("lastUpdateTime", "lastTransitionTime")),
            *((f"apps.v1.{kind}", ("lastTransitionTime",)) for kind in ("ReplicaSet", "StatefulSet", "DaemonSet")),
            ("batch.v1.Job", ("lastProbeTime", "lastTransitionTime")),
        )
    },
    "io.k8s.api.core.v1.ContainerStateRunning": {"startedAt": None},
    "io.k8s.api.core.v1.ContainerStateTerminated": dict.fromkeys(("startedAt", "finishedAt")),
}
