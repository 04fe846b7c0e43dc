"""Merged files mean what `kubectl config view --minify --raw` says of them."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from osconsole.kube.kubeconfig import choose
from osconsole.model.connection import Options
from tests.kube.test_auth_kubectl import kubectl

FIRST = """
current-context: a
clusters: [{name: c, cluster: {server: "https://one:6443", certificate-authority: ../ca.crt, proxy-url: "http://p:1"}}]
users:
- {name: u, user: {client-certificate: u.crt, client-key: /abs/u.key, as: boss, as-groups: [g], as-uid: "7"}}
- {name: p, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, interactiveMode: Never}}}
contexts: [{name: a, context: {cluster: c, user: u, namespace: openstack}}]
"""
SECOND = """
current-context: b
clusters:
- {name: c, cluster: {server: "https://two:6443", tls-server-name: x, insecure-skip-tls-verify: true}}
- {name: d, cluster: {server: "https://d:6443", certificate-authority-data: eA==, disable-compression: true}}
users:
- {name: u, user: {token: "123", as: worse, as-groups: [h], as-user-extra: {k: [v]}}}
- {name: q, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, args: [-x],
   env: [{name: A, value: b}], provideClusterInfo: true, installHint: get it,
   interactiveMode: IfAvailable}}}
- {name: t, user: {tokenFile: sub/token, as: eve, as-user-extra: {k: [v, w], l: [x]}}}
contexts:
- {name: a, context: {cluster: d, user: q}}
- {name: b, context: {cluster: c, user: u}}
- {name: e, context: {cluster: d, user: p, namespace: other}}
- {name: f, context: {cluster: d, user: q}}
- {name: g, context: {cluster: d, user: t}}
"""
PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def absolute(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Without what says nothing; paths by their folder (kubectl shows them as they are written)."""
    plugin = values.get("exec") or {}
    if "/" in plugin.get("command", ""):
        values = {**values, "exec": {**plugin, "command": str(folder / plugin["command"])}}
    found = {k: os.path.normpath(folder / v) if k in PATHS and v else v for k, v in values.items()}
    return {k: absolute(v, folder) if isinstance(v, dict) else v for k, v in found.items() if v}


@pytest.mark.parametrize("context", ["", "b", "e", "f", "g"])
async def test_merged_files_mean_what_kubectl_says(tmp_path, monkeypatch, context):
    folders = {"c": "x", "u": "x", "p": "x", "d": "y", "q": "y", "t": "y"}  # by cluster and user: the first wins
    for name, text in (("x", FIRST), ("y", SECOND)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config").write_text(text)
    merged = os.pathsep.join(str(tmp_path / name / "config") for name in ("x", "gone", "y"))
    monkeypatch.setenv("KUBECONFIG", merged)
    target = choose(Options(context=context))
    argv = ["config", "view", "--minify", "--raw", "-o", "json", *(["--context", context] if context else [])]
    code, out, said = await kubectl(merged, *argv)
    assert code == 0, said
    theirs = json.loads(out)
    pair = theirs["contexts"][0]["context"]
    assert (target.context, target.namespace) == (theirs["current-context"], pair.get("namespace", ""))
    for name, ours, shown in (
        (pair["cluster"], target.cluster, theirs["clusters"][0]["cluster"]),
        (pair["user"], target.user, theirs["users"][0]["user"]),
    ):
        folder = tmp_path / folders[name]
        assert absolute(msgspec.to_builtins(ours), folder) == absolute(shown, folder)
