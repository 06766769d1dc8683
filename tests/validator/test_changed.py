"""--changed: only the roots that the change touches are judged, and the others are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.validator.reporters import FORMATS
from tests.support.changed_roots import (
    CALL,
    DETECTOR,
    FILES,
    ONLY,
    PROVIDER,
    ROOTS,
    changed_tree,
    judged,
    validate,
    write,
)
from tests.support.repositories import git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, and the test in it."""
    tree = changed_tree(tmp_path)
    monkeypatch.chdir(tree)
    return tree


def link() -> None:
    Path("roots/a/more.tf").symlink_to("../../modules/other/main.tf")


CHANGES: dict[str, tuple[Callable[[], object], set[str]]] = {
    "nothing": (lambda: None, set()),
    "a page": (write("README.md", "more"), set()),
    "a module that nobody calls": (write("modules/other/main.tf", DETECTOR + "# more\n"), set()),
    "a file that is no source": (write("roots/a/plan.json", "{}"), set()),
    "source": (write("roots/a/main.tf", FILES["roots/a/main.tf"] + "# more\n"), {"roots/a"}),
    "a second file": (write("roots/c/more.tf", ""), {"roots/c"}),
    "a file that goes": (lambda: Path("roots/b/b.auto.tfvars").unlink(), {"roots/b"}),
    "variables": (write("roots/b/b.auto.tfvars", "# more\n"), {"roots/b"}),
    "a template below a root": (write("roots/a/templates/text.tftpl", "b"), {"roots/a"}),
    "a module": (write("modules/outer/more.tf", ""), {"roots/b"}),
    "a module of a module": (write("modules/inner/main.tf", DETECTOR + "# more\n"), {"roots/b"}),
    "a policy elsewhere": (write("policies/topic.json", "{ }"), {"roots/c"}),
    "a link": (link, {"roots/a"}),
    "the same again": (write("roots/a/main.tf", FILES["roots/a/main.tf"]), set()),
    "a module that is not at hand": (
        write("roots/a/main.tf", FILES["roots/a/main.tf"] + 'module "x" {\n  source = "a/b/aws"\n}\n'), {"roots/a"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", ["working folder", "staged", "committed"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_touches(repository: Path, change: str, how: str) -> None:
    act, touched = CHANGES[change]
    git(repository, "switch", "--quiet", "--create", "branch")
    act()
    if how != "working folder" and change != "a file that is no source":
        git(repository, "add", "--all")
        if how == "committed":
            git(repository, "commit", "--quiet", "--allow-empty", "--message=two")
    assert judged() == touched


def test_what_is_not_at_hand_always_counts_as_touched(repository: Path) -> None:
    CHANGES["a module that is not at hand"][0]()
    git(repository, "commit", "--quiet", "--all", "--message=two")
    assert judged(changed="HEAD") == {"roots/a"}


@pytest.mark.parametrize(
    ("name", "text"),
    [("guardline.yaml", FILES["guardline.yaml"] + "# more\n"), ("trusted.txt", "198.51.100.8\n"), ("waivers.yaml", "")],
)
def test_spec_lists_and_waivers_touch_every_root(repository: Path, name: str, text: str) -> None:
    spec = ("--spec", "guardline.yaml", "--allow-undetermined")
    said = "This change touches none of the roots"
    assert said in validate("roots/a", *ONLY[2:], *spec, "--changed", "main").stdout
    Path(name).write_text(text)
    git(repository, "add", name)
    assert said not in validate("roots/a", *ONLY[2:], *spec, "--changed", "main").stdout


def test_variable_files_touch_every_root(repository: Path) -> None:
    Path("some.tfvars").write_text("")
    git(repository, "add", "some.tfvars")
    git(repository, "commit", "--quiet", "--message=two")
    assert judged("--var-file", "some.tfvars", changed="HEAD~1") == set(ROOTS)
    assert judged("--var-file", "some.tfvars", changed="HEAD") == set()


def test_what_is_missing_is_not_claimed_of_a_root_that_is_left_out(repository: Path) -> None:
    """The root that is judged knows its account; what the spec asks of another is undetermined, never a fail."""
    spec = FILES["guardline.yaml"].replace("111111111111", "222222222222")
    Path("two.yaml").write_text(spec)
    git(repository, "add", "two.yaml")
    git(repository, "commit", "--quiet", "--message=two")
    Path("roots/a/main.tf").write_text(FILES["roots/a/main.tf"] + "# more\n")
    done = validate(*ROOTS, *ONLY[2:], "--spec", "two.yaml", "--changed", "HEAD", "--format=json")
    verdicts = {cell["verdict"] for cell in json.loads(done.stdout)["cells"]}
    assert (verdicts, done.exit_code) == ({"undetermined"}, 3)
    assert "nothing of it changed, so it was not read" in done.stdout


@pytest.mark.usefixtures("repository")
def test_reports_name_what_is_left_out() -> None:
    CHANGES["source"][0]()
    for name in ("terminal", "markdown", "html"):
        done = validate(*ROOTS, *ONLY, "--changed", "main", f"--format={name}")
        assert "roots/b" in done.stdout, name
        assert "nothing of this root changed" in done.stdout, name


@pytest.mark.parametrize("spec", [(), ("--spec", "guardline.yaml"), ("--against", "git:main", "--only-new")])
@pytest.mark.usefixtures("repository")
def test_where_nothing_is_touched_every_format_is_written(spec: tuple[str, ...]) -> None:
    """A job that updates a comment or alerts has something to write: else it would leave what an earlier run found."""
    files = {name: Path(f"out.{name}") for name in FORMATS}
    done = validate(*ROOTS, *spec, "--changed", "main", *(f"--format={name}={path}" for name, path in files.items()))
    assert done.exit_code == 0, done.output
    written = {name: path.read_text() for name, path in files.items()}
    assert {name for name, text in written.items() if "roots/c" not in text} == {"gitlab", "ocsf"}
    assert (written["ocsf"], json.loads(written["gitlab"])) == ("", [])  # they have findings and nothing else
    comment = written["markdown"].splitlines()
    assert (comment[0], "This change touches none of the roots: not judged" in comment[2]) == (
        "<!-- guardline -->",
        True,
    )
    assert json.loads(written["json"])["left_out"] == list(ROOTS)
    assert json.loads(written["sarif"])["runs"][0]["results"] == []


@pytest.mark.usefixtures("repository")
def test_a_root_that_is_not_judged_is_named_beside_those_that_are() -> None:
    CHANGES["source"][0]()
    said = "not judged, because nothing of them changed: roots/b, roots/c"
    for name in ("github", "sarif"):
        assert said in validate(*ROOTS, *ONLY, "--changed", "main", f"--format={name}").stdout.replace("Not", "not")
    assert said not in validate(*ROOTS, *ONLY, "--format=github").stdout


@pytest.mark.usefixtures("repository")
def test_only_new_needs_something_to_compare_with_where_nothing_is_touched_too() -> None:
    done = validate(*ROOTS, "--changed", "main", "--only-new")
    assert (done.exit_code, "--only-new needs something to compare with" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("roots/a", "--changed", "no-such"), "--changed no-such: is no commit that git knows here"),
        (("roots/a", "--changed", "--output=x"), "is neither a folder nor the name of a commit"),
        (("plan.json", "--changed", "main"), "--changed takes folders of Terraform, and plan.json is none"),
        (("-", "--changed", "main"), "--changed takes folders of Terraform, and - is none"),
        (("../elsewhere", "--changed", "main"), "is not in the git tree"),
    ],
)
def test_bad_usage(repository: Path, arguments: tuple[str, ...], says: str) -> None:
    (repository.parent / "elsewhere").mkdir()
    (repository.parent / "elsewhere" / "main.tf").write_text(DETECTOR)
    done = validate(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def test_outside_of_any_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(DETECTOR)
    done = validate(".", "--changed", "main")
    assert (done.exit_code, "is in no git tree" in done.stderr) == (2, True)


def test_a_submodule_counts_as_touched(repository: Path) -> None:
    """What another repository holds, git does not tell here."""
    other = repository.parent / "other"
    other.mkdir()
    (other / "main.tf").write_text(DETECTOR)
    git(other, "init", "--quiet")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "--message=one")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "modules/sub")
    Path("roots/a/main.tf").write_text(PROVIDER % "111111111111" + CALL % "sub")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=two")
    assert judged(changed="HEAD") == {"roots/a"}
