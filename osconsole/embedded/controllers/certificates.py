"""cert-manager's part: Issuers become Ready, Certificates get their Secret.

Knows self-signed Issuers and CA Issuers, in one namespace. A Secret that was deleted is issued anew; nothing is renewed
before it ends.
"""

import asyncio
import base64
import binascii
from collections.abc import Iterable
from datetime import timedelta

from osconsole.embedded.client import Object
from osconsole.embedded.clock import now, stamp
from osconsole.embedded.controllers.pods import condition, is_deleted
from osconsole.embedded.controllers.signing import Authority, Issued, issue, validity
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import CERTIFICATE, ISSUER, SECRET, Kind
from osconsole.embedded.view import Cluster

_REVISION = "cert-manager.io/certificate-revision"


class Issuers:
    """Says whether an Issuer can sign."""

    name = "cert-manager-issuers"
    watches = (ISSUER, SECRET)
    workers = 1

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The Issuer, or those that sign with the Secret."""
        if kind == ISSUER:
            return [key_of(obj)]
        issuers = self._cluster.informer(ISSUER).in_namespace(obj["metadata"]["namespace"])
        return [key_of(i) for i in issuers if (i["spec"].get("ca") or {}).get("secretName") == obj["metadata"]["name"]]

    async def reconcile(self, key: Key) -> float | None:
        """Write the Ready condition."""
        issuer = self._cluster.informer(ISSUER).get(*key)
        if issuer is None or is_deleted(issuer):
            return None
        if "selfSigned" in issuer["spec"]:
            ready = ("True", "IsReady", "")
        elif "ca" in issuer["spec"]:
            name = issuer["spec"]["ca"]["secretName"]
            if authority_of(self._cluster.informer(SECRET).get(key[0], name)):
                ready = ("True", "KeyPairVerified", "Signing CA verified")
            else:
                ready = ("False", "ErrGetKeyPair", f'Error getting keypair for CA issuer: secret "{name}" not found')
        else:
            ready = ("False", "Unsupported", "only selfSigned and ca issuers are known here")
        await self._cluster.set_status(ISSUER, issuer, _with_ready(issuer, *ready))
        return None


class Certificates:
    """Issues the Secret of each Certificate."""

    name = "cert-manager-certificates"
    watches = (CERTIFICATE, ISSUER, SECRET)
    workers = 2

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The Certificate; those of the Issuer; those that live in the Secret."""
        if kind == CERTIFICATE:
            return [key_of(obj)]
        namespace, name = key_of(obj)
        certificates = self._cluster.informer(CERTIFICATE).in_namespace(namespace)
        if kind == ISSUER:
            return [key_of(c) for c in certificates if c["spec"]["issuerRef"]["name"] == name]
        return [key_of(c) for c in certificates if c["spec"]["secretName"] == name]

    async def reconcile(self, key: Key) -> float | None:
        """Issue when there is no good Secret; then the status."""
        certificate = self._cluster.informer(CERTIFICATE).get(*key)
        if certificate is None or is_deleted(certificate):
            return None
        spec, secrets = certificate["spec"], self._cluster.informer(SECRET)
        secret = secrets.get(key[0], spec["secretName"])
        if secret is None or not _is_current(certificate, secret):
            issuer = self._cluster.informer(ISSUER).get(key[0], spec["issuerRef"]["name"])
            if issuer is None or (condition(issuer, "Ready") or {}).get("status") != "True":
                message = f'Issuer "{spec["issuerRef"]["name"]}" is missing or not ready'
                status = _with_ready(certificate, "False", "DoesNotExist", message)
                await self._cluster.set_status(CERTIFICATE, certificate, status)
                return None
            authority = None
            if "ca" in issuer["spec"]:
                authority = authority_of(secrets.get(key[0], issuer["spec"]["ca"]["secretName"]))
            try:
                # A key of 3072 bits takes a fraction of a second: other keys must not wait for it.
                issued = await asyncio.to_thread(issue, spec, authority, now())
            except ValueError as error:
                status = _with_ready(certificate, "False", "Failed", f"The certificate cannot be issued: {error}")
                await self._cluster.set_status(CERTIFICATE, certificate, status)
                return None
            secret = await self._store(certificate, secret, issued)
            self._cluster.events.note(
                certificate, "Issuing", "The certificate has been successfully issued", component="cert-manager"
            )
        await self._cluster.set_status(CERTIFICATE, certificate, _status(certificate, secret))
        return None

    async def _store(self, certificate: Object, secret: Object | None, issued: Issued) -> Object:
        spec, meta = certificate["spec"], certificate["metadata"]
        template = spec.get("secretTemplate") or {}
        pems = {"tls.crt": issued.certificate, "tls.key": issued.key, "ca.crt": issued.authority}
        body: Object = {
            "metadata": {
                "name": spec["secretName"],
                "namespace": meta["namespace"],
                "labels": {**(template.get("labels") or {}), "controller.cert-manager.io/fao": "true"},
                "annotations": {
                    **(template.get("annotations") or {}),
                    **_provenance(certificate),
                    _REVISION: str(int((certificate.get("status") or {}).get("revision") or 0) + 1),
                },
            },
            "type": "kubernetes.io/tls",
            "data": {name: base64.b64encode(pem).decode() for name, pem in pems.items()},
        }
        if secret is None:
            return await self._cluster.create(SECRET, body)
        patch = {"metadata": {k: body["metadata"][k] for k in ("labels", "annotations")}, "data": body["data"]}
        return await self._cluster.patch(SECRET, secret, patch)


