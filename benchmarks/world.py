"""The demo world: until the control plane is Ready, and a configure-os deployment on three nodes, twice."""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks import cpu, place
from benchmarks.figure import Figure
from benchmarks.objects import options
from osconsole.kube.api import Api
from osconsole.model.kinds import BY_KEY, key

NAMESPACE, NODESET = "openstack", "edpm-compute"
RECAP = re.compile(r"changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


def figures() -> Iterator[Figure]:
    """Ready, then both deployments."""
    with place.running("demo") as kubeconfig, place.operator(kubeconfig) as operator:
        began = time.monotonic()
        _command(kubeconfig, "wait", "openstackcontrolplane/controlplane", "--for", "ready", "--timeout", "300")
        note = f"wall {time.monotonic() - began:.1f} s; CPU of cluster and operator"
        yield Figure("demo world Ready", [_spent(kubeconfig, operator.pid)], "CPU s", 60, note=note)
        yield _memory(kubeconfig)
        for name in ("first", "second"):
            yield from _deployment(kubeconfig, operator.pid, name)


def _memory(kubeconfig: Path) -> Figure:
    """The budget is for PSS: members are forked from one process and map the same libraries, which is there once."""
    parts = place.processes(kubeconfig)
    sizes = {part: cpu.shared_bytes(pid) / 2**20 for part, pid in parts.items()}
    resident = sum(cpu.resident_bytes(pid) for pid in parts.values()) / 2**20
    note = ", ".join(f"{part} {size:.0f}" for part, size in sizes.items())
    name = "memory of the embedded cluster, demo world (PSS)"
    return Figure(name, [sum(sizes.values())], "MiB", 120, note=f"{note}; RSS {resident:.0f}")


def _deployment(kubeconfig: Path, operator: int, name: str) -> Iterator[Figure]:
    before, began = _spent(kubeconfig, operator), time.monotonic()
    service = ("--service", "configure-os", "--name", name, "-n", NAMESPACE, "--yes", "--wait", "--timeout", "300")
    _command(kubeconfig, "deploy", NODESET, *service)
    wall_s = time.monotonic() - began
    changed, failed = asyncio.run(_recap(kubeconfig, name))
    note = f"wall {wall_s:.1f} s; changed={changed} failed={failed}"
    yield Figure(
        f"configure-os on 3 nodes, {name} run", [_spent(kubeconfig, operator) - before], "CPU s", 15, note=note
    )
    if name == "second":
        yield Figure("changed by the second run", [changed], "tasks", 0)


def _spent(kubeconfig: Path, operator: int) -> float:
    """CPU seconds of cluster and operator with everything that they started."""
    roots = [*place.processes(kubeconfig).values(), operator]
    return cpu.of_s({pid for root in roots for pid in cpu.family(root)})


def _command(kubeconfig: Path, *argv: str) -> None:
    """Run one of our commands to its end."""
    done = subprocess.run([*place.PROGRAM, *argv], env=place.environment(kubeconfig), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)}: exit {done.returncode}{os.linesep}{done.stdout}{done.stderr}")


async def _recap(kubeconfig: Path, deployment: str) -> tuple[int, int]:
    """Changed, and failed or unreachable, over all hosts, as the pods' logs say."""
    api = Api(options(kubeconfig))
    pods = BY_KEY[key("Pod")].path(NAMESPACE)
    selector = {"labelSelector": f"openstackdataplanedeployment={deployment}"}
    text = ""
    try:
        async for page in api.pages(pods, selector):
            for item in page.items or ():
                name = msgspec.json.decode(bytes(item))["metadata"]["name"]
                text += (await api.request("GET", f"{pods}/{name}/log")).decode()
    finally:
        await api.close()
    found = RECAP.findall(re.sub(r"\x1b\[[0-9;]*m", "", text))
    if not found:
        raise SystemExit(f"no recap in the logs of {deployment}")
    return sum(int(c) for c, _, _ in found), sum(int(u) + int(f) for _, u, f in found)
