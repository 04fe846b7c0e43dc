"""What it costs to read Ansible's output: a service on 100 hosts, in the pieces in which a log comes."""

from collections.abc import Iterator

from benchmarks import cpu
from benchmarks.figure import Figure
from osconsole.ansible.progress import Progress

HOSTS, TASKS, PIECE = 100, 400, 200


def figures() -> Iterator[Figure]:
    """Lines per CPU second, plain and coloured."""
    lines = list(_output())
    for name, read in (("plain", lines), ("coloured", [f"\x1b[0;32m{line}\x1b[0m" for line in lines])):
        note = f"{len(lines):,} lines of {HOSTS} hosts"
        yield Figure(
            f"Ansible's output, {name}", [_rate(read) for _ in range(3)], "lines/s", 50_000, floor=True, note=note
        )


def _rate(lines: list[str]) -> float:
    progress, began = Progress(), cpu.own_s()
    for at in range(0, len(lines), PIECE):
        progress.feed(lines[at : at + PIECE])
    spent = cpu.own_s() - began
    if progress.run.tasks != TASKS or not progress.run.ended:
        raise AssertionError(f"{progress.run.tasks} tasks were seen of {TASKS}")
    return len(lines) / spent


def _output() -> Iterator[str]:
    yield "PLAY [Configure] ***"
    for task in range(TASKS):
        yield from ("", f"TASK [osp.edpm.edpm_configure : task {task}] {'*' * 40}")
        for host in range(HOSTS):
            yield f"{'changed' if task % 7 == 0 else 'ok'}: [edpm-compute-{host}]"
        if task % 50 == 0:
            yield 'fatal: [edpm-compute-1]: FAILED! => {"changed": false, "msg": "no", "rc": 1, "stderr": "cannot"}'
            yield "...ignoring"
    yield "PLAY RECAP ***"
    for host in range(HOSTS):
        yield f"edpm-compute-{host} : ok={TASKS} changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0"
