"""Sets of fields in stored form, looked at and changed only where a write touches them.

Most writes touch a few fields of sets that have hundreds; the algebra of `fieldsets` decodes and encodes them whole.
In stored form a member without anything below it is `{}`; the sets of the other side are in kept form.
"""

from osconsole.embedded.api.ownership.fieldsets import FieldSet, encode


def touches(stored: FieldSet, kept: FieldSet) -> bool:
    """Whether a set has a member of the other."""
    for step, below in kept.items():
        inner = stored.get(step)
        if inner is None:
            continue
        if step == "." or (touches(inner, below) if inner else "." in below):
            return True
    return False


def covers(stored: FieldSet, kept: FieldSet) -> bool:
    """Whether a set has every member of the other."""
    for step, below in kept.items():
        inner = stored.get(step)
        if inner is None:
            return False
        if step != "." and not (covers(inner, below) if inner else list(below) == ["."]):
            return False
    return True


def grown(stored: FieldSet, kept: FieldSet) -> FieldSet:
    """Members of either, in stored form."""
    out = dict(stored)
    for step, below in kept.items():
        if step == ".":
            out[step] = {}
        elif step in out:
            out[step] = _folded(grown(_unfolded(out[step]), below))
        else:
            out[step] = _folded(encode(below))
    return dict(sorted(out.items()))


def shrunk(stored: FieldSet, kept: FieldSet) -> FieldSet:
    """Members that are not in the other, in stored form."""
    out: FieldSet = {}
    for step, inner in stored.items():
        if step not in kept:
            out[step] = inner
        elif step != "." and (left := shrunk(_unfolded(inner), kept[step])):
            out[step] = _folded(left)
    return out


def _unfolded(inner: FieldSet) -> FieldSet:
    return inner or {".": {}}


def _folded(inner: FieldSet) -> FieldSet:
    return {} if list(inner) == ["."] else inner
