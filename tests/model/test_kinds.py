"""Every line of the table is addressable, and people's words find it."""

import pytest

from osconsole.model import kinds


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("pods", "Pod"),
        ("po", "Pod"),
        ("Pod", "Pod"),
        ("oscp", "OpenStackControlPlane"),
        ("nova", "Nova"),
        ("dnsdata", "DNSData"),
        ("rabbitmqs.rabbitmq.openstack.org", "RabbitMq"),
        ("novanovncproxies", "NovaNoVNCProxy"),
        ("deploy", "Deployment"),
        ("osdpns", "OpenStackDataPlaneNodeSet"),
        ("nodeset", "OpenStackDataPlaneNodeSet"),  # as the console itself calls it
        ("NodeSets", "OpenStackDataPlaneNodeSet"),
        ("controlplane", "OpenStackControlPlane"),
    ],
)
def test_words(word, kind):
    assert kinds.find(word).kind == kind


def test_unknown():
    assert kinds.find("nosuch") is None


def test_no_word_means_two_kinds():
    seen = {}
    for kind in kinds.KINDS:
        for word in {kind.plural, *kind.short}:
            assert seen.setdefault(word, kind) is kind, word


def test_paths():
    pod, node = kinds.find("pods"), kinds.find("nodes")
    assert pod.path("openstack", "a") == "/api/v1/namespaces/openstack/pods/a"
    assert node.path("", "w") == "/api/v1/nodes/w"
    assert kinds.find("galeras").path() == "/apis/mariadb.openstack.org/v1beta1/galeras"
