"""What it costs to play a recording: a whole bring-up through the store, and to go to a moment of it."""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from osconsole.playback import Playback
from osconsole.replay import Replay
from osconsole.store import Store
from osconsole.tape import Tape

RECORDING = Path(__file__).parents[2] / "shared" / "recordings" / "fresh-up.ndjson.xz"
FIVE = (0.1, 0.9, 0.5, 0.3, 0.7)


def figures() -> Iterator[Figure]:
    """CPU seconds of the whole, event by event; milliseconds to a moment forth and back."""
    if not RECORDING.exists():
        return
    spent, tape = [], None
    for _ in range(3):
        begun = time.process_time()
        tape = Tape.of(RECORDING)
        store = Store()
        for moment in tape.moments:
            store.apply([moment.change])
            _ = store.snapshot
        spent.append(time.process_time() - begun)
    assert tape is not None
    yield Figure("replay of fresh-up", spent, "CPU s", 2, note=f"{len(tape.moments)} events")
    playback = Replay(tape).playback
    yield Figure("to a moment of a recording", [_seek_ms(playback, part) for part in FIVE], "CPU ms", 50)


def _seek_ms(playback: Playback, part: float) -> float:
    tape = playback.tape
    begun = time.process_time()
    playback.seek(tape.begin + part * (tape.end - tape.begin))
    return (time.process_time() - begun) * 1000
