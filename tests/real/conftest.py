"""A real control plane where it has been built, with upstream's schemas; and what it lacks for a cloud, as `stand_in`.

`prepare` makes namespace, passwords, volumes and networks, as a person or another operator would; `certify` plays
cert-manager and `beat` the heartbeats of the nodes, both until they are cancelled.
"""

import asyncio
import base64
import contextlib
import datetime
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from osconsole.errors import ApiError, Conflict
from osconsole.kube.api import Api
from osconsole.model.kinds import BY_KEY, key

SHARED = Path(__file__).resolve().parents[3] / "shared"
ASSETS = Path(os.environ.get("KUBEBUILDER_ASSETS") or Path.home() / ".cache" / "osconsole-realcluster")

# of upstream's schemas, those of the kinds that a control plane here is made of
CRDS = (
    *("core.", "client.", "network.", "mariadb.", "rabbitmq.", "memcached.", "ovn.", "keystone.", "placement."),
    *(
        "glance.",
        "neutron.",
        "nova.",
        "dataplane.",
        "k8s.cni",
        "cert-manager.io_certificates",
        "cert-manager.io_issuers",
    ),
)
PASSWORDS = (
    *("AdminPassword", "DbRootPassword", "PlacementPassword", "GlancePassword"),
    *("NeutronPassword", "NovaPassword", "MetadataSecret"),
)
NETWORKS = ("ctlplane", "internalapi", "storage", "tenant")


def _path(kind: str, namespace: str = "", name: str = "") -> str:
    return BY_KEY[key(kind)].path(namespace, name)


async def _create(api: Api, kind: str, namespace: str, body: dict) -> None:
    body = {"apiVersion": BY_KEY[key(kind)].api_version, "kind": kind, **body}
    with contextlib.suppress(Conflict):
        await api.create(_path(kind, namespace), body)


async def prepare(api: Api, namespace: str, storage_class: str = "local-storage", volumes: int = 20) -> None:
    """Everything that has to be there before the control plane is created."""
    await _create(api, "Namespace", "", {"metadata": {"name": namespace}})
    data = dict.fromkeys(PASSWORDS, base64.b64encode(b"12345678").decode())
    await _create(api, "Secret", namespace, {"metadata": {"name": "osp-secret"}, "data": data})
    for name in NETWORKS:
        await _create(
            api,
            "NetworkAttachmentDefinition",
            namespace,
            {"metadata": {"name": name}, "spec": {"config": '{"cniVersion":"0.3.1","type":"macvlan"}'}},
        )
    storage = {"metadata": {"name": storage_class}, "provisioner": "kubernetes.io/no-provisioner"}
    await _create(api, "StorageClass", "", storage)
    for number in range(volumes):
        spec = {
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": storage_class,
            "hostPath": {"path": f"/mnt/{namespace}/{number}"},
        }
        await _create(api, "PersistentVolume", "", {"metadata": {"name": f"{namespace}-{number}"}, "spec": spec})


async def certify(api: Api, namespace: str) -> None:
    """Issue what Certificates ask for, self-signed, and say so in their status."""
    while True:
        async for page in api.pages(_path("Certificate", namespace)):
            for item in page.items or ():
                await _issue(api, namespace, item)
        await asyncio.sleep(0.2)


async def beat(api: Api) -> None:
    """Keep the nodes Ready: kwok's say so once, and the node controller gives up on them after 50 s."""
    while True:
        now = _now()
        async for page in api.pages(_path("Node")):
            for item in page.items or ():
                name = msgspec.json.decode(bytes(item))["metadata"]["name"]
                ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kwok"}
                times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
                patch = {"status": {"conditions": [{**ready, **times}]}}
                await api.patch(_path("Node", "", name) + "/status", patch, kind="strategic")
        await asyncio.sleep(10)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _issue(api: Api, namespace: str, raw: bytes) -> None:
    found = msgspec.json.decode(bytes(raw))
    if (found.get("status") or {}).get("conditions"):
        return
    name, secret = found["metadata"]["name"], found["spec"]["secretName"]
    key_pem, cert_pem, until = _self_signed(name)
    data = {
        k: base64.b64encode(v).decode()
        for k, v in {"tls.key": key_pem, "tls.crt": cert_pem, "ca.crt": cert_pem}.items()
    }
    await _create(api, "Secret", namespace, {"metadata": {"name": secret}, "type": "kubernetes.io/tls", "data": data})
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": "issued", "lastTransitionTime": _now()}
    status = {"conditions": [ready], "notAfter": until, "revision": 1}
    with contextlib.suppress(ApiError):
        await api.patch(_path("Certificate", namespace, name) + "/status", {"status": status})


def _self_signed(name: str) -> tuple[bytes, bytes, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    until = now + datetime.timedelta(days=365)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM), until.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="session")
def stand_in() -> SimpleNamespace:
    """The three parts that nobody plays on a bare cluster."""
    return SimpleNamespace(prepare=prepare, certify=certify, beat=beat)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of a real API server with controllers and simulated pods."""
    if not (SHARED / "realcluster" / "start").exists() or not (ASSETS / "kwok").exists():
        pytest.skip("no real control plane has been built")
    if not (SHARED / "crds").exists() or not shutil.which("kubectl"):
        pytest.skip("upstream's CRDs or kubectl are not here")
    start = [SHARED / "realcluster" / "start", tmp_path / "real", "--controllers", "--pods"]
    found = subprocess.run(start, capture_output=True, text=True, timeout=90, check=True)
    kubeconfig = Path(found.stdout.split()[-1])
    needed = sorted(path for path in (SHARED / "crds").glob("*.yaml") if path.name.startswith(CRDS))
    apply = ["kubectl", "--kubeconfig", kubeconfig, "apply", "--server-side"]
    apply += [word for path in needed for word in ("-f", path)]
    try:
        subprocess.run(apply, capture_output=True, timeout=120, check=False)
        yield kubeconfig
    finally:
        subprocess.run([SHARED / "realcluster" / "stop", tmp_path / "real"], capture_output=True, check=True)
        shutil.rmtree(tmp_path / "real" / "etcd", ignore_errors=True)
