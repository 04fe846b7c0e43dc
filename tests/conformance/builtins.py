"""Built-in objects, good and bad: what defaults they get, what is refused about them and in which words."""

ONE = {"containers": [{"name": "a", "image": "x"}]}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": ONE}
ONCE = {"spec": {**ONE, "restartPolicy": "Never"}}
KEPT = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
BACKEND = {"service": {"name": "s", "port": {"number": 1}}}
RBAC = "rbac.authorization.k8s.io/v1"


def _pod(**more):
    return {"spec": {"containers": [{"name": "a", "image": "x", **more}]}}


def _kept(**more):
    return {"spec": {**KEPT, **more}}


def _job(**more):
    return {"spec": {"template": ONCE, **more}}


def _cron(schedule, **more):
    return {"spec": {"schedule": schedule, "jobTemplate": {"spec": {"template": ONCE}}, **more}}


def _service(**spec):
    return {"spec": spec}


OBJECTS = {
    "pods": [
        _pod(resources={"limits": {"cpu": "0.5", "memory": "1024Mi", "x.org/y": "1000"}}),
        _pod(resources={"limits": {"memory": "1.5Gi", "cpu": "1e3"}, "requests": {"memory": "1000k"}}),
        *(_pod(resources={"limits": {"memory": text}}) for text in ("1e3m", "x", "1.5Ki.", "1Gm", "", "1.2.3")),
        _pod(resources={"limits": {"cpu": 2}, "requests": {"cpu": 3, "memory": "-1"}}),
        _pod(name="Bad_Name", volumeMounts=[{"name": "v", "mountPath": "/v"}, {"name": "", "mountPath": "/v"}]),
        _pod(image="", ports=[{"containerPort": 0}, {"containerPort": 70_000, "protocol": "tcp", "name": "x--y"}]),
        _pod(imagePullPolicy="Now", terminationMessagePolicy="Odd", env=[{"name": ""}, {"name": "a=b"}]),
        _pod(livenessProbe={}, readinessProbe={"exec": {}, "tcpSocket": {"port": 0}}),
        _pod(startupProbe={"periodSeconds": -1}),
        {"spec": {**ONE, "volumes": [{"name": "v"}, {"name": "v", "emptyDir": {}}, {"name": "V", "secret": {}}]}},
        {"spec": {**ONE, "restartPolicy": "Sometimes", "dnsPolicy": "None", "hostname": "Bad_"}},
        {"spec": {**ONE, "activeDeadlineSeconds": 0, "initContainers": [{"name": "a", "image": "y"}]}},
        {"spec": {"hostNetwork": True, "containers": [{"name": "a", "image": "x", "ports": [{"containerPort": 80}]}]}},
        {"spec": {"containers": [{"name": "a", "image": " x "}, {"name": "a", "image": "x"}]}},
        {"spec": {}},
    ],
    "apps/v1/deployments": [
        _kept(),
        _kept(replicas=-1, minReadySeconds=-1),
        _kept(strategy={"type": "Recreate"}),
        _kept(strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}),
        _kept(selector={"matchLabels": {"x": "y"}}),
        *({"spec": spec} for spec in ({}, None, {"selector": {}})),
        _kept(template={"metadata": TEMPLATE["metadata"], "spec": {**ONE, "restartPolicy": "Never"}}),
    ],
    "apps/v1/statefulsets": [
        _kept(volumeClaimTemplates=[{"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]),
        _kept(podManagementPolicy="Odd", updateStrategy={"type": "OnDelete"}),
        {**_kept(), "metadata": {"name": "with.dots"}},
    ],
    "apps/v1/daemonsets": [{}, _kept(selector={})],
    "batch/v1/jobs": [
        {},
        _job(),
        _job(completionMode="Indexed", backoffLimit=-1),
        _job(manualSelector=True),
        {"spec": {"template": TEMPLATE}},
        {**_job(), "metadata": {"name": "with.dots"}},
    ],
    "batch/v1/cronjobs": [
        _cron("@hourly", timeZone="Europe/Berlin"),
        _cron("*/5 1-3 * jan,2 MON-FRI"),
        *(_cron(text) for text in ("* * *", "61 * * * *", "* * 0 * *", "5-1 * * * *")),
        *(_cron(text) for text in ("a * * * *", "*/0 * * * *", "*/x * * * *", "1/2/3 * * * *", "1-2-3 * * * *", "@x")),
        _cron("* * * * *", timeZone="Nowhere", concurrencyPolicy="Odd"),
        {"spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}},
        {**_cron("* * * * *"), "metadata": {"name": "x" * 53}},
    ],
    "services": [
        _service(),
        _service(ports=[{"port": 80, "name": "a"}, {"port": 81}]),
        _service(ports=[{"port": 0}]),
        _service(ports=[{"port": 80, "protocol": "ODD", "targetPort": "x--y"}], type="Odd"),
        _service(ports=[{"port": 80}], clusterIP="nowhere"),
        _service(type="ExternalName"),
    ],
    "secrets": [
        *({"data": {"a": text}} for text in ("!!", "YQ", "Y", "YW=j", "YQ==\n", "YWJj\nYWJj")),
        {"data": {"bad key": "YQ==", "..": "YQ=="}},
        {"type": "kubernetes.io/tls", "data": {"tls.crt": "YQ=="}},
        {"type": "kubernetes.io/basic-auth", "data": {}},
        {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "YQ=="}},
        {"data": {"a": "YQ=="}, "stringData": {"b": "x"}},
    ],
    "configmaps": [
        {"data": {"bad/key": "x"}},
        {"data": {"a": "1"}, "binaryData": {"a": "YQ=="}},
        {"binaryData": {"a": "$"}},
    ],
    "persistentvolumeclaims": [
        {"spec": {}},
        {"spec": {"accessModes": ["Odd"], "resources": {"requests": {"storage": "-1"}}}},
    ],
    "policy/v1/poddisruptionbudgets": [
        {"spec": {"minAvailable": 1, "maxUnavailable": 1}},
        {"spec": {"minAvailable": "x"}},
        {"spec": {}},
    ],
    "networking.k8s.io/v1/ingresses": [
        {"spec": {}},
        {"spec": {"rules": [{"http": {"paths": [{"path": "/", "backend": BACKEND}]}}]}},
        {"spec": {"rules": [{"http": {"paths": [{"path": "x", "pathType": "Prefix", "backend": BACKEND}]}}]}},
    ],
    "networking.k8s.io/v1/networkpolicies": [
        {"spec": {"podSelector": {}}},
        {"spec": {"podSelector": {}, "egress": [{"ports": [{"port": 80}]}]}},
        {"spec": {"podSelector": {}, "policyTypes": ["Odd"]}},
    ],
    "discovery.k8s.io/v1/endpointslices": [
        {"addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": [{"port": 80}]},
        {"addressType": "Odd", "endpoints": [{"addresses": []}]},
        {"endpoints": []},
    ],
    "coordination.k8s.io/v1/leases": [{}, {"spec": {"leaseDurationSeconds": 0}}],
    f"{RBAC}/roles": [{}, {"rules": [{"verbs": []}]}, {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]}],
    f"{RBAC}/rolebindings": [
        {"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "jane"}]},
        {"roleRef": {"kind": "Odd", "name": ""}, "subjects": [{"kind": "Odd", "name": ""}]},
    ],
    "replicationcontrollers": [
        {},
        {"spec": {"template": {"spec": {}}}},
        {"spec": {"template": TEMPLATE}},
        {"spec": {"selector": {"x": "y"}, "template": TEMPLATE}},
        {"spec": {"template": {"spec": ONE}}},
    ],
    "events": [{"involvedObject": {"kind": "Pod", "name": "p", "namespace": "elsewhere"}, "reason": "R"}],
}  # fmt: skip
