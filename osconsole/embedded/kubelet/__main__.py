"""`python -m osconsole.embedded.kubelet`: controllers and node agent of a cluster, as one process.

Runs until TERM or INT, then ends with 0; process pods are ended too. `--only` runs one half, `--controllers` a choice
of controllers, for a cluster that has its own for the rest.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from osconsole.embedded import tlsmemory
from osconsole.embedded.kubelet.compose import Options, run
from osconsole.errors import OsconsoleError


def main() -> int:
    """Parse argv and run; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m osconsole.embedded.kubelet", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where pods keep their files and logs")
    parser.add_argument("--only", choices=("controllers", "kubelet"))
    parser.add_argument("--controllers", help="comma-separated names; default all")
    parser.add_argument("--backoff", type=float, default=10.0, help="first pause before a retry, in seconds")
    parser.add_argument("--runner", nargs="+", help="what runs an Ansible runner pod instead of osconsole's own")
    parser.add_argument("--client-ca", type=Path, help="who signs the API server's client certificate; else its CA")
    args = parser.parse_args()
    # Pods' files hold secrets: whatever is created here is ours alone, folders in between included.
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    tlsmemory.keep_little()
    options = Options(
        kubeconfig=args.kubeconfig,
        folder=args.dir.resolve(),
        controllers=args.only != "kubelet",
        kubelet=args.only != "controllers",
        chosen=frozenset(args.controllers.split(",")) if args.controllers else None,
        backoff_s=args.backoff,
        client_authority=args.client_ca.read_text() if args.client_ca else "",
        runner=tuple(args.runner) if args.runner else (sys.executable, "-m", "osconsole.ansible.runner"),
    )
    try:
        asyncio.run(_until_signal(options))
    except OsconsoleError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


async def _until_signal(options: Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(options, stop)


if __name__ == "__main__":
    sys.exit(main())
