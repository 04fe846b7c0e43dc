"""An API server as a client sees it, with no client's library between: requests, answers, watches."""

import contextlib
import http.client
import json
import ssl
import urllib.parse
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from osconsole.documents import parse


class Answer(msgspec.Struct):
    """What a server said; `reason` and `message` are those of a Status."""

    code: int
    body: Any
    headers: dict[str, str]

    @property
    def reason(self) -> str:
        return self.body.get("reason", "")

    @property
    def message(self) -> str:
        return self.body.get("message", "")

    @property
    def error(self) -> tuple[int, str]:
        return self.code, self.reason

    @property
    def causes(self) -> list[tuple[str, str]]:
        return [(c.get("field", ""), c.get("reason", "")) for c in self.body["details"].get("causes", ())]


class Server:
    """One API server as its kubeconfig describes it."""

    def __init__(self, kind: str, kubeconfig: Path) -> None:
        self.kind, self.kubeconfig = kind, kubeconfig
        config = parse(kubeconfig.read_text(), "kubeconfig")
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = cluster["server"].removeprefix("https://")
        authority = cluster.get("certificate-authority-data")
        self.context = ssl.create_default_context(
            cafile=cluster.get("certificate-authority"), cadata=b64decode(authority).decode() if authority else None
        )
        if "client-certificate" in user:
            self.context.load_cert_chain(user["client-certificate"], user["client-key"])
        self.headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        self._line: http.client.HTTPSConnection | None = None

    def connect(self, timeout_s: float = 20.0) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self.address, timeout=timeout_s, context=self.context)

    def send(
        self, line: http.client.HTTPSConnection, method: str, path: str, body: Any, kind: str, headers: Any
    ) -> Any:
        found = {**self.headers, "Content-Type": kind}
        found |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line.request(method, path, data, {k: v for k, v in found.items() if v})
        return line.getresponse()

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Answer:
        """One request on the line that is kept open, or on a new one where the server has closed it meanwhile."""
        self._line = self._line or self.connect()
        try:
            try:
                answer = self.send(self._line, method, path, body, kind, headers)
            except (ConnectionError, ssl.SSLEOFError):
                self._line.close()
                answer = self.send(self._line, method, path, body, kind, headers)
            text = answer.read()
        except (http.client.HTTPException, OSError):
            self._line.close()
            raise
        body: Any = text
        if text[:1] == b"{":
            with contextlib.suppress(ValueError):
                body = json.loads(text)
        return Answer(answer.status, body, dict(answer.getheaders()))

    @contextlib.contextmanager
    def watch(self, path: str, accept: str = "", **query: Any) -> Iterator["Stream"]:
        """The events of a watch while they come."""
        text = urllib.parse.urlencode({"watch": "1", **query})
        with contextlib.closing(self.connect()) as line:
            answer = self.send(line, "GET", f"{path}?{text}", None, "", {"Accept": accept})
            with answer:
                yield Stream(answer)

    def close(self) -> None:
        if self._line:
            self._line.close()


class Stream:
    """The events of one watch."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer

    def event(self) -> tuple[str, Any] | None:
        """The next one as (type, object); None at the end."""
        line = self.answer.readline()
        found = json.loads(line) if line else None
        return (found["type"], found["object"]) if found else None

    def take(self, count: int) -> list[tuple[str, str]]:
        """The next ones as (type, name)."""
        found = [self.event() for _ in range(count)]
        return [(one[0], one[1]["metadata"].get("name", "")) for one in found if one]
