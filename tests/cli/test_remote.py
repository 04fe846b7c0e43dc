"""The command line of exec and port-forward, without a cluster."""

import pytest
from click.testing import CliRunner

from osconsole.cli.remote import execute, forward
from osconsole.errors import UsageError
from osconsole.model.remote import ports


@pytest.mark.parametrize(
    ("text", "pair"), [("8080", (8080, 8080)), ("8443:443", (8443, 443)), (":443", (0, 443)), ("0:443", (0, 443))]
)
def test_ports(text, pair):
    assert ports(text) == pair


@pytest.mark.parametrize("text", ["", "x", "1:2:3", "0", "80:0", "70000", "70000:80", "-1", "80:x"])
def test_what_names_no_ports_is_told(text):
    with pytest.raises(UsageError, match="port"):
        ports(text)


def test_a_shell_needs_a_terminal():
    found = CliRunner().invoke(execute, ["pod"])
    assert isinstance(found.exception, UsageError)
    assert "say what to run" in str(found.exception)


@pytest.mark.parametrize(("command", "argv"), [(execute, ["deploy/x", "--", "id"]), (forward, ["a/b/c", "80"])])
def test_only_pods(command, argv, tmp_path):
    found = CliRunner(env={"XDG_STATE_HOME": str(tmp_path)}).invoke(command, argv)
    assert isinstance(found.exception, UsageError)
    assert "is no pod" in str(found.exception)
