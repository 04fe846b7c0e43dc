"""Ed25519 key pairs in OpenSSH's format, made once and kept."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def ensure_pair(private: Path, comment: str) -> None:
    """Make `private` (mode 0600) and `private`.pub unless they exist."""
    public = private.with_name(f"{private.name}.pub")
    if private.exists() and public.exists():
        return
    key = Ed25519PrivateKey.generate()
    private.parent.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600)
    private.chmod(0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    )
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    public.write_bytes(line + f" {comment}\n".encode())
