"""A runner pod: `python -m osconsole.ansible.runner ansible-runner run /runner -p PLAYBOOK -i IDENT`.

Ansible's ordinary output is the pod's log, the execution summary its termination message, ansible's exit code its own.
When it ends, for whatever reason but KILL, no process of the run is left. The only module that uses ansible_runner.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from osconsole.ansible import descendants, pod
from osconsole.errors import OsconsoleError

IDLE_TIMEOUT_S = 600.0
JOB_TIMEOUT_S = 3600.0
STOP_GRACE_S = 10.0
POLL_S = 0.5

TIMED_OUT = 254
TERMINATED = 128 + signal.SIGTERM


class Summary(msgspec.Struct, frozen=True, rename="camel"):
    """Upstream's execution summary."""

    failed_host_list: list[str]
    failed_hosts: int
    failure_percent: int
    total_hosts: int
    unreachable_host_list: list[str]
    unreachable_hosts: int


def summarise(stats: Mapping[str, Any]) -> Summary:
    """The summary from the data of the event `playbook_on_stats`."""
    failed = sorted(host for host, count in stats.get("failures", {}).items() if count)
    unreachable = sorted(host for host, count in stats.get("dark", {}).items() if count)
    total = len(stats.get("processed", {}))
    lost = len({*failed, *unreachable})
    return Summary(failed, len(failed), 100 * lost // total if total else 0, total, unreachable, len(unreachable))


class Watch:
    """Follows one run: keeps its statistics, notices time limits, and stops it from outside Ansible's view."""

    def __init__(self, idle_timeout_s: float, job_timeout_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._idle_timeout_s = idle_timeout_s
        self._job_timeout_s = job_timeout_s
        self._now = now
        self._started = self._heard = now()
        self._stopped_at = 0.0
        self.stats: Mapping[str, Any] = {}
        self.code: int | None = None

    def event(self, event: Mapping[str, Any]) -> bool:
        """Hear an event; False keeps ansible-runner from writing it to a file."""
        self._heard = self._now()
        if event.get("event") == "playbook_on_stats":
            self.stats = event.get("event_data", {})
        return False

    def stop(self, code: int) -> None:
        """End ansible-playbook itself first: it takes its workers along, which nobody else does."""
        if self.code is None:
            self.code = code
            self._stopped_at = self._now()
        for pid in descendants.children("ansible-playbook"):
            descendants.signal_one(pid, signal.SIGTERM)

    def cancelled(self) -> bool:
        """Ask now and then: looks at the clock; True gives up on a run that does not obey TERM."""
        now = self._now()
        if self.code is not None:
            return now - self._stopped_at > STOP_GRACE_S or not descendants.children("ansible-playbook")
        if now - self._started > self._job_timeout_s:
            _say(f"the run took more than {self._job_timeout_s:g} s (job timeout): stopping it")
            self.stop(TIMED_OUT)
        elif now - self._heard > self._idle_timeout_s:
            _say(f"no output for {self._idle_timeout_s:g} s (idle timeout): stopping the run")
            self.stop(TIMED_OUT)
        return False


def run(prepared: pod.Prepared, ident: str, watch: Watch) -> int:
    """Run the playbook to its end; the exit code of the pod."""
    import ansible_runner

    result = ansible_runner.run(
        private_data_dir=str(prepared.directory),
        playbook=prepared.playbook,
        cmdline=prepared.cmdline,
        ident=ident,
        settings={"pexpect_timeout": POLL_S, "pexpect_use_poll": True},
        suppress_output_file=True,
        event_handler=watch.event,
        cancel_callback=watch.cancelled,
    )
    if watch.code is not None:
        return watch.code
    return 1 if result.rc is None else TERMINATED if result.rc < 0 else int(result.rc)


def main(argv: list[str], environ: Mapping[str, str]) -> int:
    """Run as a pod does; the exit code."""
    descendants.adopt_orphans()
    watch = Watch(
        float(environ.get("RUNNER_IDLE_TIMEOUT", IDLE_TIMEOUT_S)),
        float(environ.get("RUNNER_JOB_TIMEOUT", JOB_TIMEOUT_S)),
    )
    signal.signal(signal.SIGTERM, lambda *_: watch.stop(TERMINATED))
    signal.signal(signal.SIGINT, lambda *_: watch.stop(TERMINATED))
    prepared = None
    try:
        invocation = pod.parse(argv)
        prepared = pod.prepare(invocation, environ)
        os.environ.clear()
        os.environ.update(prepared.environ)
        return run(prepared, invocation.ident, watch)
    except (OsconsoleError, OSError) as error:
        _say(f"the run cannot start: {error}")
        return 1
    finally:
        descendants.end_all(STOP_GRACE_S)
        if prepared:
            shutil.rmtree(prepared.directory, ignore_errors=True)
            shutil.rmtree(prepared.sockets, ignore_errors=True)
        _leave_summary(environ, watch.stats)


def _leave_summary(environ: Mapping[str, str], stats: Mapping[str, Any]) -> None:
    """A run that never got to its statistics leaves no message."""
    if stats:
        path = Path(environ.get("OSCONSOLE_TERMINATION_LOG", "/dev/termination-log"))
        path.write_bytes(msgspec.json.encode(summarise(stats)))


def _say(text: str) -> None:
    sys.stdout.write(f"osconsole: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ)))
