"""Every cause that is shipped: it has a case, and is what the explanation of that case names."""

import pytest

from osconsole.errors import DocumentError
from osconsole.views.why.cause import document, documents
from osconsole.views.why.matchers import MATCHERS, given
from osconsole.views.why.observations import OBSERVATIONS
from osconsole.views.why.patterns import blanks, captures
from tests.views.why.staging import cases, told

ALL = {cause.name: cause for one in documents() for cause in one.causes}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["cause"])
def test_a_case_is_explained_by_its_cause(case):
    found = told(case)
    assert found.cause == case["cause"], found
    assert "?" not in found.sentence + found.clears + found.blocked
    assert found.clears
    for words in case.get("says", []):
        assert words in found.sentence, found.sentence
    if "go" in case:
        assert found.go
        assert f"{found.go.kind} {found.go.name}" == case["go"]


def test_every_cause_has_a_case():
    missing = set(ALL) - {case["cause"] for case in cases()}
    assert not missing, f"add to tests/views/why/cases: {sorted(missing)}"


def test_at_least_forty_are_known():
    assert len(ALL) >= 40


def test_every_matcher_and_observation_is_used():
    alternatives = [when for cause in ALL.values() for when in cause.when]
    used = {name for when in alternatives for name, _ in given(when)}
    assert used == set(MATCHERS)
    assert {when.observed for when in alternatives if when.observed} == set(OBSERVATIONS)


@pytest.mark.parametrize("cause", ALL.values(), ids=ALL)
def test_sentences_use_only_what_something_captures(cause):
    known = {"name", "kind", "namespace", "message", "condition", "container", "exit", "restarts", "line", "node"}
    known |= {"host", "task", "value", "missing", "again"}
    for when in cause.when:
        for pattern in _patterns(when):
            known |= set(captures(pattern))
    needs = blanks(cause.sentence) | blanks(cause.clears) | blanks(cause.blocks)
    assert needs <= known or any(when.observed for when in cause.when)


def _patterns(when):
    for _, value in given(when):
        parts = [value] if isinstance(value, tuple) else [getattr(value, k, ()) for k in ("message", "task")]
        yield from (pattern for part in parts for pattern in part)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("when: []", "does not say when"),
        ("when: [{}]", "does not say when"),
        ("when: [{observed: nothing}]", "unknown observation 'nothing'"),
        ("when: [{log: x}]", "expected `array`"),
        ("when: [{evnt: {}}]", "did you mean 'event'"),
    ],
)
def test_a_broken_document_says_where(text, words):
    good = "title: t\ncauses:\n  - {name: a, sentence: s, clears: c, source: d, "
    with pytest.raises(DocumentError, match=words):
        document(f"{good}{text}}}\n", "x.yaml")
