"""--changed: only the roots that the change touches are judged, and the others are named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.validator.reporters import FORMATS
from tests.support.repositories import git

PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["%s"]
}
"""
DETECTOR = 'resource "aws_guardduty_detector" "this" {\n  enable = true\n}\n'
CALL = 'module "it" {\n  source = "../../modules/%s"\n}\n'
POLICY = (
    'resource "aws_sns_topic" "t" {\n  name   = "t"\n  policy = file("${path.module}/../../policies/topic.json")\n}\n'
)
FILES = {
    "roots/a/main.tf": PROVIDER % "111111111111" + DETECTOR,
    "roots/a/templates/text.tftpl": "a",
    "roots/b/main.tf": PROVIDER % "222222222222" + CALL % "outer",
    "roots/b/b.auto.tfvars": "",
    "roots/c/main.tf": PROVIDER % "333333333333" + DETECTOR + POLICY,
    "modules/outer/main.tf": CALL.replace("../../modules/%s", "../inner"),
    "modules/inner/main.tf": DETECTOR,
    "modules/other/main.tf": DETECTOR,
    "policies/topic.json": "{}",
    "README.md": "",
    "guardline.yaml": "version: 1\nname: changed\nhome_region: eu-west-1\naccount: {id: '111111111111'}\n"
    "regions: {not_opted_in: rest}\ntrusted_ips: {file: trusted.txt}\n",
    "trusted.txt": "198.51.100.7\n",
}
ROOTS = ("roots/a", "roots/b", "roots/c")
ONLY = ("--regions", "eu-west-1", "--control", "detector-enabled", "--no-cache")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three roots: one alone, one that calls a module that calls another, and one that reads a policy beside it."""
    tree = tmp_path / "repository"
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=one")
    monkeypatch.chdir(tree)
    return tree


def validate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["validate", *arguments])


def judged(*arguments: str, changed: str = "main") -> set[str]:
    """The roots that are judged; those that are not are named, on standard error and in the result."""
    done = validate(*ROOTS, *ONLY, "--changed", changed, "--format=json", *arguments)
    left_out = {line.split(": ")[1] for line in done.stderr.splitlines() if "nothing of it changed since" in line}
    found = json.loads(done.stdout)
    roots = {source["path"] for source in found["sources"]}
    assert set(found["left_out"]) == left_out == set(ROOTS) - roots
    assert ("this change touches none of the named roots" in done.stderr) == (not roots)
    if not roots:
        assert (done.exit_code, found["exit_code"], found["cells"]) == (0, 0, [])
    return roots


def write(name: str, text: str) -> Callable[[], object]:
    def act() -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    return act


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


# --- links, paths that are made of something else, and the project's own options --------------------------------


def on_main(repository: Path, files: dict[str, str], links: dict[str, str] | None = None) -> None:
    """Write files and links, and make them the commit that is compared with."""
    for name, text in files.items():
        write(name, text)()
    for name, target in (links or {}).items():
        (repository / name).symlink_to(target)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=two")


LINKS = {
    "roots/a/linked.tf": "../../shared/linked.tf",  # source
    "roots/b/text.json": "../../shared/again.json",  # a link to a link, below a root
    "shared/again.json": "text.json",
    "roots/c/lists": "../../shared/lists",  # a folder
}
SHARED = {"shared/linked.tf": "", "shared/text.json": "1", "shared/lists/deep/one.txt": "1", "shared/other.txt": "1"}


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("shared/linked.tf", {"roots/a"}),
        ("shared/text.json", {"roots/b"}),
        ("shared/lists/deep/one.txt", {"roots/c"}),
        ("shared/other.txt", set()),
    ],
)
def test_what_a_link_leads_to_touches_the_root(repository: Path, name: str, touched: set[str]) -> None:
    on_main(repository, SHARED, LINKS)
    assert judged(changed="HEAD") == set()
    Path(name).write_text("# more\n")
    assert judged(changed="HEAD") == touched


@pytest.mark.parametrize(("target", "touched"), [("../modules/other", {"roots/a"}), ("../modules/inner", set())])
def test_a_link_on_the_way_to_a_module(repository: Path, target: str, touched: set[str]) -> None:
    """The link leads to another module now, of which nothing changed; or to the same one."""
    source = PROVIDER % "111111111111" + CALL.replace("modules/%s", "links/one")
    on_main(repository, {"roots/a/main.tf": source, "links/README": ""}, {"links/one": "../modules/inner"})
    Path("links/one").unlink()
    Path("links/one").symlink_to(target)
    assert judged(changed="HEAD") == touched


def test_a_link_out_of_the_tree_always_counts_as_touched(repository: Path) -> None:
    (repository.parent / "elsewhere.txt").write_text("")
    on_main(repository, {}, {"roots/a/text.txt": "../../../elsewhere.txt"})
    assert judged(changed="HEAD") == {"roots/a"}


def test_links_in_a_circle_count_as_touched(repository: Path) -> None:
    on_main(repository, {}, {"roots/a/one.txt": "two.txt", "roots/a/two.txt": "one.txt"})
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_template_that_nobody_may_read_counts_as_touched(repository: Path) -> None:
    on_main(repository, {"roots/a/read.tf": 'locals {\n  read = templatefile("t.tftpl", {})\n}\n'})
    assert judged(changed="HEAD") == set()
    with Path("roots/a/t.tftpl").open("wb") as file:
        file.truncate((256 << 20) + 1)
    assert judged(changed="HEAD") == {"roots/a"}


def test_links_in_a_repository_of_longer_ids(repository: Path) -> None:
    shutil.rmtree(".git")
    git(repository, "init", "--quiet", "--object-format=sha256")
    on_main(repository, SHARED, LINKS)
    assert judged(changed="HEAD") == set()


def test_a_link_up_to_a_folder_of_its_own_ends(repository: Path) -> None:
    on_main(repository, {"shared/text.txt": ""}, {"roots/a/shared": "../../shared", "shared/up": "../shared"})
    assert judged(changed="HEAD") == set()
    Path("shared/text.txt").write_text("more")
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_link_in_the_place_of_a_file_of_its_text(repository: Path) -> None:
    """Git has one id for both."""
    on_main(repository, {"roots/a/text.txt": "other.txt", "roots/a/other.txt": ""})
    Path("roots/a/text.txt").unlink()
    Path("roots/a/text.txt").symlink_to("other.txt")
    assert judged(changed="HEAD") == {"roots/a"}


READS = {  # an expression -> the files that it may read; None: any
    'file("${path.module}/../../far/${var.y}.json")': {"far/deep/x.json"},
    'jsondecode(file("${var.y}.json"))': {"far/deep/x.json", "elsewhere/z.json"},
    'templatefile("${path.root}/../../far/deep/${each.key}.tftpl", {})': {"far/deep/t.tftpl"},
    'filesha256(join("", [path.module, "/../../far/deep/x", var.y]))': None,
    'file(var.y ? "${var.y}/z.json" : var.y)': None,
    'file("../../far/${local.there}/${local.name}.json")': {"far/deep/x.json"},
    'fileset("${path.module}/../../far", "**/*.json")': {"far/deep/x.json"},
    'fileset("${path.module}/../../far", "deep/x.*")': {"far/deep/x.json"},
    'fileset("${path.module}/../../${var.y}", "*.json")': {"far/deep/x.json", "elsewhere/z.json"},
    'file("../../far/NOTICE")': {"far/NOTICE"},
    'templatefile("../../far/deep/t.tftpl", {})': {"far/deep/t.tftpl", "elsewhere/z.json"},
}
FAR = {
    "far/deep/x.json": "1",
    "far/deep/t.tftpl": 't ${file("../../elsewhere/z.json")}',
    "far/NOTICE": "1",
    "elsewhere/z.json": "1",
}
NAMES = 'variable "y" {\n}\nlocals {\n  there = "deep"\n  name = "x"\n  read = %s\n}\n'


@pytest.mark.parametrize(
    ("expression", "place"),
    [*((each, "roots/a") for each in READS), *((each, "modules/other") for each in [*READS][::3])],
)
def test_files_whose_path_is_made_of_something_else(repository: Path, expression: str, place: str) -> None:
    """Also where it stands in a module: a path is from the root's folder, as in Terraform."""
    wanted = READS[expression]
    called = {} if place == "roots/a" else {"roots/a/call.tf": CALL % "other"}
    on_main(repository, {**FAR, **called, f"{place}/read.tf": NAMES % expression})
    for name in (*(FAR if wanted is None else wanted), "README.md"):
        before = Path(name).read_text()
        Path(name).write_text(before + "more")
        assert judged(changed="HEAD") == (set() if name == "README.md" and wanted is not None else {"roots/a"}), name
        Path(name).write_text(before)
    assert judged(changed="HEAD") == set()


