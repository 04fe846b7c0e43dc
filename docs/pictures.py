"""`make pictures`: the screens in this folder, written by the console on a demo cluster where something is wrong."""

import contextlib
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks import place
from benchmarks.terminal import Terminal

HERE = Path(__file__).parent
SCREENS = (
    "services", "dataplane", "nodes", "deployment", "coverage", "events", "update", "quorum", "certificates",
    "prerequisites", "backups",
)  # fmt: skip
ROWS, COLUMNS = 40, 150
# Ansible tells where its files are: places that say nothing of this machine.
INSTALLED = "/opt/osconsole"
_HOME = re.compile(r"/\S*/osconsole-bench-\w+")
_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")


def main() -> None:
    """A control plane that is Ready, a deployment that one host does not answer to, and every screen of it."""
    with place.running("demo") as kubeconfig, place.operator(kubeconfig):
        _osconsole(kubeconfig, "wait", "oscp/controlplane", "--for", "ready", "--timeout", "180")
        _osconsole(kubeconfig, "deploy", "edpm-compute", "--service", "configure-os", "--yes", "--wait")
        _osconsole(kubeconfig, "cluster", "node", "off", "edpm-compute-1", "--dir", str(kubeconfig.parent))
        _osconsole(kubeconfig, "deploy", "edpm-compute", "--service", "run-os", "--yes", "--backoff-limit", "3")
        with Terminal(place.PROGRAM, place.environment(kubeconfig), COLUMNS, ROWS) as terminal:
            terminal.until(lambda text: "Backoff" in text, 180)
            terminal.settle(3)
            _picture(terminal, "overview")
            for screen in SCREENS:
                terminal.send(f":{screen}\r")
                terminal.settle(3)
                _picture(terminal, screen)
            terminal.send(":osdpd\r")
            terminal.settle(2)
            terminal.send("G")
            for key, name in (("w", "why"), ("t", "timeline"), ("y", "yaml")):
                terminal.send(key)
                terminal.settle(2)
                _picture(terminal, name)
                terminal.send("q")
                terminal.settle(1)
            terminal.send(":pods /keystone\r")
            terminal.settle(2)
            terminal.send("l")
            terminal.settle(3)
            _picture(terminal, "logs")


def _osconsole(kubeconfig: Path, *argv: str) -> None:
    subprocess.run([*place.PROGRAM, *argv], env=place.environment(kubeconfig), check=False, stdout=subprocess.DEVNULL)


def _picture(terminal: Terminal, name: str) -> None:
    """Into a file of its own first: the path on the prompt may be anywhere, the name in the folder is ours."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.svg"
        terminal.send(f":picture {file}\r")
        with contextlib.suppress(AssertionError):
            terminal.until(lambda text: "the screen is in" in text, 10)
        (HERE / file.name).write_text(_TEXT.sub(_elsewhere, file.read_text("utf-8")), "utf-8")
    terminal.send("\x1b")
    terminal.settle(1)


def _elsewhere(text: re.Match[str]) -> str:
    """A text of the picture, with other places, and no longer than its pane: what was cut short is cut shorter."""
    found = _HOME.sub("/var/lib/demo", text[0].replace(str(HERE.parent), INSTALLED))
    surplus = len(found) - len(text[0])
    return found[: -1 - surplus] + "…" if surplus > 0 and found.endswith("…") else found


if __name__ == "__main__":
    main()
