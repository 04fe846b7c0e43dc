"""Each named check: on a world in which it is good, and on one in which it is not. What cannot be asked says why."""

from pathlib import Path

import pytest

from osconsole.errors import UsageError
from osconsole.model import kinds
from osconsole.model.changes import Denied, Listed, Lost, Put
from osconsole.model.snapshot import Snapshot
from osconsole.views import board
from osconsole.views.checks import capacity
from osconsole.views.checks.check import ask
from osconsole.views.checks.table import CHECKS, chosen, rows

T = 1_767_225_600.0
OLM, METALLB, NMSTATE = "operators.coreos.com/v1alpha1", "metallb.io/v1beta1", "nmstate.io/v1"
CERT = "cert-manager.io/v1"
OPERATORS = "openstack-operators"


def world(*objects) -> Snapshot:
    """A snapshot in which everything that any check reads is listed."""
    found = {key: [] for check in CHECKS.values() for key in check.reads}
    for one in objects:
        found[one.kind].append(one)
    return Snapshot().apply([Listed(key, "", tuple(every), T) for key, every in found.items()])


def answer(name, *objects, at=T + 300):
    return ask(CHECKS[name], world(*objects), "openstack", at)


def test_operators_installed(make):
    def csv(phase, **labels):
        status = {"phase": phase, "message": "requirements not met"}
        meta = {"labels": labels}
        name = "openstack-operator.v1.0.6"
        return make(OLM, "ClusterServiceVersion", name, namespace=OPERATORS, status=status, metadata=meta)

    assert answer("operators-installed", csv("Succeeded")).word == "ok"
    assert answer("operators-installed", csv("Installing")).word == "progressing"
    failed = answer("operators-installed", csv("Failed"))
    assert (failed.word, "requirements not met" in failed.sentence) == ("failed", True)
    copied = csv("Failed", **{"olm.copiedFrom": OPERATORS})
    assert answer("operators-installed", copied).word == "off"


def test_install_plans(make):
    spec = {"approved": False, "clusterServiceVersionNames": ["openstack-operator.v1.0.7"]}
    plan = make(OLM, "InstallPlan", "install-abc", namespace=OPERATORS, spec=spec)
    waits = answer("install-plans", plan)
    assert (waits.word, "openstack-operator.v1.0.7" in waits.sentence) == ("waiting-for-person", True)
    assert waits.remedy.startswith("kubectl -n openstack-operators patch installplan install-abc")
    assert any(row.ref == plan.ref for row in board.attention(world(plan), "openstack", T + 300).rows)
    failed = make(OLM, "InstallPlan", "install-x", namespace=OPERATORS, status={"phase": "Failed"})
    assert answer("install-plans", failed).word == "failed"
    assert answer("install-plans").word == "ok"


def test_catalogues(make):
    spec = {"source": "index"}
    subscription = make(OLM, "Subscription", "openstack-operator", namespace=OPERATORS, spec=spec)

    def source(state):
        status = {"connectionState": {"lastObservedState": state}}
        return make(OLM, "CatalogSource", "index", namespace=OPERATORS, status=status)

    assert answer("catalogues", subscription, source("READY")).sentence == "connected: index"
    assert answer("catalogues", subscription, source("TRANSIENT_FAILURE")).word == "degraded"
    assert answer("catalogues", source("CONNECTING")).word == "off"


def test_openstack_operator(make, condition):
    def init(*conditions):
        counts = {"deployedOperatorCount": 20, "enabledOperatorCount": 21, "releaseVersion": "18.0.6"}
        status = {"conditions": list(conditions), **counts}
        return make("operator.openstack.org/v1beta1", "OpenStack", "openstack", namespace=OPERATORS, status=status)

    assert answer("openstack-operator", init(condition("Ready", "True"))).word == "ok"
    waits = condition("OpenStackOperatorDeploymentsReadyCondition", "False", "Requested", "Info", "nova rolls out")
    busy = answer("openstack-operator", init(condition("Ready", "Unknown"), waits))
    assert (busy.word, busy.sentence) == ("progressing", "20 of 21 operators deployed: nova rolls out")
    assert answer("openstack-operator", init(condition("Ready", "False", "Error", "Error"))).word == "failed"
    assert answer("openstack-operator").word == "off"


def test_webhooks(make):
    hook = {
        "clientConfig": {"service": {"namespace": OPERATORS, "name": "webhook"}},
        "rules": [{"apiGroups": ["core.openstack.org"]}],
    }
    strange = {**hook, "rules": [{"apiGroups": ["apps"]}], "clientConfig": {"url": "https://x"}}
    group = "admissionregistration.k8s.io/v1"
    config = make(group, "ValidatingWebhookConfiguration", "openstack", namespace="", webhooks=[hook, strange])

    def endpoints(*subsets):
        return make("v1", "Endpoints", "webhook", namespace=OPERATORS, subsets=list(subsets))

    assert answer("webhooks", config, endpoints({"addresses": [{"ip": "10.0.0.1"}]})).word == "ok"
    dead = answer("webhooks", config, endpoints())
    assert (dead.word, "every write that it judges fails" in dead.sentence) == ("failed", True)
    assert answer("webhooks").word == "off"
    blind = world(config).apply([Denied(kinds.key("Endpoints"), "", "list endpoints", T)])
    found = ask(CHECKS["webhooks"], blind, "openstack", T + 300)
    assert (found.word, found.blind) == ("unknown", True)


