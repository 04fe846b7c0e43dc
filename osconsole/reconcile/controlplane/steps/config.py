"""A service's configuration: the Secret that its pods mount, and the hash that rolls them when it changes."""

import base64
from collections.abc import Callable

import msgspec

from osconsole.model.hashes import object_hash
from osconsole.reconcile.controlplane.objects import made, stamp
from osconsole.reconcile.controlplane.walk import Walk

Files = Callable[[Walk], dict[str, str]]


class Config(msgspec.Struct, frozen=True):
    """Secrets (or ConfigMaps, `plain`) with the files of a service, by name; `prefix` is that of their labels.

    The hash of all of them becomes the fact `hash` and, where the kind has a field for it (`remember`),
    `status.hash.input`.
    """

    files: dict[str, Files]
    prefix: str = ""
    plain: bool = False
    remember: bool = True
    conditions: tuple[str, ...] = ("ServiceConfigReady",)

    def run(self, walk: Walk) -> bool:
        """Write them."""
        contents = {walk.fill(name): files(walk) for name, files in self.files.items()}
        labels = stamp(walk.me, walk.fill(self.prefix)) if self.prefix else {}
        for name, files in contents.items():
            walk.ensure(holder(walk, name, files, labels, plain=self.plain))
        walk.facts["hash"] = object_hash(contents)
        if self.remember:
            walk.report["hash"] = {**walk.report.get("hash", {}), "input": walk.facts["hash"]}
        return walk.ok(self.conditions[0])


def holder(
    walk: Walk, name: str, files: dict[str, str], labels: dict[str, str], *, plain: bool = False
) -> dict[str, object]:
    """The Secret, or ConfigMap, that holds these files."""
    if plain:
        return made(walk.me, "ConfigMap", name, labels, data=files)
    data = {file: base64.b64encode(text.encode()).decode() for file, text in files.items()}
    return made(walk.me, "Secret", name, labels, type="Opaque", data=data)


def ini(**sections: dict[str, str]) -> str:
    """An oslo.config file; options without a value are left out."""
    parts = []
    for section, options in sections.items():
        lines = [f"{name} = {value}" for name, value in options.items() if value]
        if lines:
            parts.append("\n".join([f"[{section}]", *lines]))
    return "\n\n".join(parts) + "\n"
