"""Settings of a person on a bastion: contexts marked protected or read-only, theme, keymap; and where files live.

`$XDG_CONFIG_HOME/osconsole/settings.yaml`, strict. No file is the same as an empty one.
"""

from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

from osconsole.documents import load
from osconsole.errors import DocumentError

NAME = "osconsole"


class ContextSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One context: `read_only` refuses every write, `protected` asks for a typed name before each."""

    read_only: bool = False
    protected: bool = False


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file. `contexts` is keyed by context name; `keys` maps an action of the table of bindings to a key."""

    version: Literal[1] = 1
    contexts: dict[str, ContextSettings] = {}
    theme: str = ""
    keys: dict[str, str] = {}

    def context(self, name: str) -> ContextSettings:
        """What is set for a context."""
        return self.contexts.get(name) or ContextSettings()


def config_dir() -> Path:
    """Where people put settings, layouts and plans of their own."""
    return platformdirs.user_config_path(NAME)


def state_dir() -> Path:
    """Where journal, history and the program's own log are kept (it may not exist yet)."""
    return platformdirs.user_state_path(NAME)


def read_settings(path: Path | None = None) -> Settings:
    """The settings in force.

    Raises:
        DocumentError: the file is there and wrong.
    """
    found = path or config_dir() / "settings.yaml"
    try:
        there = path is not None or found.exists()
    except OSError as error:  # that it marks a context as protected must not go by unread
        raise DocumentError(f"{found}: cannot be read: {error.strerror}: mend its mode") from None
    return load(found, Settings) if there else Settings()


def document_folders(what: str, first: str = "") -> tuple[Path, ...]:
    """The folders with documents (`what` is "layouts" or "plans"), nearest first; a nearer file wins whole."""
    here = Path(__file__).parent
    packaged = here / what if (here / what).is_dir() else here.parent / what
    return tuple(p for p in ((Path(first),) if first else ()) + (config_dir() / what, packaged) if p.is_dir())
