"""YAML is strict, and its errors say where and what."""

import msgspec
import pytest

from osconsole import documents
from osconsole.errors import DocumentError


class Step(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    replicas: int = 1


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    steps: list[Step] = []


def test_scalars_are_what_they_look_like():
    found = documents.parse("a: no\nb: 012\nc: 2024-01-01\nd: true\ne: 1.5\nf: ~\n", "t")
    assert found == {"a": "no", "b": "012", "c": "2024-01-01", "d": True, "e": 1.5, "f": None}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "version: 1\nsteps:\n- name: x\n  replica: 1\n",
            "plan.yaml:4: unknown key 'steps.0.replica': did you mean 'replicas'?",
        ),
        ("version: one\n", "plan.yaml:1: version: expected `int`, got `str`"),
        ("version: 1\nversion: 2\n", "plan.yaml:2: key 'version' stands twice: remove one of them"),
        ("version: [1\n", "plan.yaml:2: not valid YAML"),
        ("version: !!python/object/apply:os.system [id]\n", "not valid YAML"),
        ("version: 1\n---\nversion: 1\n", "2 documents found"),
        ("", "expected `object`, got `null`"),
    ],
)
def test_errors(text, words):
    with pytest.raises(DocumentError) as raised:
        documents.decode(text, Plan, "plan.yaml")
    assert words in str(raised.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(DocumentError, match="there is no such file"):
        documents.load(tmp_path / "none.yaml", Plan)


def test_a_page_of_aliases_is_not_spelled_out():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(DocumentError, match=r"x\.yaml: too many aliases"):
        documents.parse("\n".join(lines), "x.yaml")


def test_deep_nesting_does_not_end_the_process():
    with pytest.raises(DocumentError, match=r"x\.yaml:1: nested deeper than 200 levels"):
        documents.parse("a: " + "[" * 100_000, "x.yaml")


def test_a_key_is_a_word():
    with pytest.raises(DocumentError, match=r"x\.yaml:2: a key must be a word"):
        documents.parse("a: 1\n? {}\n: 2\n", "x.yaml")
