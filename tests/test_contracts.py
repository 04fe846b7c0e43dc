"""The import contracts hold, and a planted violation of each is found."""

import pathlib
import shutil
import subprocess
import sys
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINT = pathlib.Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "layers": ("osconsole/model/planted.py", "import osconsole.store\n"),
    "pure": ("osconsole/views/planted.py", "import asyncio\n"),
    "ui": ("osconsole/ui/planted.py", "import osconsole.kube.api\n"),
    "textual": ("osconsole/views/planted.py", "import textual\n"),
    "kubernetes": ("osconsole/cli/planted.py", "import kubernetes\n"),
    "ansible-runner": ("osconsole/reconcile/planted.py", "import ansible_runner\n"),
    "embedded": ("osconsole/embedded/planted.py", "import osconsole.store\n"),
}


def lint(folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"], cwd=folder, env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "osconsole", folder / "osconsole", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_they_hold(tree):
    out = lint(tree)
    assert out.returncode == 0, out.stdout + out.stderr


def test_each_finds_its_violation(tree):
    places: dict[str, str] = {}
    for place, text in PLANTED.values():
        places[place] = places.get(place, "") + text
    for place, text in places.items():
        (tree / place).write_text(text)
    out = lint(tree)
    for place in places:
        (tree / place).unlink()
    broken = [line for line in out.stdout.splitlines() if line.endswith("BROKEN")]
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    missed = [c["name"] for c in found if c["id"] in PLANTED and f"{c['name']} BROKEN" not in broken]
    assert not missed, out.stdout


def test_a_new_folder_must_be_placed(tree):
    folder = tree / "osconsole" / "helpers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    out = lint(tree)
    shutil.rmtree(folder)
    assert "Arrows point down BROKEN" in out.stdout
