"""The filter language of `/` in tables: words that must all occur, `!word` that must not. Case is ignored."""

from collections.abc import Callable


def matcher(needle: str) -> Callable[[str], bool] | None:
    """A test on lower-case text; None when the filter lets everything through."""
    words = needle.lower().split()
    must = [word for word in words if not word.startswith("!")]
    not_ = [word[1:] for word in words if word.startswith("!") and len(word) > 1]
    if not must and not not_:
        return None
    if len(must) == 1 and not not_:
        only = must[0]
        return lambda text: only in text
    return lambda text: all(word in text for word in must) and not any(word in text for word in not_)
