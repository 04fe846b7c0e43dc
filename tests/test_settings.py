"""Settings: strict, and absent ones are empty ones."""

import pytest

from osconsole.errors import DocumentError
from osconsole.settings import read_settings


def test_contexts_are_marked(tmp_path):
    path = tmp_path / "settings.yaml"
    path.write_text("version: 1\ncontexts:\n  prod: {protected: true}\n  audit: {read_only: true}\n")
    found = read_settings(path)
    assert (found.context("prod").protected, found.context("audit").read_only) == (True, True)
    assert (found.context("lab").protected, found.context("lab").read_only) == (False, False)


def test_no_file_is_an_empty_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert read_settings().contexts == {}


def test_a_typing_error_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "osconsole").mkdir()
    (tmp_path / "osconsole" / "settings.yaml").write_text("version: 1\ncontexts:\n  prod: {protect: true}\n")
    with pytest.raises(DocumentError, match=r"settings.yaml:[23]: unknown key .*did you mean 'protected'"):
        read_settings()
