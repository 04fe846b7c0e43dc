"""`python -m osconsole.embedded.nodes --dir DIR`: own the sandbox nodes of a cluster until TERM."""

import argparse
import sys

from osconsole.embedded.nodes import daemon, spec
from osconsole.errors import OsconsoleError


def main() -> int:
    """Run; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m osconsole.embedded.nodes", description=__doc__)
    parser.add_argument("--dir", required=True, help="the cluster's directory")
    parser.add_argument("--nodes", default=",".join(spec.DEFAULT_NAMES), help="names, separated by commas")
    parser.add_argument("--level", type=int, choices=tuple(spec.LEVELS), default=0, help="1 namespaces, 2 directories")
    parser.add_argument("--server", choices=daemon.SERVERS, default="", help="the SSH server")
    options = parser.parse_args()
    names = tuple(name.strip() for name in options.nodes.split(",") if name.strip())
    try:
        daemon.run(spec.places(options.dir), daemon.Wish(names, options.level, options.server))
    except OsconsoleError as error:
        sys.stderr.write(f"nodes: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
