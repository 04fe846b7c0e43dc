"""Makes up the secret values that actions only name. Called at the moment a Secret is created, and nowhere else."""

import base64
import secrets
import string
import uuid

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osconsole.errors import Refused
from osconsole.reconcile.actions import Generated

_LETTERS = string.ascii_letters + string.digits


def value(wanted: Generated) -> str:
    """A fresh value of the kind and, for passwords, of the length that is asked for."""
    match wanted.kind:
        case "password":
            return "".join(secrets.choice(_LETTERS) for _ in range(wanted.length))
        case "fernet":
            return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        case "uuid":
            return str(uuid.uuid4())
        case "ssh-ed25519":
            return _private_key()
    raise Refused(f"a secret value of kind '{wanted.kind}' cannot be made up")


def _private_key() -> str:
    form = serialization.PrivateFormat.OpenSSH
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
