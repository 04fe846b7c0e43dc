"""Built-in kinds: defaults, who owns what, and what is refused, compared word by word."""

import pytest

from tests.conformance.builtins import OBJECTS
from tests.conformance.mask import Mask, unlike


@pytest.mark.parametrize("plural", list(OBJECTS))
def test_creating(both, plural):
    """Nothing is written: the answer says all that would be."""
    query = "dryRun=All&fieldManager=maker"
    for at, body in enumerate(OBJECTS[plural]):
        obj = {**body, "metadata": {"name": f"x{at}", **body.get("metadata", {})}}
        found = [place("POST", place.path(plural, query=query), obj) for place in (both["real"], both["embedded"])]
        real, embedded = [(one.code, one.headers.get("Warning"), Mask()(one.body)) for one in found]
        differ = [one for one in unlike(real, embedded, "") if not apart(plural, one[0])]
        assert not differ, obj


def apart(plural, path):
    """Where the two are set up differently: accounts of pods, networks of Services."""
    accounts = plural == "pods" and path.partition(".")[2] in ("spec.serviceAccount", "spec.serviceAccountName")
    return accounts or (plural == "services" and ".clusterIP" in path)
