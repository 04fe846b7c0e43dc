"""A namespace on one API server, for one test: what was made in it is taken away."""

import time
from collections.abc import Callable
from typing import Any

from tests.conformance.servers import Answer, Server

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SWEPT = (
    *("configmaps", "secrets", "serviceaccounts", "pods", "services", "apps/v1/deployments", "batch/v1/jobs"),
    *("batch/v1/cronjobs", "policy/v1/poddisruptionbudgets", "networking.k8s.io/v1/ingresses"),
    *("rbac.authorization.k8s.io/v1/roles", "rbac.authorization.k8s.io/v1/rolebindings"),
)


class Place:
    """A namespace, and requests that are remembered: what they made is taken away at the end."""

    def __init__(self, api: Server, name: str) -> None:
        self.api, self.name = api, name
        self._made: dict[str, None] = {}
        answer = self("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert answer.code == 201, answer

    def path(self, plural: str, name: str = "", group: str = "", version: str = "v1", query: str = "") -> str:
        """A path in this namespace: `plural` may be "apps/v1/deployments"."""
        *gv, plural = plural.split("/")
        group, version = gv if gv else (group, version)
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        found = f"{root}/namespaces/{self.name}/{plural}" + (f"/{name}" if name else "")
        return found + (f"?{query}" if query else "")

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Answer:
        answer = self.api(method, path, body, kind, **headers)
        if answer.code == 201 and isinstance(answer.body, dict) and "dryRun" not in path:
            made = path.partition("?")[0]
            name = (answer.body.get("metadata") or {}).get("name")
            if method == "POST" and name:
                made += f"/{name}"
            self._made[made] = None
        return answer

    def create(self, plural: str, name: str, body: Any = None, **rest: Any) -> Any:
        """An object that is expected to be taken."""
        rest = {**(body or {}), **rest}
        answer = self("POST", self.path(plural), {**rest, "metadata": {"name": name, **rest.get("metadata", {})}})
        assert answer.code == 201, answer
        return answer.body

    def sweep(self) -> None:
        """Take away what others made here."""
        for plural in SWEPT:
            found = self.api("GET", self.path(plural))
            self._made |= {self.path(plural, one["metadata"]["name"]): None for one in found.body.get("items", ())}

    def clean(self) -> None:
        """Take everything away, whoever waits for it."""
        for path in reversed(self._made):
            if self.api("DELETE", f"{path}?gracePeriodSeconds=0&propagationPolicy=Background").code == 404:
                continue
            if path.startswith(CRDS):
                # It goes once its objects are gone, and the next test may want its name.
                wait(lambda path=path: self.api("GET", path).code == 404)
                continue
            left = self.api("GET", path)
            if left.code != 200 or left.body.get("kind") == "Status":
                continue
            if left.body["metadata"].get("finalizers"):
                patch = {"metadata": {"finalizers": None}}
                self.api("PATCH", path, patch, "application/merge-patch+json")
            if left.body["kind"] == "Namespace":
                left.body["spec"] = {}
                self.api("PUT", f"{path}/finalize", left.body)


def define(api: Server, definition: dict[str, Any]) -> bool:
    """Make a kind, and wait until it is served; false when it was there."""
    made = api("POST", CRDS, definition)
    assert made.code in (201, 409), made
    spec = definition["spec"]
    path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
    wait(lambda: api("GET", path).code == 200)
    return made.code == 201


def wait(what: Callable[[], Any]) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + 20
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found
