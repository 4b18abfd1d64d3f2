"""What cookiecutter makes of the template, and how it refuses answers."""

import filecmp
import json
import shutil
from pathlib import Path

import pytest

from ..helpers import PRODUCT, PYTHON, ROOT, cookiecutter, run, runs

# The files that carry answers. cookiecutter.json names all others, which are copied to the letter.
TAGGED = {
    "MLproject",
    "README.md",
    "openshift/params.env",
}
AWKWARD = {
    "project": "a-1",
    "description": """Ärger with "double" and 'single' quotes, a \\ backslash, $HOME, `id`, {} and {curly}, 100 %""",
    "author": "Zoë O'Neil <zoe@example.org> ${USER}",
    "git_url": "https://example.org/zoë's/a b.git",
}


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


@pytest.fixture(scope="module")
def awkward(template, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("awkward")
    cookiecutter(template, out, *(f"{name}={value}" for name, value in AWKWARD.items()))
    return out / "a-1"


def test_is_a_clean_git_repository_with_one_commit(project):
    assert run("git", "status", "--porcelain", cwd=project).stdout == ""
    assert run("git", "rev-list", "--count", "HEAD", cwd=project).stdout.strip() == "1"
    assert run("git", "branch", "--show-current", cwd=project).stdout.strip() == "main"
    tracked = run("git", "ls-files", "-z", cwd=project).stdout.split("\0")
    assert set(filter(None, tracked)) == files(project), "something was generated that git ignores"


def test_only_tagged_files_differ_between_bakes(project, awkward):
    assert files(project) == files(awkward)
    _, different, broken = filecmp.cmpfiles(project, awkward, files(project), shallow=False)
    assert (set(different), broken) == (TAGGED, [])


def test_every_other_file_is_copied_to_the_letter(project):
    _, different, missing = filecmp.cmpfiles(PRODUCT, project, files(project), shallow=False)
    assert (set(different), missing) == (TAGGED, [])


def test_no_python_and_at_most_six_files_carry_tags(template):
    product = template / PRODUCT.name
    tagged = {path for path in files(product) if "cookiecutter." in (product / path).read_text()}
    assert tagged == TAGGED
    assert len(TAGGED) <= 6


def test_cookiecutter_json_names_all_that_is_copied(template):
    from cookiecutter.generate import is_copy_only_path

    context = {"cookiecutter": json.loads((template / "cookiecutter.json").read_text())}
    # the file and the folders it is in, without the project's own
    within = {path: [path, *map(str, Path(path).parents[:-1])] for path in files(template / PRODUCT.name)}
    rendered = {path for path, places in within.items() if not any(is_copy_only_path(each, context) for each in places)}
    assert rendered == TAGGED, "copied files are named in cookiecutter.json, those with answers in TAGGED above"


def test_awkward_answers_are_kept_to_the_letter(awkward):
    readme = (awkward / "README.md").read_text()
    assert AWKWARD["description"] in readme
    assert AWKWARD["author"] in readme
    assert run("git", "remote", "get-url", "origin", cwd=awkward).stdout.strip() == AWKWARD["git_url"]


def typed(template: Path, out: Path, *answers: str):
    """Render as a person does: answers typed at the prompts."""
    command = (PYTHON, "-m", "cookiecutter", "--default-config", "--output-dir", out, template)
    return run(*command, cwd=out, text_in="\n".join([*answers, ""]), check=False)


def test_typed_jinja_and_quotes_are_data(template, tmp_path):
    hostile = """{{ ''.__class__ }}{% raw %}'\"\"\"{# "; import os; os.mkdir('owned') #}"""
    done = typed(template, tmp_path, "hostile", hostile, "$(touch owned)", "")
    assert done.returncode == 0, done
    readme = (tmp_path / "hostile" / "README.md").read_text()
    assert hostile in readme
    assert "$(touch owned)" in readme
    assert not [*tmp_path.rglob("owned")]
    assert run("git", "status", "--porcelain", cwd=tmp_path / "hostile").stdout == ""


def replayed(template: Path, out: Path, **answers: str):
    """Render with answers that cookiecutter takes as they are, line breaks and Jinja too."""
    replay = {"cookiecutter": json.loads((ROOT / "cookiecutter.json").read_text()) | answers}
    (out / "replay.json").write_text(json.dumps(replay))
    command = (PYTHON, "-m", "cookiecutter", "--default-config", "--replay-file", "replay.json", template)
    return run(*command, cwd=out, check=False)


@pytest.mark.parametrize(
    "name", ["Digits", "1st", "my_project", "a.b", "-a", "a-", "a b", "ünder", "a" * 31, "a;id", "{{7*7}}"]
)
def test_refuses_a_name_that_the_cluster_would_refuse(template, tmp_path, name):
    done = replayed(template, tmp_path, project=name)
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line.startswith("error: project")], done
    assert [path.name for path in tmp_path.iterdir()] == ["replay.json"], "something was left behind"