def authority_of(secret: Object | None) -> Authority | None:
    """The CA in a Secret, or None."""
    data = (secret or {}).get("data") or {}
    try:
        pair = Authority(base64.b64decode(data["tls.crt"]), base64.b64decode(data["tls.key"]))
    except (KeyError, binascii.Error):
        return None
    return pair if pair.certificate and pair.key else None


def _provenance(certificate: Object) -> dict[str, str]:
    spec = certificate["spec"]
    return {
        "cert-manager.io/certificate-name": certificate["metadata"]["name"],
        "cert-manager.io/common-name": spec.get("commonName", ""),
        "cert-manager.io/alt-names": ",".join(spec.get("dnsNames") or []),
        "cert-manager.io/ip-sans": ",".join(spec.get("ipAddresses") or []),
        "cert-manager.io/issuer-name": spec["issuerRef"]["name"],
        "cert-manager.io/issuer-kind": spec["issuerRef"].get("kind", "Issuer"),
        "cert-manager.io/issuer-group": spec["issuerRef"].get("group", "cert-manager.io"),
    }


def _is_current(certificate: Object, secret: Object) -> bool:
    """The Secret holds what this Certificate asks for, and it has not ended."""
    annotations = secret["metadata"].get("annotations") or {}
    if not _provenance(certificate).items() <= annotations.items() or authority_of(secret) is None:
        return False
    try:
        return validity(base64.b64decode(secret["data"]["tls.crt"]))[1] > now()
    except ValueError:
        return False


def _status(certificate: Object, secret: Object) -> Object:
    start, end = validity(base64.b64decode(secret["data"]["tls.crt"]))
    status = _with_ready(certificate, "True", "Ready", "Certificate is up to date and has not expired")
    renewal = end - timedelta(seconds=(end - start).total_seconds() / 3)
    return {
        **status,
        "notBefore": stamp(start),
        "notAfter": stamp(end),
        "renewalTime": stamp(renewal),
        "revision": int((secret["metadata"].get("annotations") or {}).get(_REVISION) or 1),
    }


def _with_ready(obj: Object, status: str, reason: str, message: str) -> Object:
    before = obj.get("status") or {}
    old = condition(obj, "Ready")
    new = {"type": "Ready", "status": status, "reason": reason, "message": message}
    new = {key: value for key, value in new.items() if value}
    new["observedGeneration"] = obj["metadata"]["generation"]
    new["lastTransitionTime"] = old["lastTransitionTime"] if old and old["status"] == status else stamp()
    others = [c for c in before.get("conditions") or [] if c["type"] != "Ready"]
    return {**before, "conditions": [*others, new]}
