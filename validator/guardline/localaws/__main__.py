"""`python -m guardline.localaws [PORT]`: a local AWS until Ctrl-C."""

from __future__ import annotations

import sys
from threading import Event

from guardline.localaws import serve


def main() -> None:
    """Start, say where, and stay."""
    arguments = sys.argv[1:]
    if len(arguments) > 1 or not all(each.isdigit() for each in arguments):
        sys.exit("usage: python -m guardline.localaws [PORT]")
    try:
        with serve(int(arguments[0]) if arguments else 0) as aws:
            for name, value in aws.environment().items():
                print(f"export {name}={value}", flush=True)
            Event().wait()
    except OSError as error:
        sys.exit(f"The local AWS cannot listen on port {arguments[0]}: {error.strerror}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
