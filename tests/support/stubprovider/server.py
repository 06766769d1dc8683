"""The stub as a server that Terraform attaches to.

Terraform talks plain gRPC to a provider that runs already when TF_REATTACH_PROVIDERS names it. It then neither installs
it nor checks version constraints and the lock file.
https://developer.hashicorp.com/terraform/plugin/debugging
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from tests.support.stubprovider import real
from tests.support.stubprovider.local import Aws
from tests.support.stubprovider.messages import CALLS, SERVICE
from tests.support.stubprovider.provider import StubProvider
from tests.support.stubprovider.provider6 import Mode
from tests.support.stubprovider.wire import decoder, encode

ADDRESS = "registry.terraform.io/hashicorp/aws"
BLOCK = re.compile(r'^\s*(resource|data|ephemeral)\s+"(aws_\w+)"', flags=re.MULTILINE)
NO_LIMIT = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class Attached:
    """A running stub.

    Attributes:
        provider: the stub itself.
        variables: what Terraform must find in its environment.
    """

    def __init__(self, provider: StubProvider, port: int) -> None:
        self.provider = provider
        # Test: true, or Terraform ends the process of that id when it has done.
        address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
        attach = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": address}
        self.variables: Mapping[str, str] = {"TF_REATTACH_PROVIDERS": json.dumps({ADDRESS: attach})}

    def serve(self, *folders: Path) -> None:
        """Serve the types that these folders' source and state use: all two thousand would take seconds a command."""
        self.provider.types = self.provider.types | types(*folders)


def types(*folders: Path) -> frozenset[tuple[str, str]]:
    """The resource types and data sources of Terraform source and state, as ("resource" or "data", type)."""
    found: set[tuple[str, str]] = set()
    for folder in folders:
        for path in folder.rglob("*.tf"):
            found |= set(BLOCK.findall(path.read_text(encoding="utf-8")))
        for path in folder.glob("*.tfstate"):
            resources = json.loads(path.read_bytes() or b"{}").get("resources", ())
            found |= {("data" if each["mode"] == "data" else "resource", each["type"]) for each in resources}
    return frozenset(found)


def start(
    provider: StubProvider, credentials: grpc.ServerCredentials | None = None, *more: grpc.GenericRpcHandler
) -> tuple[grpc.Server, int]:
    """Begin to answer on a free port of the loopback.

    Args:
        provider: the stub.
        credentials: those of TLS; None is plain text.
        more: other services to answer for.

    Returns:
        The server and the port.
    """

    def handler(call: str) -> grpc.RpcMethodHandler:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            return provider.answer(call, request, context.peer())

        asked, _ = CALLS[call]
        return grpc.unary_unary_rpc_method_handler(answer, decoder(asked), encode)

    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=NO_LIMIT)
    handlers = {call: handler(call) for call in CALLS}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers), *more))
    here = "127.0.0.1:0"
    port = server.add_insecure_port(here) if credentials is None else server.add_secure_port(here, credentials)
    server.start()
    return server, port


@contextmanager
def attached(mode: Mode, aws: Aws) -> Iterator[Attached]:
    """A stub to attach Terraform to, until the block ends.

    Args:
        mode: `argument` for provider 6's schema, `alias` for 5.100's own.
        aws: where data sources are read.
    """
    with real.running(aws.environment()) as provider5:
        provider = StubProvider(mode, provider5, aws)
        server, port = start(provider)
        try:
            yield Attached(provider, port)
        finally:
            server.stop(grace=None).wait()
