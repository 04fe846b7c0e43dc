from osconsole.embedded.api.schema.recall import recalled


def test_what_comes_again_is_found_out_once_unless_it_is_large():
    asked = []

    @recalled
    def size(raw, unit):
        asked.append(raw[:1])
        return len(raw) // unit

    for raw in (b"a", b"b", b"a", b"c" * 100_000, b"c" * 100_000):
        assert size(raw, 1) == len(raw)
    assert asked == [b"a", b"b", b"c", b"c"]
    assert size(b"a", 2) == 0
