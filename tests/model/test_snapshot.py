"""A Snapshot holds what the changes said, and nothing else moves."""

from osconsole.model.changes import Denied, Gone, Listed, Live, Lost, Put
from osconsole.model.ref import KindKey

POD = KindKey("", "Pod")


def test_listing_replaces_and_says_who_vanished(make, snapshot_of):
    one, two = make("v1", "Pod", "one"), make("v1", "Pod", "two")
    before = snapshot_of(one, two)
    after = before.apply([Listed(POD, "", (two,), 5.0)])
    assert list(after.all(POD)) == [two]
    assert [(t.what, t.ref) for t in after.recent] == [("gone", one.ref)]
    assert list(before.all(POD)) == [one, two]


def test_what_was_there_before_we_looked_is_not_news(make, snapshot_of):
    assert snapshot_of(make("v1", "Pod", "one")).recent == ()


def test_listing_one_namespace_leaves_the_others(make, snapshot_of):
    here, there = make("v1", "Pod", "a"), make("v1", "Pod", "a", namespace="other")
    after = snapshot_of(here, there).apply([Listed(POD, "openstack", (), 5.0)])
    assert list(after.all(POD)) == [there]


def test_conditions_become_transitions(make, snapshot_of, condition):
    group = "keystone.openstack.org/v1beta1"
    old = make(group, "KeystoneAPI", "keystone", status={"conditions": [condition("Ready", "True")]})
    bad = condition("Ready", "False", "Error", "Error", "no database")
    new = make(group, "KeystoneAPI", "keystone", metadata={"uid": old.uid}, status={"conditions": [bad]})
    found = snapshot_of(old).apply([Put(new, 9.0)]).recent
    assert [(t.at, t.what, t.old, t.new, t.message) for t in found] == [
        (9.0, "Ready", "True", "False/Error", "no database")
    ]


def test_owners_are_followed_by_uid(cloud, snapshot_of):
    world = snapshot_of(*cloud.values())
    assert world.root(cloud["pod1"]) is cloud["cp"]
    assert [r.ref.name for r in world.owned(cloud["rs"])] == ["keystone-1-1", "keystone-1-2"]
    without = world.apply([Gone(cloud["rs"].ref, 1.0)])
    assert without.owner(cloud["pod1"]) is None
    again = without.apply([Put(cloud["rs"], 2.0)])
    assert again.owner(cloud["pod1"]) is cloud["rs"]


def test_a_line_remembers_when_it_was_last_live(make, snapshot_of):
    lost = snapshot_of(make("v1", "Pod", "one"), at=100.0).apply([Lost(POD, "", "refused", 130.0)])
    later = lost.apply([Lost(POD, "", "refused", 140.0)])
    assert (later.line(POD).state, later.line(POD).at, later.line(POD).seen) == ("lost", 130.0, 100.0)
    assert later.apply([Live(POD, "", 150.0)]).line(POD).state == "live"
    assert later.apply([Denied(POD, "", "list pods", 150.0)]).line(POD).why == "list pods"


def test_only_touched_kinds_are_copied(cloud, snapshot_of, make):
    before = snapshot_of(*cloud.values())
    after = before.apply([Put(make("v1", "Pod", "new"), 1.0)])
    other = KindKey("apps", "Deployment")
    assert after.objects[other] is before.objects[other]
    assert after.objects[POD] is not before.objects[POD]
