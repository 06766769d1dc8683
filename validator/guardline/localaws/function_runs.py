"""Runs a function's own code, which moto does only in containers: in a Python process, with the function's variables.

What a role may do is not asked here: the local AWS grants everything.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from guardline.localaws.request import Request
from guardline.localaws.restjson import Response

_INVOKE = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations")
_RUN = """\
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, _, function = sys.argv[2].rpartition(".")
answer = getattr(importlib.import_module(module), function)(json.load(sys.stdin), None)
with open(sys.argv[3], "w", encoding="utf-8") as file:
    json.dump(answer, file)
"""

Environment = Callable[[str, str], Mapping[str, str]]
"""From a region and an account to the variables that point a program at the local AWS."""


class FunctionError(Exception):
    """The function raised an error; the text is its last line."""


def run(function: Any, event: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    """Run a function with an event.

    Args:
        function: moto's.
        event: the event.
        environment: variables beside the function's own.

    Raises:
        FunctionError: it raised an error, or took longer than it may.
    """
    with tempfile.TemporaryDirectory(prefix="function-") as folder:
        archive, answer = Path(folder, "code.zip"), Path(folder, "answer.json")
        archive.write_bytes(function.code_bytes)
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        try:
            done = subprocess.run(  # noqa: S603 - this Python, and the code that the caller put there
                (sys.executable, "-c", _RUN, str(archive), function.handler, str(answer)),
                input=json.dumps(event),
                env={**kept, **environment, **function.environment_vars},
                capture_output=True,
                text=True,
                timeout=function.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FunctionError(f"Task timed out after {function.timeout} seconds") from None
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            raise FunctionError(lines[-1] if lines else f"exit code {done.returncode}")
        return json.loads(answer.read_text(encoding="utf-8"))


def invoke(request: Request, environment: Environment) -> Response | Request:
    """Answer Lambda's Invoke; any other request of Lambda is moto's.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    found = _INVOKE.match(request.uri)
    if found is None or request.method != "POST":
        return request
    from moto.awslambda.models import lambda_backends

    account, region = request.caller.account, request.caller.region
    try:
        function = lambda_backends[account][region].get_function(unquote(found[1]))
    except Exception as error:  # noqa: BLE001 - moto has an exception of its own for each way not to find it
        return Response(404, {"Message": str(error)}, "ResourceNotFoundException")
    try:
        answer = run(function, json.loads(request.body or b"{}"), environment(region, account))
    except FunctionError as error:
        return Response(200, {"errorMessage": str(error)}, headers={"X-Amz-Function-Error": "Unhandled"})
    return Response(200, answer)
