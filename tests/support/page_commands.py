"""The commands of a page of the documentation, run as a reader would run them: `aws` by boto3, on the local AWS."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import xform_name

_BLOCK = re.compile(r"^```sh ([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNED = re.compile(r"(\w+)=\$\((.*)\)")
_OWN = {"region", "query", "output"}


def blocks(page: Path) -> Iterator[tuple[str, list[str]]]:
    """The blocks of commands that say where they run: (where, lines)."""
    for where, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield where, text.splitlines()


def run(lines: list[str], folder: Path, credentials: dict[str, str], variables: dict[str, str]) -> None:
    """Run commands; what they assign is added to the variables.

    Args:
        lines: each an `aws` command, or a variable that is given what one prints.
        folder: the folder that ``file://`` is seen from.
        credentials: the environment's variables that lead to the local AWS, in the account.
        variables: shell variable -> value.

    Raises:
        ClientError: the local AWS refused.
    """
    for line in lines:
        assigned = _ASSIGNED.fullmatch(line)
        answer = _aws(shlex.split(assigned[2] if assigned else line), folder, credentials, variables)
        if assigned:
            variables[assigned[1]] = answer


def _aws(words: list[str], folder: Path, credentials: dict[str, str], variables: dict[str, str]) -> str:
    program, service, operation, *rest = words
    assert program == "aws"
    waiter = rest.pop(0) if operation == "wait" else None
    given = [variables[word[1:]] if word.startswith("$") else word for word in rest]
    options: dict[str, list[str]] = {}
    for word in given:
        if word.startswith("--"):
            options[word[2:]] = []
        else:
            name, _, variable = word.partition("=$")
            options[list(options)[-1]].append(f"{name}={variables[variable]}" if variable else word)
    client = boto3.client(
        service,
        region_name=options.get("region", [credentials["AWS_REGION"]])[0],
        endpoint_url=credentials["AWS_ENDPOINT_URL"],
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
    )
    named = client.get_waiter(waiter.replace("-", "_")) if waiter else None
    method = xform_name(operation.replace("-", "_"))
    api = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping["describe_stacks" if waiter else method]
    )
    members = {xform_name(name, "-"): (name, shape) for name, shape in api.input_shape.members.items()}
    arguments = {
        members[option][0]: _value(members[option][1], values, folder)
        for option, values in options.items()
        if option not in _OWN
    }
    answer: dict[str, Any] = (named.wait if named else getattr(client, method))(**arguments) or {}
    found = jmespath.search(options["query"][0], answer) if "query" in options else answer
    return found if isinstance(found, str) else json.dumps(found, default=str)


def _value(shape: Any, values: list[str], folder: Path) -> Any:
    """What the CLI makes of an option: a file's text, a list, or pairs in its short form."""
    reading: dict[str, Callable[[], Any]] = {
        "list": lambda: values,
        "structure": lambda: {
            name: _value(shape.members[name], [text], folder)
            for name, _, text in (pair.partition("=") for pair in values[0].split(","))
        },
        "boolean": lambda: values[0] == "true",
    }
    if shape.type_name in reading:
        return reading[shape.type_name]()
    (text,) = values
    return (folder / text[7:]).read_text(encoding="utf-8") if text.startswith("file://") else text
