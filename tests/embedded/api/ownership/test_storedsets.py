"""Sets in stored form become what the algebra of kept ones says."""

import json

from hypothesis import given
from hypothesis import strategies as st

from osconsole.embedded.api.ownership import fieldsets, storedsets

# A member, or something below a step, or both.
SETS = st.recursive(
    st.just({".": {}}),
    lambda below: st.tuples(st.booleans(), st.dictionaries(st.sampled_from(("f:a", "f:b", "v:1")), below)).map(
        lambda found: {**({".": {}} if found[0] or not found[1] else {}), **found[1]}
    ),
    max_leaves=8,
)
ROOTS = st.dictionaries(st.sampled_from(("f:a", "f:b", "f:c")), SETS)


@given(ROOTS, ROOTS)
def test_the_algebra(one, other):
    stored = fieldsets.encode(one)
    before = json.dumps(stored)
    union, difference = fieldsets.union(one, other), fieldsets.difference(one, other)
    assert json.dumps(storedsets.grown(stored, other)) == json.dumps(fieldsets.encode(union))
    assert json.dumps(storedsets.shrunk(stored, other)) == json.dumps(fieldsets.encode(difference))
    assert storedsets.covers(stored, other) == (union == one)
    assert storedsets.touches(stored, other) == (difference != one)
    assert json.dumps(stored) == before