@pytest.mark.parametrize("answer", ["two\nlines", "a\ttab", "a\0nul"])
def test_refuses_text_of_more_than_a_line(template, tmp_path, answer):
    done = replayed(template, tmp_path, description=answer)
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line.startswith("error: description")], done
    assert [path.name for path in tmp_path.iterdir()] == ["replay.json"]


def test_an_existing_folder_is_left_alone(template, tmp_path):
    (tmp_path / "ml-project").mkdir()
    (tmp_path / "ml-project" / "precious").write_text("mine")
    done = cookiecutter(template, tmp_path, check=False)
    assert done.returncode != 0
    assert "already exists" in done.stdout + done.stderr
    assert [path.name for path in (tmp_path / "ml-project").iterdir()] == ["precious"]


@pytest.mark.parametrize(("author", "committer"), [("Zoë", "Zoë"), ("<>", "nobody"), ("", "nobody")])
def test_works_where_git_knows_nobody(template, tmp_path, author, committer):
    nobody = {"HOME": str(tmp_path), "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CONFIG_GLOBAL": "/dev/null"}
    refuse_guessing = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}
    done = cookiecutter(template, tmp_path, f"author={author}", env=nobody | refuse_guessing)
    assert "git does not know who you are" in done.stdout
    made = tmp_path / "ml-project"
    assert run("git", "log", "--format=%an", cwd=made).stdout.strip() == committer
    assert run("git", "status", "--porcelain", cwd=made).stdout == ""


def test_works_without_git(template, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(PYTHON)
    done = cookiecutter(template, tmp_path, env={"PATH": str(tmp_path / "bin")})
    assert "git is not installed" in done.stdout
    assert (tmp_path / "ml-project" / "MLproject").exists()


def test_inside_a_git_hook_the_other_repository_is_left_alone(template, tmp_path):
    run("git", "init", "--quiet", tmp_path / "other", cwd=tmp_path)
    cookiecutter(template, tmp_path, env={"GIT_DIR": str(tmp_path / "other" / ".git")})
    assert run("git", "status", "--porcelain", cwd=tmp_path / "other").stdout == ""
    assert (tmp_path / "ml-project" / ".git").is_dir()


def test_awkward_bake_lints_tests_and_trains(awkward, store):
    venv = f"VENV={Path(PYTHON).parent.parent}"
    run("make", "lint", venv, cwd=awkward)
    run("make", "test", venv, cwd=awkward)
    run("make", "train-knn", "n_neighbors=3", venv, cwd=awkward)
    assert [found.info.run_name for found in runs(store, "a-1")] == ["knn"]
    shutil.rmtree(awkward / ".pytest_cache", ignore_errors=True)
    assert run("git", "status", "--porcelain", cwd=awkward).stdout == ""


def test_make_bake_gives_a_project_to_try_a_change_in():
    run("make", "bake", cwd=ROOT)
    made = ROOT / "build" / "bake" / "ml-project"
    assert run("make", "--no-print-directory", "sync", cwd=made).stdout == ".venv/bin/python -m experiment sync\n"
    assert run("git", "status", "--porcelain", cwd=made).stdout == ""


def test_formatting_a_bake_changes_nothing(bake):
    run("make", "format", "sync", f"VENV={Path(PYTHON).parent.parent}", cwd=bake)
    assert run("git", "status", "--porcelain", cwd=bake).stdout == ""
