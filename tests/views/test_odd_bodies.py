"""Reports and checks on objects that are not what their kind promises: they say little, and never fail."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osconsole.model import kinds
from osconsole.model.changes import Listed
from osconsole.model.resource import resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import alarms, reports
from osconsole.views.checks.check import ask
from osconsole.views.checks.table import CHECKS

T = 1_767_225_600.0
KEYS = (
    *("conditions", "replicas", "containerImages", "attributes", "notAfter", "issuerRef", "ca", "nodes", "volumes"),
    *("ingress", "loadBalancer", "type", "targetVersion", "deployedVersion", "selector", "matchLabels", "containers"),
    *("labeledResources", "databaseInstance", "networkAttachments", "config", "allocatable", "storageClass", "phase"),
)
KINDS = sorted(
    {key for name in reports.REPORTS for key in reports.reads(name, ())} | {k for c in CHECKS.values() for k in c.reads}
)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("LoadBalancer"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def made(key, number, body):
    kind = kinds.BY_KEY[key]
    meta = {"name": f"x{number}", "uid": f"{kind.kind}{number}", "resourceVersion": "1"}
    meta |= {"namespace": "openstack"} if kind.namespaced else {}
    return resource({"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **body})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.fixed_dictionaries({"spec": odd, "status": odd, "webhooks": odd, "subsets": odd}), min_size=1, max_size=3
    )
)
def test_odd_bodies_are_read_as_empty(bodies):
    listed = [Listed(key, "", tuple(made(key, n, body) for n, body in enumerate(bodies)), T) for key in KINDS]
    world = Snapshot().apply(listed)
    for name in reports.REPORTS:
        report = reports.find(name, ())
        assert report.rows(world, "openstack", T + 60).columns
    for check in CHECKS.values():
        assert ask(check, world, "openstack", T + 60).sentence
    list(alarms.rows(world, "openstack", T + 60))
