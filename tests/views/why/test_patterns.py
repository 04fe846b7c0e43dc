"""Patterns find words anywhere, give what they capture, and never run away."""

import time

import pytest

from osconsole.views.why.patterns import blanks, fill, find


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("server on '{host}'", "MySQL SERVER  on 'db.svc' (111)", {"host": "db.svc"}),
        ("Secret {name} not found", 'the secret "osp-secret" not found', None),
        ('Secret "{name}" not found', 'the secret "osp-secret" not found', {"name": "osp-secret"}),
        ("DBsync job error occurred {rest...}", "DBsync job error occured it broke\nmore", {"rest": "it broke"}),
        ("(HTTP 401)", "denied (HTTP 401) (Request-ID)", {}),
        ("in {where}", "it is in [storage].", {"where": "storage"}),
        ("in {where}", "nothing", None),
    ],
)
def test_find(pattern, text, words):
    assert find([pattern], text) == words


def test_fill_says_what_it_does_not_know():
    assert fill("{a} and {b...}", {"a": "1"}) == "1 and ?"
    assert blanks("{a} and {b}") == {"a", "b"}


@pytest.mark.parametrize("text", ["x" * 100_000, "fatal: [" * 20_000, "'" * 50_000, "in " * 30_000])
def test_no_text_takes_long(text):
    began = time.process_time()
    find(["fatal: [{host} -> {other}]: FAILED! => {rest...}", '{object} "{target}" is invalid: {rest...}'], text)
    assert time.process_time() - began < 0.5
