"""What differs between two moments."""

from osconsole.model.changes import Gone, Put
from osconsole.views import compare

APPS = "apps/v1"


def test_objects_states_images_and_specs_differ(make, snapshot_of, condition):
    keystone = "keystone.openstack.org/v1beta1"
    ready = {"conditions": [condition("Ready", "True")]}
    bad = {"conditions": [condition("Ready", "False", "Error", "Error", "no database")]}
    template = {"spec": {"containers": [{"name": "api", "image": "quay.io/x/keystone:1"}]}}
    newer = {"spec": {"containers": [{"name": "api", "image": "quay.io/x/keystone:2"}]}}
    api = make(keystone, "KeystoneAPI", "keystone", spec={"replicas": 1}, status=ready)
    run = make(APPS, "Deployment", "keystone", spec={"replicas": 1, "template": template})
    left, same = make("v1", "Service", "left"), make("v1", "Service", "same")
    old = snapshot_of(api, run, left, same)
    changes = [
        Put(make(keystone, "KeystoneAPI", "keystone", metadata={"uid": api.uid, "generation": 2},
                 spec={"replicas": 3}, status=bad), 10.0),
        Put(make(APPS, "Deployment", "keystone", metadata={"uid": run.uid},
                 spec={"replicas": 1, "template": newer}), 10.0),
        Put(make("v1", "Service", "come"), 10.0),
        Put(make("v1", "Secret", "quiet"), 10.0),
        Gone(left.ref, 10.0),
    ]  # fmt: skip
    new = old.apply(changes)
    found = compare.differences((old, 10.0), (new, 1_767_229_200.0))
    told = {(d.ref.kind, d.ref.name, d.what, d.before, d.after) for d in found}
    assert ("KeystoneAPI", "keystone", "spec.replicas", "1", "3") in told
    assert ("KeystoneAPI", "keystone", "generation", "1", "2") in told
    assert ("Deployment", "keystone", "image api", "keystone:1", "keystone:2") in told
    assert ("Service", "come", "come", "", "") in told
    assert ("Service", "left", "gone", "", "") in told
    assert any(d.what == "state" and d.ref.kind == "KeystoneAPI" for d in found)
    assert not any(d.ref.name in {"same", "quiet"} for d in found)
    assert compare.differences((old, 10.0), (old, 10.0)) == []
    rows = compare.table(found).rows
    assert len(rows) == len(found) == len(compare.as_json(found))
    assert rows[0].state != "ok"
    assert "spec.replicas  1 -> 3" in "\n".join(map(compare.as_text, found))


def test_what_nobody_watched_did_not_come_from_nowhere(make, snapshot_of):
    old = snapshot_of(make("v1", "Service", "one"))
    new = snapshot_of(*old.all(next(iter(old.objects))), make("v1", "Node", "n", namespace=""))
    assert compare.differences((old, 1.0), (new, 2.0)) == []
