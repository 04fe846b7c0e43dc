"""The Secrets that a person would make before installing: passwords and SSH keys, made up anew for each cluster."""

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

_SERVICES = ["Admin", "Barbican", "Cinder", "Database", "Designate", "Glance", "Heat", "HeatStackDomainAdmin", "Ironic"]
_SERVICES += ["IronicInspector", "Manila", "Neutron", "Nova", "Octavia", "Placement", "Swift"]


def load(private_key: str) -> list[dict[str, Any]]:
    """The Secrets; `private_key` is the OpenSSH text that the compute nodes accept, made up when empty."""
    migration = generated_key()
    return [
        _secret("osp-secret", _passwords()),
        _secret("libvirt-secret", {"LibvirtPassword": _password()}),
        _secret("dataplane-ansible-ssh-private-key-secret", _key_pair(private_key or generated_key())),
        _secret("nova-migration-ssh-key", _key_pair(migration)),
    ]


def generated_key() -> str:
    """A new ed25519 key as OpenSSH writes it."""
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    ).decode()


def public_key(private_key: str) -> str:
    """The one line that belongs in authorized_keys."""
    key = serialization.load_ssh_private_key(private_key.encode(), password=None)
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return line.decode() + "\n"


def _key_pair(private_key: str) -> dict[str, str]:
    public = public_key(private_key)
    return {"ssh-privatekey": private_key, "ssh-publickey": public, "authorized_keys": public}


def _passwords() -> dict[str, str]:
    found = {f"{service}Password": _password() for service in _SERVICES}
    return found | {
        "DbRootPassword": _password(),
        "MetadataSecret": _password(),
        "OctaviaHeartbeatKey": _password(),
        "HeatAuthEncryptionKey": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "BarbicanSimpleCryptoKEK": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def _password() -> str:
    return secrets.token_urlsafe(18)


def _secret(name: str, values: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in sorted(values.items())},
    }
