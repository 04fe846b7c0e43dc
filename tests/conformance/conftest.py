"""Two API servers and one client: what is asked of one is asked of the other, and the real one is right.

`api` is a server, `embedded` or `real`; `place` a namespace on it that is gone, with all that was made, after the test.
A test that the embedded server fails on purpose bears `@pytest.mark.differs("name")`: the name stands, with the reason,
in docs/embedded-api.md, and the mark must go when the difference goes.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from osconsole.documents import parse
from tests.conformance.place import CRDS, Place, define, wait
from tests.conformance.servers import Server
from tests.conformance.starting import embedded, real

WIDGETS = parse((Path(__file__).parent / "widgets.yaml").read_text(), "widgets.yaml")
_count = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """The server of a kind, started when it is first asked for."""
    started: dict[str, Server] = {}
    with contextlib.ExitStack() as stack:

        def find(kind: str) -> Server:
            if kind not in started:
                start = {"embedded": embedded, "real": real}[kind]
                started[kind] = stack.enter_context(start(tmp_path_factory.mktemp(kind)))
                stack.callback(started[kind].close)
                if define(started[kind], WIDGETS):
                    stack.callback(started[kind], "DELETE", f"{CRDS}/widgets.conform.example.org")
            return started[kind]

        yield find


@pytest.fixture(params=["embedded", "real"])
def api(server: Callable[[str], Server], request: pytest.FixtureRequest) -> Server:
    mark = request.node.get_closest_marker("differs")
    if mark and request.param == "embedded":
        reason = f"docs/embedded-api.md: {mark.args[0]}"
        request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))
    return server(request.param)


def _name(request: pytest.FixtureRequest) -> str:
    words = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")
    return f"c-{words[:40].strip('-')}-{os.getpid()}-{next(_count)}"


@pytest.fixture
def place(api: Server, request: pytest.FixtureRequest) -> Iterator[Place]:
    found = Place(api, _name(request))
    try:
        yield found
    finally:
        found.clean()


@pytest.fixture
def place_type() -> type[Place]:
    """For tests that make many namespaces."""
    return Place


@pytest.fixture
def widget(place: Place) -> Callable[..., Any]:
    """Make an object of a custom kind; `manager` applies it."""

    def make(name: str, manager: str = "", **spec: Any) -> Any:
        body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}
        plural = "conform.example.org/v1/widgets"
        if not manager:
            return place.create(plural, name, body)
        path = place.path(plural, name, query=f"fieldManager={manager}")
        made = place("PATCH", path, body, "application/apply-patch+yaml")
        assert made.code == 201, made
        return made.body

    return make


@pytest.fixture
def both(server: Callable[[str], Server], request: pytest.FixtureRequest) -> Iterator[dict[str, Place]]:
    """The same namespace on both servers."""
    name = _name(request)
    found = {kind: Place(server(kind), name) for kind in ("real", "embedded")}
    try:
        yield found
    finally:
        for one in found.values():
            one.sweep()
            one.clean()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Ask until the answer is true; a real server takes up kinds after it has answered."""

    return wait


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "differs(name): the embedded server fails this; docs/embedded-api.md says why")
