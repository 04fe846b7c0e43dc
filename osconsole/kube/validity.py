"""Validity: what a kubeconfig says that must not be acted on. As strict as kubectl, in words that say what to do.

A half-understood identity is worse than none: whoever asks to impersonate must never act as themselves instead.
Whether files and plugins give what they promise is `auth`'s part.
"""

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from osconsole.errors import KubeconfigError
from osconsole.kube.target import Cluster, Exec, Target, User

EXEC_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_SCHEMES = ("https", "http")
_MODES = ("Never", "IfAvailable", "Always")


def check(target: Target) -> None:
    """Find what is wrong with a context by itself.

    Raises:
        KubeconfigError: with the files, the cluster or user, and what to do; the first fault only.
    """
    for fault in _cluster(target.cluster):
        raise KubeconfigError(f"{target.source}: the cluster of context '{target.context}' {fault}")
    for fault in _user(target.user):
        raise KubeconfigError(f"{target.source}: user '{target.user_name}' {fault}")


def _cluster(cluster: Cluster) -> Iterator[str]:
    server = _split(cluster.server)
    if server is None or server.scheme not in _SCHEMES or server.query or server.fragment:
        yield f"has server '{cluster.server}', which is no https:// address: mend the file"
    elif server.username is not None:
        yield "names a user in its server address: give username and password to the user instead"
    if cluster.insecure_skip_tls_verify and (cluster.certificate_authority or cluster.certificate_authority_data):
        yield "has both insecure-skip-tls-verify and a certificate-authority: remove the former"
    if not cluster.proxy_url:
        return
    proxy = _split(cluster.proxy_url)
    if proxy is None or proxy.scheme not in _SCHEMES:
        kind = proxy.scheme if proxy else ""
        yield f"has a {kind or 'nameless'} proxy-url: only http:// and https:// proxies can be used"


def _split(address: str) -> SplitResult | None:
    """An address with a host and, where it names one, a port; None for anything else."""
    try:
        found = urlsplit(address)
        return found if found.hostname and found.port != 0 else None
    except ValueError:
        return None


def _user(user: User) -> Iterator[str]:
    if not user.as_ and (user.as_uid or user.as_groups or user.as_user_extra):
        yield "has as-uid, as-groups or as-user-extra without 'as': name whom to impersonate"
    if (user.token or user.token_file) and (user.username or user.password):
        yield "has both a token and a username: remove one of them"
    if user.exec and user.auth_provider is not None:
        yield "has both an exec plugin and an auth-provider: remove the latter"
    if user.exec:
        yield from _exec(user.exec)


def _exec(plugin: Exec) -> Iterator[str]:
    latest = EXEC_VERSIONS[0]
    if not plugin.command:
        yield "has an exec plugin without a command: mend the file"
    if plugin.api_version not in EXEC_VERSIONS:
        found = f"'{plugin.api_version}'" if plugin.api_version else "nothing"
        yield f"has an exec plugin whose apiVersion is {found}: it must be {latest}"
    if plugin.interactive_mode not in _MODES and (plugin.interactive_mode or plugin.api_version == latest):
        found = f"'{plugin.interactive_mode}'" if plugin.interactive_mode else "missing"
        yield f"has an exec plugin whose interactiveMode is {found}: it must be one of {', '.join(_MODES)}"
    if any(not variable.name for variable in plugin.env or ()):
        yield "has an exec plugin with a nameless environment variable: mend the file"
