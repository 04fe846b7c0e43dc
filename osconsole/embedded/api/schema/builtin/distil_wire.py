"""Makes `wire.json` from the Go types of Kubernetes (made with 1.35): how built-in kinds stand in protobuf.

    python -m osconsole.embedded.api.schema.builtin.distil_wire MODULES > osconsole/embedded/api/builtin/wire.json

MODULES is a folder with the modules `api` and `apimachinery` of k8s.io (as `go mod vendor` puts them). Only facts are
kept: field numbers, names, types, and whether a zero is left out. Nothing imports this module at run time.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from osconsole.embedded.api.schema.builtin.schemas import kinds

_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_ALIAS = re.compile(r"^type (\w+) ([\[\]\w.]+)$", re.MULTILINE)
_FIELD = re.compile(r'^\t(?:(\w+)[ \t]+)?(\S+)[ \t]+`(?=.*json:"([^"]*)")(?=.*protobuf:"\w+,(\d+),)', re.MULTILINE)
_IMPORT = re.compile(r'^\t?(?:import )?(\w+)? ?"k8s\.io/([\w./-]+)"$', re.MULTILINE)
_SCALARS = {"string": "s", "bool": "b", "byte": "i", "float64": "f"} | dict.fromkeys(
    ("int", "int32", "int64", "uint32"), "i"
)
# They are written in a way of their own.
_SPECIAL = {
    "Time": "time",
    "MicroTime": "time",
    "Quantity": "quantity",
    "IntOrString": "int-or-string",
    "RawExtension": "json",
    "FieldsV1": "json",
    "Duration": "i",
}


class Package:
    """The types of one Go package."""

    def __init__(self, modules: Path, path: str) -> None:
        self.name = "io.k8s." + path.replace("/", ".")
        text = "\n".join(file.read_text() for file in sorted((modules / path).glob("*types.go")))
        text += "\n".join(file.read_text() for file in sorted((modules / path).glob("types*.go")))
        self.structs = dict(_STRUCT.findall(text))
        self.aliases = dict(_ALIAS.findall(text))
        self.imports = {alias or path.rpartition("/")[2]: path for alias, path in _IMPORT.findall(text)}


class Types:
    """Looks types up, package by package."""

    def __init__(self, modules: Path) -> None:
        self._modules = modules
        self._packages: dict[str, Package] = {}

    def package(self, path: str) -> Package:
        """A package by its path under k8s.io."""
        if path not in self._packages:
            self._packages[path] = Package(self._modules, path)
        return self._packages[path]

    def resolve(self, text: str, path: str) -> tuple[str, str]:
        """A Go type as (kind, flags): kind is a scalar, a special or a message; flags r(epeated), m(ap), p(ointer)."""
        if text.startswith("*"):
            kind, flags = self.resolve(text[1:], path)
            return kind, flags + "p"
        if text == "[]byte":
            return "y", "p"
        if text.startswith("[]"):
            return self.resolve(text[2:], path)[0], "r"
        if text.startswith("map["):
            return self.resolve(text.partition("]")[2], path)[0], "m"
        if text in _SCALARS:
            return _SCALARS[text], ""
        return self._named(text, path)

    def _named(self, text: str, path: str) -> tuple[str, str]:
        alias, _, name = text.rpartition(".")
        where = self.package(path).imports.get(alias, "") if alias else path
        if name in _SPECIAL:
            return _SPECIAL[name], "p"
        found = self.package(where)
        if name in found.structs:
            return f"{found.name}.{name}", "p"
        if name not in found.aliases:
            return "s", ""
        if found.aliases[name].startswith("[]"):
            return f"{found.name}.{name}", "p"
        return self.resolve(found.aliases[name], where)

    def fields(self, component: str) -> dict[str, list[str]]:
        """Number -> [name, kind, flags] of a message; z: a zero is left out, i: its members stand in its owner."""
        path, _, name = component.removeprefix("io.k8s.").replace(".", "/").rpartition("/")
        path = path.replace("apiextensions/apiserver", "apiextensions-apiserver")
        package = self.package(path)
        if name in package.aliases:
            return {"1": ["items", self.resolve(package.aliases[name][2:], path)[0], "r"]}
        out = {}
        for _, kind, tag, number in _FIELD.findall(package.structs[name]):
            key, *options = tag.split(",")
            found, flags = self.resolve(kind, path)
            if "inline" in options:
                flags = "i"
            elif not flags and "omitempty" in options:
                flags = "z"
            out[number] = [key, found, flags.replace("p", "")]
        return out


def main(modules: Path) -> None:
    """Print the data file made from the Go types in `modules`."""
    types = Types(modules)
    out: dict[str, Any] = {}
    waiting = {name for name in kinds().values() if "apiextensions" not in name}
    while waiting:
        name = waiting.pop()
        out[name] = types.fields(name)
        waiting |= {kind for _, kind, _ in out[name].values() if kind.startswith("io.k8s.")} - set(out)
    sys.stdout.write(json.dumps(out, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
