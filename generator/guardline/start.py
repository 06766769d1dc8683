"""What the installed command begins with: Ctrl-C while the rest still loads ends it at once, without a traceback."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Run the command line, which answers Ctrl-C itself."""
    from guardline import cli

    cli.main()
