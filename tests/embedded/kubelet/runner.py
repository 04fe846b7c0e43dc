"""Plays the Ansible runner in tests: its arguments are steps, done one after the other."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

root = Path(os.environ["OSCONSOLE_POD_ROOT"])
for step in sys.argv[1:]:
    verb, _, value = step.partition(":")
    if verb == "say":
        print(value, flush=True)
    elif verb == "cat":
        print((root / value).read_text(), flush=True)
    elif verb == "mode":
        print(oct((root / value).stat().st_mode & 0o777), flush=True)
    elif verb == "env":
        print(f"{value}={os.environ.get(value)}", flush=True)
    elif verb == "leave":
        # A daemon of its own session that ignores TERM, as an Ansible worker may become.
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
        subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    elif verb == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif verb == "message":
        Path(os.environ["OSCONSOLE_TERMINATION_LOG"]).write_text(value)
    elif verb == "sleep":
        time.sleep(float(value))
    elif verb == "exit":
        sys.exit(int(value))
