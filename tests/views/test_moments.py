"""Times as people write them."""

from datetime import UTC, datetime

import pytest

from osconsole.errors import UsageError
from osconsole.views.moments import exact, moment, written

NOW = datetime(2026, 11, 24, 2, 30, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("02:13", "2026-11-24T02:13:00Z"),
        ("02:13:07", "2026-11-24T02:13:07Z"),
        ("23:59", "2026-11-23T23:59:00Z"),
        ("10m", "2026-11-24T02:20:00Z"),
        ("-1h30m", "2026-11-24T01:00:00Z"),
        ("2026-11-01T10:00", "2026-11-01T10:00:00Z"),
        ("2026-11-01 10:00:05", "2026-11-01T10:00:05Z"),
        ("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00Z"),
        ("now", "2026-11-24T02:30:00Z"),
    ],
)
def test_moments(text, found):
    assert exact(moment(text, NOW, UTC)) == found


@pytest.mark.parametrize("text", ["", "25:00", "2:13pm", "yesterday", "2026-13-01", "2027-01-01", "m"])
def test_what_is_no_past_time_is_refused_with_examples(text):
    with pytest.raises(UsageError, match=r"02:13|future"):
        moment(text, NOW, UTC)


def test_days_are_told_where_they_differ():
    assert written(NOW, NOW, UTC) == "02:30:00"
    assert written(NOW - 86400, NOW, UTC) == "11-23 02:30:00"