def test_cert_manager(make, condition):
    good = make(CERT, "Issuer", "a", status={"conditions": [condition("Ready", "True")]})
    bad = make(CERT, "ClusterIssuer", "b", namespace="", status={"conditions": [condition("Ready", "False", "ErrKey")]})
    assert answer("cert-manager", good).word == "ok"
    assert answer("cert-manager", good, bad).sentence == "ClusterIssuer b is not ready: ErrKey"
    absent = world().apply([Denied(kinds.key("Certificate"), "", "", T, installed=False)])
    assert ask(CHECKS["cert-manager"], absent, "openstack", T + 300).word == "failed"


def test_certificates(make, condition):
    def cert(name, ends):
        status = {"notAfter": ends, "conditions": [condition("Ready", "True")]}
        return make(CERT, "Certificate", name, spec={"secretName": "s"}, status=status)

    assert answer("certificates", cert("a", "2027-01-01T00:00:00Z")).word == "ok"
    ends = (cert("a", "2026-01-03T00:00:00Z"), cert("b", "2025-12-31T00:00:00Z"))
    found = answer("certificates", *ends)
    assert (found.word, found.sentence) == ("failed", "Certificate b: expired 1d ago (and 1 more)")


def test_node_networks(make, condition):
    def policy(*conditions):
        name, status = "osp-workers", {"conditions": list(conditions)}
        return make(NMSTATE, "NodeNetworkConfigurationPolicy", name, namespace="", status=status)

    done = condition("Available", "True", "SuccessfullyConfigured")
    assert answer("node-networks", policy(done)).sentence == "configured by osp-workers"
    assert answer("node-networks", policy()).word == "progressing"
    broken = policy(condition("Degraded", "True", "FailedToConfigure", message="1/3 nodes failed"))
    status = {"conditions": [condition("Failing", "True")]}
    name = "worker-2.osp-workers"
    trace = make("nmstate.io/v1beta1", "NodeNetworkConfigurationEnactment", name, namespace="", status=status)
    found = answer("node-networks", broken, trace)
    assert (found.word, found.remedy) == ("failed", "look at nnce worker-2.osp-workers")
    assert "failed on worker-2: 1/3 nodes failed" in found.sentence


def test_address_pools(make):
    def pool(free=5):
        return make(METALLB, "IPAddressPool", "internalapi", namespace="metallb-system", status={"availableIPv4": free})

    spread = make(METALLB, "L2Advertisement", "a", namespace="metallb-system", spec={"ipAddressPools": ["internalapi"]})
    other = make(METALLB, "L2Advertisement", "b", namespace="metallb-system", spec={"ipAddressPools": ["other"]})
    assert answer("address-pools", pool(), spread).word == "ok"
    assert answer("address-pools", pool(0), spread).word == "degraded"
    assert "is advertised by nothing" in answer("address-pools", pool(), other).sentence
    assert answer("address-pools").word == "waiting-for-person"


def test_addresses(make):
    def service(name, *given, **annotations):
        status = {"loadBalancer": {"ingress": [{"ip": ip} for ip in given]}} if given else {}
        spec, meta = {"type": "LoadBalancer"}, {"annotations": annotations}
        return make("v1", "Service", name, spec=spec, status=status, metadata=meta)

    pool = make(METALLB, "IPAddressPool", "internalapi", namespace="metallb-system")
    assert answer("addresses", service("a", "172.17.0.80")).word == "ok"
    wrong = service("keystone-internal", **{"metallb.universe.tf/address-pool": "intern"})
    found = answer("addresses", wrong, pool)
    assert (found.word, found.ref) == ("failed", wrong.ref)
    assert "its annotation names the pool intern, there is internalapi" in found.sentence
    taken = service("b", **{"metallb.universe.tf/loadBalancerIPs": "172.17.0.80"})
    assert (
        "asks for 172.17.0.80, which Service a has" in answer("addresses", service("a", "172.17.0.80"), taken).sentence
    )


def test_networks(make):
    def nad(name, config='{"type": "macvlan"}'):
        return make("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", name, spec={"config": config})

    dns = make("network.openstack.org/v1beta1", "DNSMasq", "dns", spec={"networkAttachments": ["ctlplane"]})
    assert answer("networks", nad("ctlplane"), dns).word == "ok"
    assert "DNSMasq dns uses network ctlplane" in answer("networks", nad("internalapi"), dns).sentence
    assert "is not JSON" in answer("networks", nad("ctlplane", "{type")).sentence
    assert answer("networks").word == "off"


