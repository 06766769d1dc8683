"""The real AWS provider 5.100: its schema, and its own answers to questions that need no AWS."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import grpc

from tests.support.stubprovider import schema
from tests.support.stubprovider.messages import CALLS, SERVICE
from tests.support.stubprovider.wire import decoder, encode
from tests.support.terraform_runs import terraform

VERSION = "5.100.0"
KEPT = Path(__file__).parents[3] / ".work" / f"provider-{VERSION}"
CONFIGURATION = f"""\
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{VERSION}"
    }}
  }}
}}
"""
# What a provider wants to see before it serves: that nobody started it by hand.
# https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/README.md
COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")


@cache
def schemas() -> schema.Schemas:
    """All that `terraform providers schema -json` tells of it."""
    return schema.load(text())


def text() -> bytes:
    """What `terraform providers schema -json` prints."""
    return (_kept() / "schema.json").read_bytes()


@contextmanager
def locked(name: str) -> Iterator[Path]:
    """A file of the kept folder, for this process alone: test workers share the folder."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield KEPT / name


def _kept() -> Path:
    """The folder with the provider installed and its schema, made once: it takes seconds, and never changes."""
    with locked("schema.json") as path:
        if not path.is_file():
            (KEPT / "main.tf").write_text(CONFIGURATION, encoding="utf-8")
            terraform(KEPT, "init", "-no-color", "-input=false")
            write(path, terraform(KEPT, "providers", "schema", "-json").encode())
    return KEPT


def write(path: Path, text: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(text)
    part.replace(path)


class Real:
    """The provider's process, asked directly."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def ask(self, call: str, request: Any) -> Any:
        """One call of the protocol, and its answer; grpc.RpcError if the provider fails."""
        method = self._channel.unary_unary(
            f"/{SERVICE}/{call}", request_serializer=encode, response_deserializer=decoder(CALLS[call][1])
        )
        return method(request, timeout=60)


@contextmanager
def running(variables: Mapping[str, str]) -> Iterator[Real]:
    """Start the provider with these variables, and end it with the block."""
    [binary] = (_kept() / ".terraform" / "providers").glob("*/hashicorp/aws/*/*/terraform-provider-aws*")
    with tempfile.TemporaryDirectory() as sockets:
        environment = {**variables, "PATH": os.environ.get("PATH", ""), "TMPDIR": sockets, COOKIE[0]: COOKIE[1]}
        process = subprocess.Popen(
            [binary], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            assert process.stdout is not None
            # 1|5|unix|/path/of/socket|grpc|
            _, protocol, network, address, *_ = process.stdout.readline().decode().strip().split("|")
            assert protocol == "5", f"the provider speaks protocol {protocol}"
            target = f"unix:{address}" if network == "unix" else address
            with grpc.insecure_channel(target, options=[("grpc.max_receive_message_length", -1)]) as channel:
                yield Real(channel)
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]  # asked for above
