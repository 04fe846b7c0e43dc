"""Keys that stand twice, found without reading every body slowly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.embedded.api.protocol.negotiate import decode, duplicate_keys

TEXTS = st.text('a"\\u02é', max_size=6)
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.lists(st.tuples(TEXTS, below), max_size=4).map(tuple),
    max_leaves=8,
)


def written(value, spaces, ascii_only):
    """JSON in which a tuple of pairs is an object, with keys that may stand twice."""
    if isinstance(value, tuple):
        pairs = (f"{written(k, spaces, ascii_only)}:{spaces}{written(v, spaces, ascii_only)}" for k, v in value)
        return "{" + f",{spaces}".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(item, spaces, ascii_only) for item in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def twice(value):
    if isinstance(value, tuple):
        keys = [key for key, _ in value]
        return len(keys) - len(set(keys)) + sum(twice(member) for _, member in value)
    return sum(map(twice, value)) if isinstance(value, list) else 0


@given(st.lists(st.tuples(TEXTS, VALUES), max_size=4).map(tuple), st.sampled_from(["", " ", "\n"]), st.booleans())
def test_every_key_that_stands_twice_is_named(value, spaces, ascii_only):
    body = written(value, spaces, ascii_only).encode()
    assert len(duplicate_keys(body, decode(body, "application/json"))) == twice(value)


@pytest.mark.parametrize("quote", [r"\"", r"\u0022"])
def test_quotes_that_are_written_by_number_do_not_hide_one(quote):
    body = f'{{"a": 1, "a": "{quote * 2}"}}'.encode()
    assert duplicate_keys(body, decode(body, "application/json")) == ['duplicate field "a"']
