"""Endpoints, LoadBalancer addresses, claims, disruption budgets, certificates."""

import base64

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from osconsole.embedded.kinds import (
    CERTIFICATE,
    CRD,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    ENDPOINTS,
    ISSUER,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    POD_DISRUPTION_BUDGET,
    SECRET,
    SERVICE,
)
from osconsole.errors import Conflict, TryAgain

SELECTOR = {"matchLabels": {"app": "x"}}


async def test_endpoints_follow_the_ready_pods(world, template):
    containers = [{"name": "main", "image": "app", "ports": [{"name": "api", "containerPort": 5000}]}]
    ports = [{"name": "public", "port": 80, "targetPort": "api"}]
    await world.create(SERVICE, "web", {"selector": {"app": "x"}, "ports": ports})
    spec = {"replicas": 2, "selector": SELECTOR, "template": template(containers=containers)}
    await world.create(DEPLOYMENT, "web", spec)

    async def addresses(count):
        subsets = (await world.get(ENDPOINTS, "web")).get("subsets") or []
        ready = [a["ip"] for s in subsets for a in s.get("addresses") or []]
        return ready if len(ready) == count and subsets[0]["ports"][0]["port"] == 5000 else None

    await world.until(lambda: addresses(2))
    await world.patch(DEPLOYMENT, "web", {"spec": {"replicas": 1}})
    (left,) = await world.until(lambda: addresses(1))
    (pod,) = [p for p in await world.objects(POD) if not p["metadata"].get("deletionTimestamp")]
    assert pod["status"]["podIP"] == left
    (piece,) = await world.objects(ENDPOINT_SLICE, "kubernetes.io/service-name=web")
    assert piece["endpoints"][0]["addresses"] == [left]


async def test_load_balancers_get_what_they_ask_for(world):
    ports = [{"port": 80}]
    asked = {"annotations": {"metallb.universe.tf/loadBalancerIPs": "172.17.0.85"}}
    pooled = {"annotations": {"metallb.universe.tf/address-pool": "internalapi"}}
    await world.create(SERVICE, "asked", {"type": "LoadBalancer", "ports": ports}, meta=asked)
    await world.create(SERVICE, "one", {"type": "LoadBalancer", "ports": ports}, meta=pooled)
    await world.create(SERVICE, "two", {"type": "LoadBalancer", "ports": ports}, meta=pooled)

    async def given(name):
        ingress = (await world.get(SERVICE, name))["status"]["loadBalancer"].get("ingress")
        return ingress and ingress[0]["ip"]

    assert await world.until(lambda: given("asked")) == "172.17.0.85"
    one, two = await world.until(lambda: given("one")), await world.until(lambda: given("two"))
    assert one != two
    assert one.startswith("172.17.0.")
    assert two.startswith("172.17.0.")


async def test_a_claim_is_bound_and_its_volume_goes_with_it(world, template):
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    await world.create(PERSISTENT_VOLUME_CLAIM, "data", claim)
    bound = await world.status(PERSISTENT_VOLUME_CLAIM, "data", phase="Bound", capacity={"storage": "2Gi"})
    await world.status(PERSISTENT_VOLUME, bound["spec"]["volumeName"], phase="Bound")
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    await world.create(POD, "user", template(volumes=volumes)["spec"])
    await world.condition(POD, "user", "Ready")
    await world.delete(PERSISTENT_VOLUME_CLAIM, "data")
    assert (await world.get(PERSISTENT_VOLUME_CLAIM, "data"))["metadata"]["deletionTimestamp"]
    await world.delete(POD, "user")
    await world.gone(PERSISTENT_VOLUME_CLAIM, "data")
    await world.gone(PERSISTENT_VOLUME, bound["spec"]["volumeName"])


async def test_a_budget_counts_and_forbids(world, template):
    await world.create(POD_DISRUPTION_BUDGET, "web", {"maxUnavailable": 1, "selector": SELECTOR})
    await world.create(DEPLOYMENT, "web", {"replicas": 2, "selector": SELECTOR, "template": template()})
    await world.status(
        POD_DISRUPTION_BUDGET, "web", disruptionsAllowed=1, currentHealthy=2, desiredHealthy=1, expectedPods=2
    )
    first, second = [pod["metadata"]["name"] for pod in await world.objects(POD)]
    await world.client.evict(world.namespace, first)
    with pytest.raises(TryAgain, match="disruption budget"):
        await world.client.evict(world.namespace, second)
    await world.status(POD_DISRUPTION_BUDGET, "web", disruptionsAllowed=1, currentHealthy=2)


async def test_certificates_are_signed_by_their_issuer(world):
    for kind in (ISSUER, CERTIFICATE):
        await _define(world, kind)
        await world.condition(CRD, f"{kind.plural}.{kind.group}", "Established")
    await world.create(CERTIFICATE, "rootca", _certificate("rootca", "selfsigned", isCA=True, commonName="rootca"))
    await world.create(ISSUER, "selfsigned", {"selfSigned": {}})
    await world.create(ISSUER, "rootca", {"ca": {"secretName": "rootca"}})
    await world.create(CERTIFICATE, "db", _certificate("cert-db", "rootca", dnsNames=["db.example.svc"]))
    await world.condition(CERTIFICATE, "db", "Ready")
    assert (await world.condition(ISSUER, "rootca", "Ready"))["reason"] == "KeyPairVerified"
    leaf, root = await world.get(SECRET, "cert-db"), await world.get(SECRET, "rootca")
    pems = {name: base64.b64decode(value) for name, value in leaf["data"].items()}
    assert sorted(pems) == ["ca.crt", "tls.crt", "tls.key"]
    assert pems["ca.crt"] == base64.b64decode(root["data"]["tls.crt"])
    store = Store([x509.load_pem_x509_certificate(pems["ca.crt"])])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("db.example.svc"))
    verifier.verify(x509.load_pem_x509_certificate(pems["tls.crt"]), [])

    await world.delete(SECRET, "cert-db")

    async def anew():
        return (await world.get(SECRET, "cert-db"))["metadata"]["uid"] != leaf["metadata"]["uid"]

    await world.until(anew)
    await world.status(CERTIFICATE, "db", revision=2)


def _certificate(secret, issuer, **spec):
    usages = ["server auth", "client auth"]
    key = {"algorithm": "ECDSA", "size": 256}
    return {"secretName": secret, "issuerRef": {"name": issuer}, "privateKey": key, "usages": usages, **spec}


async def _define(world, kind):
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": kind.version, "served": True, "storage": True, "subresources": {"status": {}}}
    version["schema"] = {"openAPIV3Schema": schema}
    names = {"kind": kind.kind, "plural": kind.plural, "singular": kind.kind.lower()}
    spec = {"group": kind.group, "scope": "Namespaced", "names": names, "versions": [version]}
    try:
        await world.client.create(CRD, {"metadata": {"name": f"{kind.plural}.{kind.group}"}, "spec": spec})
    except Conflict:
        return
