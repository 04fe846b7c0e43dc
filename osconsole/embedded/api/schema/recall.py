"""Remembering what was found out about JSON that comes back: a pod's spec is the same in the next replica."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

_KEPT = 256
_KEPT_BYTES = 16 * 1024

P = ParamSpec("P")
T = TypeVar("T")


def recalled(function: Callable[Concatenate[bytes, P], T]) -> Callable[Concatenate[bytes, P], T]:
    """A pure function of some JSON that is called once for what comes again soon; nobody writes into its results.

    What is large is found out anew each time, so that nobody can fill the memory with it.
    """
    kept: Callable[..., T] = functools.lru_cache(maxsize=_KEPT)(function)

    @functools.wraps(function)
    def found(raw: bytes, /, *rest: P.args, **named: P.kwargs) -> T:
        return (kept if len(raw) <= _KEPT_BYTES else function)(raw, *rest, **named)

    return found