def test_storage(make):
    def storage(name, provisioner="csi", **annotations):
        meta = {"annotations": annotations}
        return make("storage.k8s.io/v1", "StorageClass", name, namespace="", provisioner=provisioner, metadata=meta)

    plane = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "cp", spec={"storageClass": "local"})
    default = storage("fast", **{capacity.DEFAULT: "true"})
    assert answer("storage", default).sentence == "fast makes volumes by itself"
    assert answer("storage", storage("fast")).word == "waiting-for-person"
    assert "wants StorageClass local, there is fast" in answer("storage", default, plane).sentence
    static = storage("local", capacity.STATIC)
    named = {"storageClassName": "local"}
    volume = make("v1", "PersistentVolume", "pv", namespace="", spec=named, status={"phase": "Available"})
    claims = [make("v1", "PersistentVolumeClaim", name, spec=named) for name in ("a", "b")]
    assert answer("storage", static, plane, volume, claims[0]).word == "ok"
    short = answer("storage", static, plane, volume, *claims)
    assert (short.word, "1 of 1 are free, 2 claims wait" in short.sentence) == ("failed", True)


def test_claims(make):
    bound = make("v1", "PersistentVolumeClaim", "a", status={"phase": "Bound"})
    waits = make("v1", "PersistentVolumeClaim", "b", status={"phase": "Pending"})
    assert answer("claims", bound).word == "ok"
    assert answer("claims", bound, waits, at=T + 5).word == "progressing"
    assert answer("claims", bound, waits).word == "failed"


def test_nodes(make, condition):
    def node(name, ready):
        give = {"allocatable": {"cpu": "3500m", "memory": "2Gi"}, "conditions": [condition("Ready", ready)]}
        return make("v1", "Node", name, namespace="", status=give)

    assert (
        answer("nodes", node("a", "True"), node("b", "True")).sentence == "2 of 2 nodes ready, with 7 cores and 4 GiB"
    )
    assert answer("nodes", node("a", "True"), node("b", "False")).word == "degraded"
    assert answer("nodes", node("a", "False")).word == "failed"
    assert answer("nodes").word == "unknown"


def test_room(make, condition):
    waits = condition(
        "PodScheduled", "False", "Unschedulable", message="0/3 nodes are available: 3 Insufficient memory."
    )
    pod = make("v1", "Pod", "p", status={"phase": "Pending", "conditions": [waits]})
    assert answer("room").word == "ok"
    assert "Pod p fits on no node: 0/3 nodes are available" in answer("room", pod).sentence


def test_quantities():
    assert [capacity.cores_of(q) for q in ("2", "3500m", "x")] == [2, 3.5, 0]
    assert [capacity.bytes_of(q) for q in ("1Ki", "2G", "7", "?")] == [1024, 2e9, 7, 0]


def test_every_check_has_a_test():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in CHECKS if f"def test_{name.replace('-', '_')}(" not in source] == []


@pytest.mark.parametrize("name", CHECKS)
def test_what_cannot_be_asked_says_why(name):
    check = CHECKS[name]
    key = kinds.key(check.needs[0])
    assert ask(check, Snapshot(), "openstack", T).sentence.endswith("is not listed yet")
    denied = ask(check, world().apply([Denied(key, "", "list them", T)]), "openstack", T)
    assert (denied.word, denied.sentence, denied.good) == ("unknown", "no permission: list them", False)
    assert ask(check, world().apply([Lost(key, "", "refused", T)]), "openstack", T).word == "stale"
    absent = ask(check, world().apply([Denied(key, "", "", T, installed=False)]), "openstack", T)
    assert "not installed" in absent.sentence


def test_answers_are_kept_while_nothing_moves_and_made_anew_when_it_does(make):
    check, snapshot = CHECKS["claims"], world()
    first = ask(check, snapshot, "openstack", T)
    moved = snapshot.apply([Put(make("v1", "ConfigMap", "c"), T)])
    assert ask(check, moved, "openstack", T + 1) is first
    claim = make("v1", "PersistentVolumeClaim", "a", status={"phase": "Pending"})
    assert ask(check, moved.apply([Put(claim, T)]), "openstack", T + 1).word == "progressing"


def test_names_choose_and_unknown_ones_are_told():
    assert [check.name for check in chosen(("nodes", "claims"))] == ["nodes", "claims"]
    assert len(chosen(())) == len(CHECKS)
    with pytest.raises(UsageError, match="did you mean nodes"):
        chosen(("node",))
    shown = rows(world(), "openstack", T, chosen(("claims",))).rows
    assert [cell.text for cell in shown[0].cells] == ["●", "claims", "0 claims bound", ""]


def test_a_world_without_the_kinds_alarms_nobody():
    assert board.attention(Snapshot(), "openstack", T).rows == ()
