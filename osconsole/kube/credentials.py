"""Exec plugins: programs that print credentials (`oc`, cloud logins). They never get our terminal, and never hang us.

Source: the client.authentication.k8s.io/v1 API.
"""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
from datetime import datetime
from typing import Annotated, Any

import msgspec

from osconsole.errors import KubeconfigError
from osconsole.kube.material import content
from osconsole.kube.target import EXEC_EXTENSION, Cluster, Exec

LIMIT_S = 30.0
_STDERR_BYTES = 600


class Credential(msgspec.Struct, frozen=True):
    """What a plugin gave: a token, or a client certificate with its key. `expires` is Unix seconds, 0 for never."""

    token: str = ""
    certificate: str = ""
    key: str = ""
    expires: float = 0.0


class _Status(msgspec.Struct, rename="camel"):
    """`status` of an ExecCredential."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


async def ask(plugin: Exec, cluster: Cluster, user: str) -> Credential:
    """Run the plugin once.

    Raises:
        KubeconfigError: it is missing, failed, took longer than LIMIT_S, or printed something else.
    """
    name = f"exec plugin '{plugin.command}' of user '{user}'"
    if plugin.interactive_mode == "Always":
        raise KubeconfigError(f"{name} wants a terminal: log in with it outside of osconsole first")
    found = shutil.which(plugin.command)
    if not found:
        hint = plugin.install_hint.strip() or "install it, or put it on PATH"
        raise KubeconfigError(f"{name} is not installed: {hint}")
    code, output, complaint = await _run(plugin, cluster, found, name)
    if code != 0:
        said = complaint.strip()[-_STDERR_BYTES:] or "it said nothing"
        raise KubeconfigError(f"{name} failed with exit code {code}: {said}")
    return _read(output, name, plugin.api_version)


async def _run(plugin: Exec, cluster: Cluster, found: str, name: str) -> tuple[int, bytes, str]:
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *(plugin.args or ()),
            executable=found,  # by our own PATH: the one that the plugin is given is for itself
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(plugin, cluster),
            start_new_session=True,  # without a controlling terminal it cannot ask there
        )
    except OSError as error:
        raise KubeconfigError(f"{name} cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(LIMIT_S):
            output, complaint = await process.communicate()
    except TimeoutError:
        raise KubeconfigError(f"{name} gave no answer in {LIMIT_S:.0f} s: log in with it outside first") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode or 0, output, complaint.decode(errors="replace")


def _environment(plugin: Exec, cluster: Cluster) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.provide_cluster_info:
        spec["cluster"] = _told(cluster)
    info = json.dumps({"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec})
    return {**os.environ, **{v.name: v.value for v in plugin.env or ()}, "KUBERNETES_EXEC_INFO": info}


def _told(cluster: Cluster) -> dict[str, Any]:
    """What a plugin is told of the cluster; fields without a value are left out."""
    authority = content(cluster.certificate_authority, cluster.certificate_authority_data, "certificate-authority")
    found = {
        "server": cluster.server,
        "certificate-authority-data": base64.b64encode(authority).decode(),
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "tls-server-name": cluster.tls_server_name,
        "proxy-url": cluster.proxy_url,
        "disable-compression": cluster.disable_compression,
        "config": next((e.extension for e in cluster.extensions or () if e.name == EXEC_EXTENSION), None),
    }
    return {key: value for key, value in found.items() if value}


def _read(output: bytes, name: str, version: str) -> Credential:
    try:
        answer = json.loads(output)
        made = (answer.get("kind"), answer.get("apiVersion"))
        if made != ("ExecCredential", version):
            raise KubeconfigError(f"{name} gave {made[0]} of {made[1]}, not ExecCredential of {version}: mend either")
        status = msgspec.convert(answer["status"], _Status)
    except (ValueError, KeyError, TypeError, AttributeError, msgspec.MsgspecError):
        raise KubeconfigError(f"{name} printed something that is not an ExecCredential: try it by hand") from None
    certificate, key = status.client_certificate_data or "", status.client_key_data or ""
    if bool(certificate) != bool(key):
        raise KubeconfigError(f"{name} gave only a certificate or only its key, not both: mend the plugin")
    if not status.token and not certificate:
        raise KubeconfigError(f"{name} gave neither a token nor a certificate: log in with it again")
    ends = status.expiration_timestamp
    return Credential(status.token or "", certificate, key, ends.timestamp() if ends else 0.0)
