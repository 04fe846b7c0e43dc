"""A storm as a rollout makes it: every pod changes ten times, from Pending to Ready, and all of them at once."""

import random
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

from benchmarks.lines import filled, templates

STEPS = 10  # changes of one pod


def storm(bodies: list[dict[str, Any]], pods: int, changes: int) -> Iterator[bytes]:
    """So many changes of so many pods, a hundred at a time: in random order, each pod's in their own.

    With as many changes as pods each changes once; with ten times as many, every pod does all of its steps.
    """
    made = [templates([_at(deepcopy(body), step) for body in bodies].__getitem__) for step in range(STEPS)]
    order = [number for number in range(pods) for _ in range(changes // pods)]
    random.Random(2).shuffle(order)
    steps, events = [0] * pods, enumerate(order, start=3)
    while some := list(islice(events, 100)):
        chunk = []
        for version, number in some:
            chunk.append(filled(b"MODIFIED", made[steps[number] % STEPS], number, version))
            steps[number] += 1
        yield b"".join(chunk)


def _at(body: dict[str, Any], step: int) -> dict[str, Any]:
    """A pod so many steps after it was made; at the last one all of its containers are ready."""
    names = [container["name"] for container in body["spec"]["containers"]]
    ready = max(0, step - STEPS + 1 + len(names)) if step < STEPS - 1 else len(names)
    if step == 0:
        body["spec"].pop("nodeName", None)
    if step < 2:
        body["metadata"].pop("annotations", None)
    state = {"running": {"startedAt": f"2026-01-02T03:05:{step:02d}Z"}}
    waits = {"waiting": {"reason": "ContainerCreating" if step < 4 else "PodInitializing"}}
    body["status"] = {
        **body.get("status", {}),
        "phase": "Pending" if step < 5 else "Running",
        "conditions": [
            _condition("PodScheduled", step, step > 0),
            _condition("PodReadyToStartContainers", step, step > 3),
            _condition("Initialized", step, step > 4),
            _condition("ContainersReady", step, step == STEPS - 1),
            _condition("Ready", step, step == STEPS - 1),
        ],
        "containerStatuses": [
            {**known, "name": name, "ready": place < ready, "state": state if step > 4 else waits}
            for place, (name, known) in enumerate(zip(names, _known(body, names), strict=True))
            if step > 2
        ],
    }
    return body


def _known(body: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
    return body.get("status", {}).get("containerStatuses") or [{"restartCount": 0} for _ in names]


def _condition(kind: str, step: int, true: bool) -> dict[str, str]:  # noqa: FBT001
    at = f"2026-01-02T03:05:{step:02d}Z"
    return {"type": kind, "status": "True" if true else "False", "lastTransitionTime": at}
