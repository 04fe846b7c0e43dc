"""An open prompt with what happens to its text."""

from collections.abc import Callable

from osconsole.ui.widgets.prompt import PromptWidget


class Ask:
    """`done` gets the text, `changed` each beginning of it; `left` is for who went away."""

    def __init__(
        self,
        prompt: PromptWidget,
        done: Callable[[str], None],
        changed: Callable[[str], None] | None = None,
        left: Callable[[], None] | None = None,
    ) -> None:
        self.prompt = prompt
        self._done = done
        self._changed = changed
        self._left = left

    def insert(self, text: str) -> None:
        """Pasted text."""
        self.prompt.insert(text)
        self._tell()

    def key(self, key: str, character: str | None) -> str:
        """A key; what the prompt says of it: "done" and "left" are its end."""
        said = self.prompt.key(key, character)
        if said == "changed":
            self._tell()
        return said

    def end(self, said: str) -> None:
        """What comes of it."""
        if said == "done":
            self._done(self.prompt.text)
        elif self._left:
            self._left()

    def _tell(self) -> None:
        if self._changed:
            self._changed(self.prompt.text)
