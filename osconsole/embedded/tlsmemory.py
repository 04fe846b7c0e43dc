"""How much memory a TLS connection of this process keeps.

asyncio gives each one a buffer of 256 KiB for its whole life. Whoever has a connection for every watch would pay 30 MiB
for them, and nearly all are silent.
"""

from asyncio import sslproto

# As much as one TLS record holds; longer bodies are read in more steps.
_BUFFER_BYTES = 16 * 1024


def keep_little() -> None:
    """Let later connections of this process have small buffers."""
    sslproto.SSLProtocol.max_size = _BUFFER_BYTES
