"""What Lambda remembers of a function."""

from __future__ import annotations

from guardline.localaws import LocalAws
from tests.support.clients import client


def test_a_function_remembers_its_dead_letter_queue(aws: LocalAws) -> None:
    role = client(aws, "iam", "eu-west-1").create_role(RoleName="function", AssumeRolePolicyDocument="{}")
    functions = client(aws, "lambda", "eu-west-1")
    queue = f"arn:aws:sqs:eu-west-1:{aws.account}:"
    functions.create_function(
        FunctionName="f",
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="a.b",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        DeadLetterConfig={"TargetArn": f"{queue}one"},
    )
    assert functions.get_function(FunctionName="f")["Configuration"]["DeadLetterConfig"]["TargetArn"] == f"{queue}one"
    functions.update_function_configuration(FunctionName="f", DeadLetterConfig={"TargetArn": f"{queue}two"})
    found = functions.get_function_configuration(FunctionName="f")
    assert found["DeadLetterConfig"]["TargetArn"] == f"{queue}two"
