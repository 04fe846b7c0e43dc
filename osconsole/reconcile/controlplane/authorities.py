"""The control plane's certificate authorities: issuers, root certificates, and the bundle that everyone trusts."""

import base64
from typing import Any

import msgspec

from osconsole.model.conditions import READY, find
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.objects import api_version, backup, made
from osconsole.reconcile.controlplane.steps.inputs import secret_text
from osconsole.reconcile.controlplane.walk import Walk

CONDITION = "OpenStackControlPlaneCAReadyCondition"
BUNDLE = "combined-ca-bundle"
SELF_SIGNED = "selfsigned-issuer"
# root CA -> where the spec says how long it and what it signs lives
ROOTS = {
    "public": ("tls", "ingress"),
    "internal": ("tls", "podLevel", "internal"),
    "libvirt": ("tls", "podLevel", "libvirt"),
    "ovn": ("tls", "podLevel", "ovn"),
}


class Authorities(msgspec.Struct, frozen=True):
    """Root CAs by cert-manager, where the cluster has it; without it the bundle is empty, and the condition says so."""

    conditions: tuple[str, ...] = (CONDITION,)

    def run(self, walk: Walk) -> bool:
        """Make them; nothing goes on before they are signed."""
        if not walk.world.served(key("Certificate")) or not walk.world.served(key("Issuer")):
            self._bundle(walk, {})
            return walk.ok(CONDITION, "OpenStackControlPlane CAs skipped: cert-manager is not installed")
        walk.ensure(made(walk.me, "Issuer", SELF_SIGNED, spec={"selfSigned": {}}))
        pems = {}
        for name, path in ROOTS.items():
            ready = self._root(walk, f"rootca-{name}", name, path)
            pem = secret_text(walk.see("Secret", f"rootca-{name}"), "tls.crt")
            if ready and pem:
                pems[f"rootca-{name}"] = pem
        if len(pems) < len(ROOTS):
            lost = ", ".join(f"rootca-{name}" for name in ROOTS if f"rootca-{name}" not in pems)
            return walk.busy(CONDITION, f"OpenStackControlPlane CAs in progress - waiting for: {lost}")
        self._bundle(walk, pems)
        return walk.ok(CONDITION, "OpenStackControlPlane CAs completed")

    def _root(self, walk: Walk, name: str, kind: str, path: tuple[str, ...]) -> bool:
        labels = {**backup("10", "controlplane"), "backup.openstack.org/backup": "true", "ca-cert": ""}
        certificate = made(
            walk.me,
            "Certificate",
            name,
            spec={
                "commonName": name,
                "duration": walk.get(*path, "ca", "duration", default="87600h0m0s"),
                "isCA": True,
                "issuerRef": {"name": SELF_SIGNED},
                "privateKey": {"algorithm": "RSA", "size": 3072},
                "secretName": name,
                "secretTemplate": {"labels": labels},
            },
        )
        found = walk.ensure(certificate)
        lifetime = walk.get(*path, "cert", "duration", default="43800h0m0s")
        issuer = made(
            walk.me,
            "Issuer",
            name,
            {f"osp-rootca-issuer-{kind}": ""},
            {"cert-duration": lifetime},
            spec={"ca": {"secretName": name}},
        )
        walk.ensure(issuer)
        expires = found.get("status", "notAfter") if found else None
        if expires:
            tls = walk.report.setdefault("tls", {"caBundleSecretName": BUNDLE, "caList": []})
            tls["caList"].append({"name": name, "expires": expires})
        return signed(found)

    def _bundle(self, walk: Walk, pems: dict[str, str]) -> None:
        texts = {"tls-ca-bundle.pem": "".join(pems.values()), "internal-ca-bundle.pem": "".join(pems.values())}
        data = {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}
        body: dict[str, Any] = {
            "apiVersion": api_version("Secret"),
            "kind": "Secret",
            "metadata": {
                "name": BUNDLE,
                "namespace": walk.namespace,
                "labels": {**backup("10"), BUNDLE: ""},
            },
            "type": "Opaque",
            "data": data,
        }
        walk.ensure(body)


class DatabaseCertificate(msgspec.Struct, frozen=True):
    """Certificate galera-NAME-svc of every Galera, signed by the internal CA, also with TLS off."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make them; the condition of Galera waits for their Secrets."""
        if not walk.get("galera", "enabled", default=bool(walk.get("galera"))):
            return True
        for name in walk.get("galera", "templates", default={}):
            walk.ensure(self._certificate(walk, name))
        return True

    def _certificate(self, walk: Walk, name: str) -> dict[str, Any]:
        headless = f"{name}-galera.{walk.namespace}.svc"
        hosts = [f"*.{headless}", headless, f"{name}.{walk.namespace}.svc"]
        return made(
            walk.me,
            "Certificate",
            f"galera-{name}-svc",
            {"service-cert": ""},
            spec={
                "dnsNames": [full for host in hosts for full in (host, f"{host}.cluster.local")],
                "duration": walk.get("tls", "podLevel", "internal", "cert", "duration", default="43800h0m0s"),
                "issuerRef": {"group": "cert-manager.io", "kind": "Issuer", "name": "rootca-internal"},
                "secretName": f"cert-galera-{name}-svc",
                "secretTemplate": {"labels": {"backup.openstack.org/restore": "false", "service-cert": ""}},
                "subject": {"organizations": [f"{walk.namespace}.cluster.local"]},
                "usages": ["key encipherment", "digital signature", "server auth", "client auth"],
            },
        )


def signed(certificate: Resource | None) -> bool:
    """Whether cert-manager has issued a certificate."""
    ready = find(certificate.conditions, READY) if certificate else None
    return bool(ready and ready.ok)
