"""House rules: the worked example of the documentation as a user installs it, and every way in which a rule breaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from guardline.validator import controls
from guardline.validator.controls import house_rules
from guardline.validator.report import Report
from guardline.validator.run import Request, catalogue_hash, run
from tests.support.judging import NOW

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "house-rules"
TRAIL = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_cloudtrail" "all" {
  name           = %s
  s3_bucket_name = "records"
}
"""


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages in which the example is installed, as pip does it."""
    home = tmp_path_factory.mktemp("acme")
    shutil.copytree(EXAMPLE, home / "source")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(home / "packages")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(home / "source")], check=True, timeout=120)
    return home / "packages"


def guardline(
    packages: Path | None, *arguments: object, cwd: Path = ROOT, code: int = 0
) -> subprocess.CompletedProcess[str]:
    here = {"PYTHONPATH": os.pathsep.join([*([str(packages)] if packages else []), *sys.path]), "NO_COLOR": "1"}
    command = [sys.executable, "-P", "-m", "guardline.cli", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | here, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("name", "verdict", "code"),
    [
        ('"acme-all"', "pass", 0),
        ('"all"', "fail", 1),
        ('"acm" # e-all', "fail", 1),
        ("aws_sns_topic.unseen.arn", "undetermined", 3),
    ],
)
def test_the_example_judges(acme: Path, tmp_path: Path, name: str, verdict: str, code: int) -> None:
    (tmp_path / "main.tf").write_text(TRAIL % name)
    done = guardline(acme, "validate", tmp_path, "--control", "acme-trail-name", "--format", "json", code=code)
    (cell,) = json.loads(done.stdout)["cells"]
    assert (cell["verdict"], cell["practice"], cell["practice_name"]) == (verdict, 1, "flow-logs")
    assert [each["line"] for each in cell["evidence"]] == ([] if verdict == "undetermined" else [6])


def test_the_example_is_a_control_like_any_other(acme: Path, tmp_path: Path) -> None:
    assert "acme-trail-name" in guardline(acme, "controls").stdout
    assert "(acme-rules 1.0)" in guardline(acme, "controls").stdout
    page = guardline(acme, "controls", "acme-trail-name").stdout
    assert "# acme-trail-name: Trails have names of ours" in page
    assert "A house rule of acme-rules 1.0." in page
    assert "did you mean acme-trail-name?" in guardline(acme, "controls", "acme-trail-nam", code=2).stderr
    (tmp_path / "main.tf").write_text(TRAIL % '"all"')
    names = ["sarif", "junit", "github", "gitlab", "ocsf", "markdown", "html", "json", "terminal"]
    formats = [f"--format={name}={tmp_path / name}" for name in names]
    guardline(acme, "validate", tmp_path, "--control", "acme-trail-name", *formats, code=1)
    for name in names:
        assert "acme-trail-name" in (tmp_path / name).read_text(), name
    sarif = json.loads((tmp_path / "sarif").read_text())["runs"][0]
    rule = sarif["tool"]["driver"]["rules"][sarif["results"][0]["ruleIndex"]]
    assert (rule["id"], rule["shortDescription"]["text"]) == ("acme-trail-name", "Trails have names of ours.")
    # Where the rule is not installed, a stored result of it still reads.
    rendered = guardline(None, "report", tmp_path / "json", "--format", "sarif").stdout
    assert json.loads(rendered)["runs"][0]["results"][0]["ruleId"] == "acme-trail-name"


def test_the_example_can_be_named_by_settings_and_waived(acme: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "guardline.toml").write_text('[validate]\ncontrol = ["acme-trail-name"]\n')
    comment = "# guardline:ignore acme-trail-name owner=Ann approver=Bob until=2027-01-31 an old name"
    (tmp_path / "main.tf").write_text((TRAIL % '"all"').replace('resource "aws_c', f'{comment}\nresource "aws_c'))
    done = guardline(acme, "validate", ".", "--as-of", "2026-11-25", "--format", "json", cwd=tmp_path)
    (cell,) = json.loads(done.stdout)["cells"]
    assert (cell["verdict"], cell["underlying"]) == ("waived", "fail")
    said = guardline(None, "validate", ".", "--as-of", "2026-11-25", cwd=tmp_path, code=2).stderr
    assert "--control acme-trail-name: there is no such control" in said


def test_the_page_shows_the_example_as_it_is() -> None:
    text = (ROOT / "docs" / "house-rules.md").read_text(encoding="utf-8")
    code = (EXAMPLE / "acme_rules.py").read_text(encoding="utf-8")
    assert code[code.index("def check") :] in text
    project = (EXAMPLE / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points."guardline.controls"]\nacme-trail-name = "acme_rules:TRAIL_NAME"\n' in project
    assert '[project.entry-points."guardline.controls"]\nacme-trail-name = "acme_rules:TRAIL_NAME"\n' in text


# --- rules that break -------------------------------------------------------------------------------------------

Install = Callable[..., None]
RULE = (EXAMPLE / "acme_rules.py").read_text(encoding="utf-8")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a package with rules on the path, by hand."""
    packages = tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(packages)

    def put(text: str, name: str = "acme-trail-name", value: str = "{}:TRAIL_NAME", package: str = "broken") -> None:
        module = f"house_{package}_{tmp_path.name}".replace("-", "_")
        (packages / f"{module}.py").write_text(text)
        record = packages / f"{package}-2.0.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.0\n")
        (record / "entry_points.txt").write_text(f"[guardline.controls]\n{name} = {value.format(module)}\n")
        house_rules.installed.cache_clear()

    yield put
    monkeypatch.undo()
    house_rules.installed.cache_clear()


