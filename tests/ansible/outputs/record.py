"""Makes the recorded outputs anew: python tests/ansible/outputs/record.py, with ansible-playbook on the PATH."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PLAIN = {
    "PATH": os.environ["PATH"], "HOME": "/tmp", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
    "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "3", "ANSIBLE_RETRY_FILES_ENABLED": "0",
    "ANSIBLE_INVENTORY": str(HERE / "hosts.yaml"),
    "ANSIBLE_SSH_ARGS": "-F /dev/null", "ANSIBLE_ASYNC_DIR": "/tmp/osconsole-async", "ANSIBLE_HOST_KEY_CHECKING": "0",
}  # fmt: skip
COLOURED = {**PLAIN, "ANSIBLE_NOCOLOR": "", "ANSIBLE_FORCE_COLOR": "1"}
YAML = {**PLAIN, "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", "ANSIBLE_SHOW_PER_HOST_START": "1"}
RUNS = {
    "results": (PLAIN, ()),
    "results-coloured": (COLOURED, ()),
    "results-verbose": ({**PLAIN, "ANSIBLE_DISPLAY_FAILED_STDERR": "0"}, ("-vv",)),
    "results-yaml": (YAML, ("-v",)),
    "waiting": (PLAIN, ()),
    "waiting-coloured": (COLOURED, ("-v",)),
    "waiting-checked": ({**PLAIN, "ANSIBLE_CHECK_MODE_MARKERS": "1"}, ("--check",)),
    "plays": (PLAIN, ()),
}


SHOWN = {str(HERE): "/runner/project", str(Path.home()): "/home/runner", sys.prefix: "/usr"}  # no place of this machine


def main() -> None:
    for name, (environment, more) in RUNS.items():
        argv = ["ansible-playbook", f"{name.partition('-')[0]}.yaml", *more]
        done = subprocess.run(
            argv, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        text = done.stdout.decode("utf-8", "replace")
        for place, shown in SHOWN.items():
            text = text.replace(place, shown)
        (HERE / f"{name}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
