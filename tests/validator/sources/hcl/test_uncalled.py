"""A module folder with GuardDuty in it that nobody calls is named; one that somebody calls is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.sources.hcl.uncalled import uncalled
from tests.support.source_trees import write

CALL = 'module "g" {\n  source = "../modules/g"\n}\n'
HERE = CALL.replace("../", "./")
JSON_CALL = '{"module": {"g": {"source": "./modules/guardduty"}}}'
DETECTOR = 'resource "aws_guardduty_detector" "this" {}\n'


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"main.tf": DETECTOR}, ()),
        ({"main.tf": "", "modules/guardduty/main.tf": DETECTOR}, ("modules/guardduty",)),
        ({"main.tf": 'module "g" {\n  source = "./modules/guardduty"\n}\n', "modules/guardduty/main.tf": DETECTOR}, ()),
        (
            {
                "main.tf.json": '{"module": {"g": {"source": "./modules/guardduty"}}}',
                "modules/guardduty/a.tf": DETECTOR,
            },
            (),
        ),
        (
            {
                "main.tf": 'module "r" {\n  source = "./modules/region"\n}\n',
                "modules/region/main.tf": 'module "g" {\n  source = "../guardduty"\n}\n',
                "modules/guardduty/main.tf": DETECTOR,
                "modules/old/main.tf": DETECTOR,
            },
            ("modules/old",),
        ),
        ({"main.tf": "", "modules/vpc/main.tf": 'resource "aws_vpc" "this" {}\n'}, ()),
        ({"main.tf": "", "modules/example/main.tf": 'provider "aws" {\n}\n' + DETECTOR}, ()),
        (
            {"main.tf": "", "live/main.tf": CALL, "modules/g/a.tf": DETECTOR},
            (),
        ),
        ({"main.tf": "", "modules/.terraform/g/main.tf": DETECTOR}, ()),
        # What a comment says is not called; an ARN that ends in "/*" begins none.
        ({"main.tf": 'locals {\n  every = "${local.bucket}/*"\n}\n' + HERE, "modules/g/a.tf": DETECTOR}, ()),
        ({"main.tf": "# " + HERE.replace("\n", "\n# "), "modules/g/a.tf": DETECTOR}, ("modules/g",)),
        ({"main.tf": "// " + HERE.replace("\n", "\n  // "), "modules/g/a.tf": DETECTOR}, ("modules/g",)),
        ({"main.tf": f"/*\n{HERE}*/\n", "modules/g/a.tf": DETECTOR}, ("modules/g",)),
        ({"main.tf": f"/* {HERE}*/\n{HERE}", "modules/g/a.tf": DETECTOR}, ()),
    ],
)
def test_what_nobody_calls(tmp_path: Path, files: dict[str, str], found: tuple[str, ...]) -> None:
    assert uncalled(write(tmp_path, files)) == found


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"main.tf": DETECTOR})
    root = write(tmp_path / "root", {"main.tf": "", "modules/vpc/main.tf": ""})
    (root / "modules" / "guardduty").symlink_to(tmp_path / "outside")
    (root / "modules" / "vpc" / "linked.tf").symlink_to(tmp_path / "outside" / "main.tf")
    assert uncalled(root) == ()
