"""Creating the first objects of a new cluster over HTTP, and asking a running one how it is.

One blocking connection is enough: this runs in the command that starts the cluster.
"""

import base64
import http.client
import json
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from osconsole.documents import parse, read
from osconsole.errors import OsconsoleError, api_error

_TIMEOUT_S = 10.0

Object = dict[str, Any]


class Line:
    """A connection to the API server of a kubeconfig that this package wrote."""

    def __init__(self, kubeconfig: Path) -> None:
        config = parse(read(kubeconfig), str(kubeconfig))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.address = cluster["server"].removeprefix("https://")
        context = ssl.create_default_context(cadata=authority)
        self._http = http.client.HTTPSConnection(self.address, timeout=_TIMEOUT_S, context=context)
        self._headers = {
            "Authorization": f"Bearer {user['token']}",
            "Content-Type": "application/json",
            "User-Agent": "osconsole-cluster",
        }
        self._plurals: dict[str, dict[str, tuple[str, bool]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self._http.close()

    def ready(self) -> bool:
        """Whether the server says that it is ready."""
        try:
            self._http.request("GET", "/readyz", headers=self._headers)
            answer = self._http.getresponse()
            return answer.read() == b"ok"
        except (OSError, http.client.HTTPException):
            self._http.close()
            return False

    def call(self, method: str, path: str, body: Object | None = None) -> Object:
        """One request.

        Raises:
            OsconsoleError: the server refuses (`ApiError`) or does not answer.
        """
        try:
            self._http.request(method, path, json.dumps(body) if body is not None else None, self._headers)
            answer = self._http.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._http.close()
            raise OsconsoleError(f"the API server at {self.address} does not answer: {error}") from None
        found: Object = json.loads(text) if text[:1] == b"{" else {"message": text.decode(errors="replace")}
        if answer.status >= 400:
            raise api_error(answer.status, found.get("reason", ""), found.get("message", ""))
        return found

    def count(self, path: str) -> int:
        """How many objects a list has, without reading them."""
        found = self.call("GET", f"{path}?limit=1")
        return len(found["items"]) + int(found["metadata"].get("remainingItemCount", 0))

    def create(self, obj: Object) -> None:
        """Create an object, with its status where it has one; one that is there already stays as it is.

        Raises:
            OsconsoleError: it is refused.
        """
        plural, namespaced = self._plural(obj["apiVersion"], obj["kind"])
        meta = obj["metadata"]
        where = f"/namespaces/{meta['namespace']}" if namespaced else ""
        path = f"{_root(obj['apiVersion'])}{where}/{plural}"
        try:
            self.call("POST", f"{path}?fieldManager=osconsole-world&fieldValidation=Strict", obj)
        except OsconsoleError as error:
            if getattr(error, "reason", "") != "AlreadyExists":
                raise OsconsoleError(f"{obj['kind']} {meta['name']} cannot be created: {error}") from None

    def _plural(self, api_version: str, kind: str) -> tuple[str, bool]:
        if kind not in self._plurals.get(api_version, {}):
            listed = self.call("GET", _root(api_version))["resources"]
            self._plurals[api_version] = {
                item["kind"]: (item["name"], item["namespaced"]) for item in listed if "/" not in item["name"]
            }
        if kind not in self._plurals[api_version]:
            raise OsconsoleError(f"the cluster has no kind {kind} in {api_version}: its definition must come first")
        return self._plurals[api_version][kind]


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def load(line: Line, objects: Sequence[Object], say: Callable[[str], None]) -> None:
    """Create the objects of a world in order."""
    for obj in objects:
        line.create(obj)
    if objects:
        say(f"{len(objects)} objects created")
