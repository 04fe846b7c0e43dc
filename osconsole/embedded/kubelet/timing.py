"""How long things take on a simulated node, in seconds. Tests make them shorter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """`backoff_s` is doubled at every further restart, up to `backoff_limit_s`, as a kubelet does."""

    create_s: float = 0.3
    init_s: float = 0.2
    ready_s: float = 0.3
    job_s: float = 0.6
    stop_s: float = 0.2
    fail_s: float = 1.0
    backoff_s: float = 10.0
    backoff_limit_s: float = 300.0
    mount_retry_s: float = 2.0
    lease_s: float = 20.0

    def backoff(self, restarts: int) -> float:
        """The pause before restart number `restarts` + 1; the first follows at once."""
        return 0.0 if restarts == 0 else min(self.backoff_s * 2.0 ** (restarts - 1), self.backoff_limit_s)
