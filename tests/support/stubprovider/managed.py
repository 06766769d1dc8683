"""The stub as a program that Terraform installs and starts itself, one process for each provider block.

That is slower, so that all but one test attach instead; here Terraform checks the version and writes the lock file.
https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
"""

from __future__ import annotations

import base64
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import grpc

from guardline.validator.demo.plugins import ARCHITECTURES, PROVIDER
from tests.support.stubprovider import real
from tests.support.stubprovider.messages import Empty
from tests.support.stubprovider.provider import StubProvider
from tests.support.stubprovider.server import start, types
from tests.support.stubprovider.wire import decoder, encode

VERSION = "6.69.1"
NAME = "terraform-provider-aws"
COMM = Path("/proc/self/comm")  # what process lists call it (Linux): Python is not what Terraform has started
ROOT = Path(__file__).parents[3]
SCRIPT = """\
#!/bin/sh
PYTHONPATH="{path}" exec "{python}" -m tests.support.stubprovider.managed "$0"
"""


class Elsewhere:
    """The local AWS of another process, as the environment tells of it."""

    account = "123456789012"

    def environment(self, region: str = "us-east-1", account: str | None = None) -> dict[str, str]:
        """The variables of this process, for another region or account."""
        variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        signed_in = {} if account is None else {"AWS_ACCESS_KEY_ID": f"local-{account}"}
        return {**variables, **signed_in, "AWS_REGION": region}


def install(folder: Path) -> Path:
    """Make a folder for `terraform init -plugin-dir`: a mirror that holds the stub as a provider.

    Returns:
        The folder.
    """
    machine = platform.machine().lower()
    target = f"{platform.system().lower()}_{ARCHITECTURES.get(machine, machine)}"
    program = folder / PROVIDER / VERSION / target / f"{NAME}_v{VERSION}"
    program.parent.mkdir(parents=True)
    path = os.pathsep.join(str(ROOT / part) for part in ("", "generator", "validator"))
    program.write_text(SCRIPT.format(path=path, python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    return folder


def main(environ: Mapping[str, str]) -> int:
    """Serve until Terraform says that it is done."""
    name, value = real.COOKIE
    if environ.get(name) != value:
        print("This is a plugin of Terraform's: run `terraform`, which starts it.", file=sys.stderr)
        return 1
    if COMM.exists():
        COMM.write_text(NAME, encoding="utf-8")
    done = Event()
    key, certificate = _certificate()
    credentials = grpc.ssl_server_credentials([(key, certificate[0])])
    aws = Elsewhere()
    with real.running(aws.environment()) as provider5:
        provider = StubProvider("argument", provider5, aws)
        provider.types = types(Path.cwd())
        server, port = start(provider, credentials, _controller(done))
        shown = base64.b64encode(certificate[1]).decode().rstrip("=")
        print(f"1|5|tcp|127.0.0.1:{port}|grpc|{shown}", flush=True)
        done.wait()
        server.stop(grace=1).wait()
    return 0


def _controller(done: Event) -> grpc.GenericRpcHandler:
    """What Terraform calls to end a plugin."""

    def shutdown(_request: Empty, _context: grpc.ServicerContext) -> Empty:
        done.set()
        return Empty()

    handler = grpc.unary_unary_rpc_method_handler(shutdown, decoder(Empty), encode)
    return grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": handler})


def _certificate() -> tuple[bytes, tuple[bytes, bytes]]:
    """A key and a certificate for it, as PEM and as DER, for this process alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    key: Any = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, (made.public_bytes(Encoding.PEM), made.public_bytes(Encoding.DER))


if __name__ == "__main__":
    sys.exit(main(os.environ))
