"""Target: one context of a kubeconfig as values: which server, which user. Reading files is `kubeconfig`'s part."""

from typing import Any

import msgspec

EXEC_EXTENSION = "client.authentication.k8s.io/exec"  # what a cluster has to say to exec plugins


class Extension(msgspec.Struct, frozen=True):
    """Something that a kubeconfig says beyond Kubernetes' own fields."""

    name: str
    extension: Any = None


class Cluster(msgspec.Struct, frozen=True, rename="kebab"):
    """Where the API server is and how to know that it is the right one; a file, or its content in base64 (`_data`)."""

    server: str = ""
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    disable_compression: bool = False
    extensions: list[Extension] | None = None


class ExecVariable(msgspec.Struct, frozen=True):
    """One environment variable of an exec plugin."""

    name: str
    value: str = ""


class Exec(msgspec.Struct, frozen=True, rename="camel"):
    """A program that prints credentials."""

    command: str
    api_version: str = ""
    args: list[str] | None = None
    env: list[ExecVariable] | None = None
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


class User(msgspec.Struct, frozen=True, rename="kebab"):
    """Who we are: several ways may be given, the first that works counts as in kubectl."""

    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    username: str = ""
    password: str = ""
    exec: Exec | None = None
    as_: str = msgspec.field(default="", name="as")
    as_uid: str = ""
    as_groups: list[str] | None = None
    as_user_extra: dict[str, list[str]] | None = None
    auth_provider: dict[str, Any] | None = None

    @property
    def plugin(self) -> Exec | None:
        """The exec plugin where it counts: as in kubectl, not beside a token, a user name or a certificate with key."""
        certificate = self.client_certificate or self.client_certificate_data
        paired = certificate and (self.client_key or self.client_key_data)
        return None if self.token or self.token_file or self.username or paired else self.exec

    @property
    def provider(self) -> dict[str, Any] | None:
        """The auth-provider where it counts: not beside a token or a user name."""
        return None if self.token or self.token_file or self.username else self.auth_provider


class Target(msgspec.Struct, frozen=True):
    """One context, resolved: everything that a connection needs. `namespace` is "" where the context names none."""

    context: str
    cluster: Cluster
    user: User
    user_name: str = ""
    namespace: str = ""
    source: str = ""