def test_a_template_that_reads_by_a_variable(repository: Path) -> None:
    files = {"far/t.tftpl": "t ${file(path)}", "far/u.tftpl": "t ${upper(path)}"}
    reads = 'locals {\n  read = templatefile("../../far/%s.tftpl", {path = "x"})\n}\n'
    on_main(repository, {**files, "roots/a/read.tf": reads % "t", "roots/b/read.tf": reads % "u"})
    Path("README.md").write_text("more")
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_path_in_the_value_of_a_variable(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_main(repository, {**FAR, "roots/a/read.tf": NAMES % '"${var.y}/z"', "some.tfvars": 'y = "../../far/NOTICE"'})
    Path("far/NOTICE").write_text("more")
    assert judged(changed="HEAD") == set()
    assert judged("--var", "y=../../far/NOTICE", changed="HEAD") == set(ROOTS)
    assert judged("--var-file", "some.tfvars", changed="HEAD") == set(ROOTS)
    monkeypatch.setenv("TF_VAR_y", "../../far/NOTICE")
    assert judged(changed="HEAD") == set(ROOTS)


def test_the_project_s_own_options_touch_every_root(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_main(repository, {"guardline.toml": "[waivers]\n", "roots/a/guardline.toml": "[waivers]\n"})
    Path("roots/a/guardline.toml").write_text("")
    assert judged(changed="HEAD") == {"roots/a"}  # of another folder than the working one: a file of that root
    Path("roots/a/guardline.toml").write_text("[waivers]\n")
    Path("guardline.toml").write_text("[waivers]\nlongest-days = 9\n")
    assert judged(changed="HEAD") == set(ROOTS)
    Path("guardline.toml").unlink()
    assert judged(changed="HEAD") == set(ROOTS)
    monkeypatch.chdir("roots/a")  # the nearest holds, and nothing changed there
    assert "nothing of it changed" in validate("../b", *ONLY, "--changed", "HEAD").stderr


@pytest.mark.usefixtures("repository")
def test_options_that_are_new_touch_every_root() -> None:
    Path("guardline.toml").write_text("[waivers]\n")
    assert judged() == set(ROOTS)
