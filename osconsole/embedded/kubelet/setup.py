"""What a process pod needs before it can start: its volumes as files, its environment.

Volumes lie under the pod's own root folder, `<root>/<mountPath>`, because a process has no mount namespace here. Secret
files are 0600 in 0700 folders and are removed when the pod has ended.
"""

import base64
import shutil
from pathlib import Path, PurePosixPath

from osconsole.embedded.client import Client, Object
from osconsole.embedded.kinds import CONFIG_MAP, SECRET, Kind
from osconsole.errors import NotFound

_KIND_BY_SOURCE: dict[str, Kind] = {"secret": SECRET, "configMap": CONFIG_MAP}


class SetupProblem(Exception):
    """A container cannot start yet. Carries the Event's reason, the words, and the container's waiting reason."""

    def __init__(self, reason: str, message: str, waiting: str = "ContainerCreating") -> None:
        super().__init__(message)
        self.reason, self.message, self.waiting = reason, message, waiting


async def lay_out(client: Client, pod: Object, spec: Object, folder: Path) -> Path:
    """Put the volumes of one container under `folder`/root; the root.

    Raises:
        SetupProblem: a Secret, ConfigMap or key is missing.
    """
    root = folder / "root"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}
    for mount in sorted(spec.get("volumeMounts") or [], key=lambda m: str(m["mountPath"])):
        volume = volumes[mount["name"]]
        target = _inside(root, mount["mountPath"])
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = await _files(client, pod, volume)
        if files is None:
            _link(folder, pod, volume, mount, target)
        else:
            _write(files, mount.get("subPath") or "", target)
    return root


def remove(folder: Path) -> None:
    """Remove what `lay_out` wrote; logs stay."""
    for name in ("root", "volumes"):
        shutil.rmtree(folder / name, ignore_errors=True)


async def _files(client: Client, pod: Object, volume: Object) -> dict[str, tuple[bytes, int]] | None:
    """Path -> (content, mode) of a volume made of objects; None for one that is only a folder."""
    if "projected" in volume:
        found: dict[str, tuple[bytes, int]] = {}
        for source in volume["projected"].get("sources") or []:
            for name in _KIND_BY_SOURCE.keys() & source.keys():
                found |= await _object_files(client, pod, volume["name"], name, source[name])
        return found
    for name in _KIND_BY_SOURCE.keys() & volume.keys():
        return await _object_files(client, pod, volume["name"], name, volume[name])
    return None


async def _object_files(
    client: Client, pod: Object, volume: str, source: str, reference: Object
) -> dict[str, tuple[bytes, int]]:
    name = reference.get("secretName") or reference.get("name") or ""
    failed = f'MountVolume.SetUp failed for volume "{volume}" : '
    try:
        data = await contents(client, _KIND_BY_SOURCE[source], pod["metadata"]["namespace"], name)
    except NotFound:
        if reference.get("optional"):
            return {}
        raise SetupProblem("FailedMount", f'{failed}{source.lower()} "{name}" not found') from None
    default = 0o600 if source == "secret" else int(reference.get("defaultMode") or 0o644)
    items = reference.get("items") or [{"key": key, "path": key} for key in sorted(data)]
    found = {}
    for item in items:
        if item["key"] in data:
            mode = default if source == "secret" else int(item.get("mode") or default)
            found[item["path"]] = (data[item["key"]], mode)
        elif not reference.get("optional"):
            raise SetupProblem("FailedMount", f"{failed}references non-existent {source.lower()} key: {item['key']}")
    return found


async def contents(client: Client, kind: Kind, namespace: str, name: str) -> dict[str, bytes]:
    """The data of a Secret or ConfigMap; `NotFound` when it is not there."""
    obj = await client.get(kind, namespace, name)
    encoded = obj.get("data" if kind is SECRET else "binaryData") or {}
    data = {key: base64.b64decode(value) for key, value in encoded.items()}
    if kind is CONFIG_MAP:
        data |= {key: value.encode() for key, value in (obj.get("data") or {}).items()}
    return data


def _write(files: dict[str, tuple[bytes, int]], sub_path: str, target: Path) -> None:
    if sub_path in files:
        _write_file(target, *files[sub_path])
        return
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix = sub_path.rstrip("/") + "/" if sub_path else ""
    for path, (content, mode) in files.items():
        if path.startswith(prefix):
            file = _inside(target, path[len(prefix) :])
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_file(file, content, mode)


def _write_file(file: Path, content: bytes, mode: int) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content)
    file.chmod(mode & 0o700 | mode & 0o044)


def _link(folder: Path, pod: Object, volume: Object, mount: Object, target: Path) -> None:
    """A volume that is a folder: the containers of the pod share it, a claim outlives the pod."""
    claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
    if claim:
        home = folder.parent.parent / "claims" / f"{pod['metadata']['namespace']}_{claim}"
    else:
        home = folder / "volumes" / volume["name"]
    home = _inside(home, mount.get("subPath") or "")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not target.exists():
        target.symlink_to(home, target_is_directory=True)


def _inside(root: Path, path: str) -> Path:
    parts = PurePosixPath(path.lstrip("/")).parts
    if ".." in parts:
        raise SetupProblem("FailedMount", f"path '{path}' must not contain '..'")
    return root.joinpath(*parts)
