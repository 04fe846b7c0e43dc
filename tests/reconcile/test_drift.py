"""What counts as a difference between an object and what it should hold."""

import pytest

from osconsole.reconcile import drift
from osconsole.reconcile.execute import stamped


@pytest.mark.parametrize(
    ("have", "want", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1, "more": 2}, {"a": 1}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3}}),
        ({}, {"a": {}, "b": []}, {}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({}, {"a": None}, {}),
        # the server adds keys to the items of lists; another length or order is a difference
        ({"ports": [{"port": 80, "protocol": "TCP"}]}, {"ports": [{"port": 80}]}, {}),
        ({"ports": [{"port": 80}]}, {"ports": [{"port": 81}]}, {"ports": [{"port": 81}]}),
        ({"l": [1, 2]}, {"l": [2, 1]}, {"l": [2, 1]}),
        # quantities come back in canonical form
        ({"limits": {"cpu": "2", "memory": "1Gi"}}, {"limits": {"cpu": 2, "memory": "1024Mi"}}, {}),
        ({"limits": {"cpu": "500m"}}, {"limits": {"cpu": "0.5"}}, {}),
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "2"}}, {"limits": {"cpu": "2"}}),
    ],
)
def test_patch(have, want, patch):
    assert drift.patch(have, want) == patch


def test_conditions_count_by_their_state_and_keep_the_time_of_what_has_not_changed():
    old = [{"type": "Ready", "status": "True", "message": "m", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
    same = [{"type": "Ready", "status": "True", "message": "m"}]
    assert drift.status_patch({"conditions": old, "n": 1}, {"conditions": same, "n": 1}) == {}
    new = [{"type": "B", "status": "True"}, *same]
    assert drift.status_patch({"conditions": old}, {"conditions": new}) == {"conditions": new}
    assert stamped(new, old, "now") == [
        {**same[0], "lastTransitionTime": "2026-01-01T00:00:00Z"},
        {"type": "B", "status": "True", "lastTransitionTime": "now"},
    ]
