"""Plan files: which plans there are, the nearest folder first, and what each says. A plan's meaning is in `plans`."""

from pathlib import Path

from osconsole import documents
from osconsole.errors import OsconsoleError, UsageError
from osconsole.model.plan import Plan
from osconsole.reconcile import plans
from osconsole.settings import document_folders


def files(folder: str = "") -> dict[str, Path]:
    """The files by the names of their plans; `folder` is looked at first, and the nearest that has a name wins."""
    found: dict[str, Path] = {}
    for place in document_folders("plans", folder):
        for path in sorted(place.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def read(name: str, folder: str = "") -> Plan:
    """A plan by its name or file.

    Raises:
        UsageError: there is none of that name. DocumentError: it is wrong.
    """
    path = Path(name) if "/" in name or name.endswith((".yaml", ".yml")) else files(folder).get(name)
    if path is None:
        raise UsageError(f"there is no plan '{name}': there are {', '.join(files(folder)) or 'none'}")
    return plans.plan(documents.read(path), str(path))


def known(folder: str = "") -> dict[str, Plan | str]:
    """Every plan by name; for a wrong one, what is wrong with it."""
    found: dict[str, Plan | str] = {}
    for name, path in files(folder).items():
        try:
            found[name] = read(str(path))
        except OsconsoleError as error:
            found[name] = str(error)
    return found
