"""A bundle's objects: those above, the object, all below, each once."""

from osconsole.cli.bundle import around


def test_around_an_object(cloud, snapshot_of):
    world = snapshot_of(*cloud.values())
    found = [f"{one.ref.kind} {one.ref.name}" for one in around(cloud["deployment"], world)]
    assert found == [
        "OpenStackControlPlane controlplane", "KeystoneAPI keystone", "Deployment keystone", "ReplicaSet keystone-1",
        "Pod keystone-1-1", "Pod keystone-1-2",
    ]  # fmt: skip
    assert len(list(around(cloud["cp"], world))) > len(found)