def judged(folder: Path, *names: str) -> Report:
    root = folder / "root"
    root.mkdir(exist_ok=True)
    (root / "main.tf").write_text(TRAIL % '"acme-all"')
    chosen = frozenset(names) or frozenset({"trail-validation"})
    return run(Request((str(root),), date(2026, 11, 25), controls=chosen, whole=True, cache=False), NOW)


REFUSED = {
    "no module": ({"value": "no_such_module_here:RULE"}, RULE, "cannot be imported: ModuleNotFoundError"),
    "no such name": ({"value": "{}:NOTHING"}, RULE, "cannot be imported: AttributeError"),
    "raises": ({}, "raise ValueError('x')", "cannot be imported: ValueError: x"),
    "ends the process": ({}, "import sys; sys.exit(0)", "cannot be imported: SystemExit"),
    "no Python": ({}, "def", "cannot be imported: SyntaxError"),
    "no control": ({}, "TRAIL_NAME = {}", "is of type dict; expected a guardline Control"),
    "a taken id": (
        {"name": "detector-enabled"},
        RULE.replace("acme-trail-name", "detector-enabled"),
        "the id detector-enabled is taken by a control of Guardline",
    ),
    "another id": ({"name": "acme-other"}, RULE, "is named acme-other and its control acme-trail-name"),
    "an id of one word": ({"name": "trail"}, RULE.replace("acme-trail-name", "trail"), "its id is 'trail'"),
    "no fix": ({}, RULE.replace("fix='Set `name", "fix='' and 'Set `name"), "its fix is empty"),
    "a severity in words": ({}, RULE.replace("Severity.MEDIUM", '"medium"'), "its severity is 'medium'"),
    "a practice too many": ({}, RULE.replace("practice=1", "practice=11"), "its practice is 11"),
    "a practice that is true": ({}, RULE.replace("practice=1", "practice=True"), "its practice is True"),
    "an unknown practice": (
        {}, RULE.replace("practice=1", 'practice=1, practice_name="flow_logs"'), "its practice_name is 'flow_logs'"
    ),
    "no check": ({}, RULE.replace("check=check", "check=None"), "its check is no function"),
    "unknown sources": ({}, RULE.replace("check=check", 'check=check, sources=frozenset({"x"})'), "its sources are"),
    "subjects": ({}, RULE.replace("check=check", "check=check, subjects=(int,)"), "its subjects are no tuple"),
    "links": ({}, RULE.replace("check=check", "check=check, links=(1,)"), "its links a tuple of texts"),
    "mappings": ({}, RULE.replace("check=check", 'check=check, mappings={"soc2": ("a",)}'), "it has mappings"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_rule_that_cannot_be_used_is_an_error_and_the_rest_is_judged(
    install: Install, tmp_path: Path, case: str
) -> None:
    how, text, says = REFUSED[case]
    assert text != RULE or "value" in how or "name" in how
    install(text, **how)
    report = judged(tmp_path)
    (error,) = report.errors
    assert error.source == f"house rule {how.get('name', 'acme-trail-name')} (broken 2.0)"
    assert says in error.message
    assert report.exit_code == 2
    assert [row.control for row in report.rows] == ["trail-validation"]


@pytest.mark.parametrize("entries", [b"[guardline.controls]\nacme\n", b"[guardline.controls]\n\xff = a:b\n"])
def test_a_package_whose_entry_points_cannot_be_read_is_an_error(
    install: Install, tmp_path: Path, entries: bytes
) -> None:
    install(RULE)
    install(RULE, package="damaged")
    (tmp_path / "packages" / "damaged-2.0.dist-info" / "entry_points.txt").write_bytes(entries)
    report = judged(tmp_path, "acme-trail-name")
    (error,) = report.errors
    assert error.source == "house rules of damaged"
    assert "its entry_points.txt cannot be read" in error.message
    assert [row.verdict.value for row in report.rows] == ["pass"]


def test_of_two_rules_of_one_id_the_second_is_refused(install: Install, tmp_path: Path) -> None:
    install(RULE, package="first")
    install(RULE, package="second")
    report = judged(tmp_path, "acme-trail-name")
    assert [row.verdict.value for row in report.rows] == ["pass"]
    assert [error.source for error in report.errors] == ["house rule acme-trail-name (second 2.0)"]
    assert "the id acme-trail-name is taken by first 2.0" in report.errors[0].message


BEGIN = "def check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:\n"
BREAKS = {
    "raises": (BEGIN + "    return {}['secret-word']\n", "the house rule fails here (KeyError at house_"),
    "ends the process": (BEGIN + "    import sys; sys.exit(0)\n", "fails here (SystemExit at "),
    "says nothing": (BEGIN + "    return None\n", "returned no verdict"),
    "says true": (BEGIN + "    return True\n", "returned no verdict"),
    "waives itself": (BEGIN + "    return Verdict(Status.WAIVED, 'so')\n", "returned no verdict"),
    "leaves itself out": (BEGIN + "    return Verdict(Status.NOT_ASSESSED, 'so')\n", "returned no verdict"),
    "a word": (BEGIN + "    return Verdict('pass', 'so')\n", "returned no verdict"),
    "evidence": (BEGIN + "    return Verdict(Status.PASS, 'so', evidence=('main.tf',))\n", "returned no verdict"),
}
CELLS = {
    "raises": ("def account_cells(estate, scope):\n    yield scope.nothing\n", "fails here (AttributeError at house_"),
    "none": ("def account_cells(estate, scope):\n    return None\n", "gives something that is no Cell"),
    "others": ("def account_cells(estate, scope):\n    return ['eu-west-1']\n", "gives something that is no Cell"),
    "an account's id": ("def account_cells(estate, scope):\n    return [Cell('111122223333')]\n", "that is no Cell"),
    "unknown": ("def account_cells(estate, scope):\n    raise UnknownValue('so it is')\n", "cannot be determined: so"),
}
IMPORTS = "from guardline.validator.control import Status\nfrom guardline.validator.model.value import UnknownValue\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *((RULE.replace(BEGIN, code + "\n\ndef unused():\n"), says) for code, says in BREAKS.values()),
        *((RULE.replace("\n\nTRAIL_NAME", f"\n\n{code}\n\nTRAIL_NAME"), says) for code, says in CELLS.values()),
    ],
    ids=[*(f"check {name}" for name in BREAKS), *(f"cells {name}" for name in CELLS)],
)
def test_a_rule_that_breaks_is_undetermined(install: Install, tmp_path: Path, text: str, says: str) -> None:
    install(text.replace("from guardline", f"{IMPORTS}from guardline", 1))
    report = judged(tmp_path, "acme-trail-name")
    (row,) = report.rows
    assert (row.verdict.value, report.exit_code, report.errors) == ("undetermined", 3, ())
    assert says in row.reason
    assert "secret-word" not in row.reason


def test_nothing_is_installed_by_the_source_that_is_judged(tmp_path: Path, acme: Path) -> None:
    """Even where Python takes modules from the working folder."""
    shutil.copytree(acme, tmp_path / "root")
    (tmp_path / "root" / "main.tf").write_text(TRAIL % '"all"')
    command = [sys.executable, "-m", "guardline.cli", "validate", ".", "--control", "acme-trail-name"]
    here = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command, cwd=tmp_path / "root", env=here, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "there is no such control" in done.stderr) == (2, True)


def test_the_catalogue_says_which_rules_were_asked(install: Install) -> None:
    house_rules.installed.cache_clear()
    without, own = catalogue_hash(), controls.every()
    install(RULE)
    assert catalogue_hash() != without
    assert [each.id for each in controls.every()] == [*(each.id for each in own), "acme-trail-name"]
