"""What commands say of wrong words, closed pipes and full disks: an exit code and a sentence, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from osconsole.cli import actions
from osconsole.cli.encoding import asks_for_ascii
from osconsole.cli.root import root
from osconsole.errors import OsconsoleError
from osconsole.model.connection import Submitted
from osconsole.model.intents import RunPlan, Scale
from osconsole.model.kinds import key
from osconsole.model.plan import Plan, Step, Target
from osconsole.model.preview import Preview, Touched

PROGRAM = [sys.executable, "-m", "osconsole"]
PLANE = key("OpenStackControlPlane").ref("openstack", "cp")


@pytest.fixture
def said(tmp_path, monkeypatch):
    """(exit code, words) of a command that needs no cluster."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    def run(*argv):
        found = CliRunner().invoke(root, argv, standalone_mode=False)
        error = found.exception
        return getattr(error, "exit_code", found.return_value), f"{found.output}{error or ''}"

    return run


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("staus",), "did you mean status"),
        (("status", "-n", "a/b"), "no name of a namespace"),
        (("status", "-n", "x", "-A"), "exclude each other"),
        (("status", "--as-group", "g"), "needs --as"),
        (("wait", "keystoneapi/keystone", "--for", "deployed"), "is never deployed"),
        (("wait", "keystoneapi/keystone", "--for", "ready", "--timeout", "-1"), "-1"),
        (("logs", "pod/a", "--tail", "-3"), "-3"),
        (("operator", "--groups", ","), "names no group"),
        (("plan", "run", "scale-galera", "--input", "replicas"), "--input 'replicas'"),
        (("plan", "list", "--plans", "/nosuch"), "/nosuch"),
        (("plan", "check", "/nosuch"), "/nosuch: there is no such file"),
    ],
)
def test_wrong_words(said, argv, words):
    code, text = said(*argv)
    assert code == 2
    assert words in text


def test_each_plan_is_checked_and_a_broken_one_hides_no_other(said, tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "broken.yaml").write_text("version: 1\nstepz: []\n")
    code, text = said("plan", "list", "--plans", str(folder))
    assert code == 1
    assert "broken.yaml:2: unknown key 'stepz': did you mean 'steps'?" in text
    assert "Grow Galera" in text
    code, text = said("plan", "check", str(folder / "broken.yaml"), "scale-galera", "nosuch")
    assert code == 2
    assert "scale-galera: good" in text
    assert "stepz" in text
    assert "no plan 'nosuch'" in text


def run(*argv: str, **streams) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *argv], text=True, stderr=subprocess.PIPE, timeout=60, **streams)


def test_a_full_disk_behind_the_output_is_told():
    with Path("/dev/full").open("w") as full:
        done = run("plan", "list", stdout=full)
    assert done.returncode == 1
    assert done.stderr.strip() == "osconsole: No space left on device"


def test_a_reader_that_has_gone_is_no_error_to_speak_of():
    gone, pipe = os.pipe()
    os.close(gone)
    done = run("plan", "list", stdout=pipe)
    os.close(pipe)
    assert (done.returncode, done.stderr) == (1, "")


def test_closed_streams_lead_nowhere():
    done = run("plan", "list", preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fault_of_our_own_is_a_sentence_and_a_traceback_in_the_log(tmp_path):
    broken = "import sys; sys.argv = ['osconsole', 'plan', 'list']\n"
    broken += "from osconsole.reconcile import planfiles; planfiles.known = None\n"
    broken += "from osconsole.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", broken], text=True, capture_output=True, timeout=60,
                          env={**os.environ, "XDG_STATE_HOME": str(tmp_path)})  # fmt: skip
    log = tmp_path / "osconsole" / "osconsole.log"
    assert done.returncode == 1
    assert done.stderr.strip() == f"osconsole: ended by a fault of its own (TypeError): {log} has more"
    assert "Traceback" in log.read_text()


def test_waiting_for_a_plan_is_waiting_for_its_run(make, snapshot_of):
    plan = Plan(version=1, about="", target=Target("OpenStackControlPlane"), steps=[Step({})])
    preview = Preview(RunPlan("grow", plan, "openstack"), "Run plan grow", PLANE)
    for state, through in (("active", False), ("paused", False), ("done", True)):
        run = make("v1", "ConfigMap", "osconsole-run-1", metadata={"labels": {"osconsole.io/run": state}})
        assert actions._through(snapshot_of(run), preview, Submitted(run.ref, "")) is through
    run = make("v1", "ConfigMap", "osconsole-run-1", metadata={"labels": {"osconsole.io/run": "failed"}},
               data={"step": "gave up: x is 1"})  # fmt: skip
    with pytest.raises(OsconsoleError, match="gave up: x is 1"):
        actions._through(snapshot_of(run), preview, Submitted(run.ref, ""))


def test_waiting_for_a_scale_needs_our_own_write_in_what_is_seen(make, snapshot_of, condition):
    touched = Touched(("spec", "replicas"), 1, 3)
    status = {"observedGeneration": 1, "conditions": [condition("Ready", "True")]}

    def through(replicas):
        plane = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "cp", spec={"replicas": replicas},
                     status=status)  # fmt: skip
        preview = Preview(Scale(PLANE, 3), "Scale", PLANE, version="before", touches=(touched,))
        return actions._through(snapshot_of(plane), preview, Submitted(PLANE, ""))

    assert not through(1)
    assert through(3)


def test_what_is_written_is_shown_without_secrets():
    given = {"db_password": "topsecret", "threads": 4}
    assert str(Touched(("spec", "ansibleExtraVars"), None, given)) == (
        "spec.ansibleExtraVars: absent → {'db_password': '(hidden)', 'threads': 4}"
    )
    assert "hunter2" not in str(Touched(("data", "adminPassword"), "hunter2", "hunter3"))


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # Python's own doing
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, False),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8"}, False),
        ({}, False),
    ],
)
def test_who_names_the_c_locale_gets_ascii(monkeypatch, environ, plain):
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert asks_for_ascii() is plain


def test_letters_that_the_output_lacks_are_no_end():
    code = "from osconsole.cli.encoding import fit_output; fit_output(); print('2 \u2192 3, \u25cf caf\xe9 \u6771')"
    for encoding, said in (("latin-1", b"2 > 3, + caf\xe9 ?\n"), ("ascii", b"2 > 3, + caf? ?\n")):
        environ = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environ).stdout == said


@pytest.mark.parametrize(
    "module",
    ["osconsole.cli.root", "click", "osconsole.errors", "osconsole.cli.status", "asyncio.runners", "osconsole.link"],
)
def test_ctrl_c_at_any_moment_is_130_and_no_traceback(module, tmp_path):
    """It comes while a module is imported: at the first, in the midst, and when the loop runs."""
    program = f"""
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
from osconsole.cli.main import main
sys.meta_path.insert(0, Interrupt())
sys.argv = ["osconsole", "status", "--kubeconfig", {str(tmp_path / "none")!r}]
main()
"""
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (130, "stopped")
