"""The HTTP server: requests go to the service's fill-in where there is one, everything else to moto."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from typing import Any

from guardline.localaws import (
    cloudformation,
    cloudtrail,
    ec2,
    functions,
    organizations,
    route53resolver,
    s3,
    signature,
    ssoadmin,
)
from guardline.localaws.calls import Call, call
from guardline.localaws.request import Request
from guardline.localaws.restjson import Response
from guardline.localaws.services import fill_ins

ACCOUNT = "123456789012"
LOOPBACK = "127.0.0.1"
NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class LocalAws:
    """An AWS on this machine; `serve` starts and ends it.

    Attributes:
        url: what AWS_ENDPOINT_URL wants.
        account: the account of credentials that name none.
        calls: account -> every operation called in it since the last `reset`.
    """

    def __init__(self, port: int = 0) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
        from werkzeug.serving import make_server

        class Quiet(MotoRequestHandler):
            """Every request on stderr would drown what the user came for."""

            # Head and body of an answer leave together. AWS's client for Go closes the request as soon as it has the
            # head; when that cuts short the transport's own end of it, the connection goes, the body is lost, and
            # Terraform's provider asks a second time: one thing too many is made, or the call refused.
            wbufsize = 1 << 16

            def run_wsgi(self) -> None:
                """Tell who waits for it to go on, at once: boto3 waits a second for these words before it sends.

                Source: https://httpwg.org/specs/rfc9110.html#field.expect
                """
                if self.headers.get("Expect", "").lower().strip() == "100-continue":
                    self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    self.wfile.flush()
                    del self.headers["Expect"]
                super().run_wsgi()

            def log_request(self, code: Any = "-", size: Any = "-") -> None:
                """Say nothing."""

        for service in (cloudformation, cloudtrail, ec2, functions, organizations, route53resolver, s3, ssoadmin):
            service.correct()
        self._fill_ins, self._forget = fill_ins(self.environment)
        self._moto: Application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(LOOPBACK, port, self._application, threaded=True, request_handler=Quiet)
        self._thread = Thread(target=self._server.serve_forever, name="local-aws", daemon=True)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        self.account = ACCOUNT
        self.calls: dict[str, set[Call]] = defaultdict(set)

    def reset(self) -> None:
        """Forget everything that was made. moto keeps one state for each process, so one AWS at a time in each."""
        from urllib.request import Request, urlopen

        self._forget()
        self.calls.clear()
        # moto's documented way; its modules' own ways change between releases.
        with urlopen(Request(f"{self.url}/moto-api/reset", method="POST"), timeout=60):  # noqa: S310 - our own http URL
            pass

    def environment(self, region: str = "us-east-1", account: str | None = None) -> dict[str, str]:
        """The variables that point a program at this AWS, and at nobody's real credentials.

        Args:
            region: the region that a program works in unless it names one.
            account: the account that it signs in to; None is `account`.
        """
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "local" if account is None else f"local-{account}",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            **NO_FILES,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more, and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _application(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        signed = signature.read(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is not None:
            environ = environ | {"HTTP_X_MOTO_ACCOUNT_ID": signed.account()}
        if signed is None:
            return self._moto(environ, start_response)
        fill_in = self._fill_ins.get(signed.service)
        method, target = environ["REQUEST_METHOD"], environ.get("HTTP_X_AMZ_TARGET", "")
        # Percent-encoded, as it came: PATH_INFO is decoded, and an ARN in a path holds slashes.
        uri = environ.get("REQUEST_URI") or environ["RAW_URI"]
        body = b""
        if fill_in is not None or method == "POST":  # an object on its way to a bucket is left alone
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ = environ | {"wsgi.input": BytesIO(body)}
        self.calls[signed.account()].add(call(signed.service, method, uri, target, body))
        if fill_in is None:
            return self._moto(environ, start_response)
        answer = fill_in(Request(signed.caller(), method, uri, target, body))
        if isinstance(answer, Response):
            return _send(answer, start_response)
        replaced = {"wsgi.input": BytesIO(answer.body), "CONTENT_LENGTH": str(len(answer.body))}
        return self._moto(environ | replaced, start_response)


def _send(response: Response, start_response: StartResponse) -> Iterable[bytes]:
    from http import HTTPStatus

    headers: Mapping[str, str] = {"Content-Type": "application/json", **response.headers}
    if response.error is not None:
        headers = {**headers, "x-amzn-ErrorType": response.error}
    body = b"" if response.status == HTTPStatus.NO_CONTENT else json.dumps(response.body).encode()
    reason = HTTPStatus(response.status).phrase
    start_response(f"{response.status} {reason}", [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def serve(port: int = 0) -> Iterator[LocalAws]:
    """A fresh local AWS for the length of a `with`.

    This process's own AWS variables are set aside meanwhile: moto makes boto3 sessions of its own, and a profile or a
    configuration file of the user's must neither reach them nor break them.

    Args:
        port: of 127.0.0.1; 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    with _users_variables_aside():
        aws = LocalAws(port)
        aws.start()
        try:
            aws.reset()
            yield aws
        finally:
            aws.stop()


@contextmanager
def _users_variables_aside() -> Iterator[None]:
    aside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("AWS_", "BOTO_"))}
    os.environ |= NO_FILES
    try:
        yield
    finally:
        for name in NO_FILES:
            os.environ.pop(name, None)
        os.environ |= aside
