"""`make build` and its kin: what they ask `oc` for, and what they refuse."""

import os
import re
import shutil
from pathlib import Path

import pytest

from ..helpers import calls, objects, only_error, only_line, run

GIT = "https://git.example.com/team/models.git"
PROCESS = ["process", "--param-file=openshift/params.env", "-f", "openshift/build.yaml", "-p", f"GIT_URI={GIT}"]
PRESENT = "{.spec.source.sourceSecret}"
LIBRARIES = ["start-build", "ml-project-dependencies", "--from-file=requirements.txt", "--follow", "--wait"]
CODE = ["start-build", "ml-project", "--follow", "--wait"]


@pytest.fixture
def pushed(bake) -> Path:
    """A bake that git knows a remote of."""
    run("git", "remote", "add", "origin", GIT, cwd=bake)
    return bake


def changes(oc: Path) -> list[list[str]]:
    """Those that change something on the cluster."""
    return [call for call in calls(oc) if call[0] in ("start-build", "annotate")]


def built(oc: Path) -> dict:
    """The BuildConfig of the code, as it was applied."""
    (found,) = [
        each for each in objects(oc) if (each["kind"], each["metadata"]["name"]) == ("BuildConfig", "ml-project")
    ]
    return found["spec"]


def test_the_first_build_makes_the_libraries_and_the_next_one_only_the_code(pushed, oc):
    said = run("make", "build", cwd=pushed).stdout
    first = calls(oc)
    asked = ["get", "buildconfig/ml-project", "--ignore-not-found", "-o", f"jsonpath={PRESENT}"]
    assert first[:3] == [asked, [*PROCESS, "-p", "GIT_SECRET=null"], ["apply", "-f", "-"]]
    lock = run("git", "hash-object", "requirements.txt", cwd=pushed).stdout.strip()
    annotate = ["annotate", "--overwrite", "imagestream/ml-project-dependencies", f"ml-project/lock={lock}"]
    assert first[4:] == [LIBRARIES, annotate, CODE]
    assert built(oc)["source"] == {"type": "Git", "git": {"uri": GIT}}
    for call in first[1:]:
        assert f"oc {call[0]} {call[1]}" in said, "a command that ran was not shown"

    run("make", "build", cwd=pushed)
    assert changes(oc) == [CODE]
    with (pushed / "requirements.txt").open("a") as lock:
        lock.write("# another lock\n")
    run("make", "build", cwd=pushed)
    assert [call[1] for call in changes(oc) if call[0] == "start-build"] == ["ml-project-dependencies", "ml-project"]
    run("make", "build-dependencies", cwd=pushed)
    assert [call[0] for call in changes(oc)] == ["start-build", "annotate"]


def test_libraries_that_could_not_be_built_are_tried_again(pushed, oc):
    done = run("make", "build", cwd=pushed, env={"OC_FAILS": "ml-project-dependencies"}, check=False)
    assert done.returncode != 0
    assert changes(oc) == [LIBRARIES], "the code was built on libraries that were not"
    run("make", "build", cwd=pushed)
    assert [call[0] for call in changes(oc)] == ["start-build", "annotate", "start-build"]


def test_a_token_in_the_remotes_address_stays_on_this_machine(bake, oc):
    run("git", "remote", "add", "origin", GIT.replace("://", "://dana:hunter2@"), cwd=bake)
    done = run("make", "build", cwd=bake)
    assert built(oc)["source"]["git"]["uri"] == GIT
    assert "hunter2" not in done.stdout + done.stderr + (oc / "calls").read_text()


def test_what_is_typed_becomes_parameters(bake, oc):
    uri = "ssh://git@example.com/it's/`touch owned`/$HOME/a b.git"
    run("make", "build", f"git_uri={uri}", "git_ref=release-2", "git_secret=deploy-key", "deadline=60", cwd=bake)
    assert built(oc)["source"] == {
        "type": "Git",
        "git": {"uri": uri, "ref": "release-2"},
        "sourceSecret": {"name": "deploy-key"},
    }
    assert built(oc)["completionDeadlineSeconds"] == 60
    assert not (bake / "owned").exists()


def test_the_secret_to_clone_with_stays_until_another_is_named(pushed, oc):
    for words, secret in (
        (["git_secret=1234"], {"name": "1234"}),
        ([], {"name": "1234"}),
        (["git_ref=20261127"], {"name": "1234"}),
        (["git_secret=other"], {"name": "other"}),
        (["git_secret=null"], None),
        ([], None),
    ):
        run("make", "build", *words, cwd=pushed)
        assert built(oc)["source"].get("sourceSecret") == secret
        assert built(oc)["source"]["git"].get("ref") == ("20261127" if "git_ref=20261127" in words else None)


def test_a_secret_that_could_not_be_looked_up_is_not_taken_away(pushed, oc, monkeypatch):
    run("make", "build", "git_secret=deploy-key", cwd=pushed)
    monkeypatch.setenv("OC_FORBIDDEN", "buildconfigs")
    assert "is forbidden" in only_line(run("make", "build", cwd=pushed, check=False))
    assert built(oc)["source"]["sourceSecret"] == {"name": "deploy-key"}


def test_to_apply_the_same_again_changes_nothing(pushed, oc):
    assert "created" in run("make", "build", cwd=pushed).stdout
    said = run("make", "build", cwd=pushed).stdout
    assert "buildconfig.build.openshift.io/ml-project unchanged" in said
    assert "configured" not in said
    for secret in ("deploy-key", "null"):
        said = run("make", "build", f"git_secret={secret}", cwd=pushed).stdout
        assert "buildconfig.build.openshift.io/ml-project configured" in said


def test_a_local_build_uploads_what_is_there_and_says_where_it_is_from(pushed, oc):
    (pushed / "models" / "mine.py").write_text("new = True\n")
    (pushed / "models" / "kmeans.py").unlink()
    (pushed / "mlflow.db").write_text("runs")
    before = run("git", "status", "--porcelain", cwd=pushed).stdout
    run("make", "build-local", cwd=pushed)
    source = oc / "source"
    assert (source / "models" / "mine.py").read_text() == "new = True\n"
    assert os.access(source / "app.sh", os.X_OK)
    assert not [name for name in ("models/kmeans.py", "mlflow.db", ".git", "build") if (source / name).exists()]
    head = run("git", "rev-parse", "HEAD", cwd=pushed).stdout.strip()
    environment = (source / ".s2i" / "environment").read_text()
    ours = (pushed / ".s2i" / "environment").read_text()
    assert environment == f"{ours}GIT_COMMIT={head}\nGIT_BRANCH=main\nGIT_DIRTY=true\n"
    assert calls(oc)[-1] == ["start-build", "ml-project", "--from-dir=build/source", "--follow", "--wait"]
    assert run("git", "status", "--porcelain", cwd=pushed).stdout == before

    run("git", "checkout", "--", "models", cwd=pushed)
    (pushed / "models" / "mine.py").unlink()
    shutil.rmtree(source)
    run("make", "build-local", cwd=pushed)
    assert (source / ".s2i" / "environment").read_text().endswith("GIT_DIRTY=false\n")
    assert not (source / "models" / "mine.py").exists(), "left of the last build"


@pytest.mark.parametrize("verb", ["build", "build-local", "build-dependencies"])
def test_a_dry_run_only_shows_the_commands(pushed, oc, verb):
    said = run("make", verb, "DRY_RUN=1", cwd=pushed).stdout
    assert not calls(oc)
    assert not (pushed / "build").exists()
    assert re.search(f"oc process {' '.join(PROCESS[1:-1])} GIT_URI='{GIT}' .* \\| oc apply -f -\n", said)
    assert f"oc {' '.join(LIBRARIES)}" in said
    if verb == "build":
        assert said.endswith(f"oc {' '.join(CODE)}\n")


def test_without_oc_or_a_login_one_line_says_so(pushed, oc, monkeypatch):
    monkeypatch.delenv("OC_USER")
    assert re.search(r"Missing or incomplete.*oc login", only_error(run("make", "build", cwd=pushed, check=False)))
    (oc / "oc").unlink()
    assert "oc is not installed" in only_error(run("make", "build-local", cwd=pushed, check=False))
    assert not (oc / "objects").exists()


def test_without_a_place_to_build_from_one_line_says_so(bake, oc):
    assert "make build git_uri=" in only_error(run("make", "build", cwd=bake, check=False))
    assert not calls(oc)


def test_a_parameter_that_is_none_changes_nothing(pushed, oc):
    done = run("make", "build", "git_reff=main", cwd=pushed, check=False)
    assert 'unknown parameter name "GIT_REFF"' in only_line(done)
    assert not changes(oc)


@pytest.mark.parametrize(
    "lock", ["numpy==2.4.6\n", "# a lock\n\nnumpy==2.4.6 ; python_version < '3.12' \\\n    # via\n"]
)
def test_a_lock_without_hashes_is_not_uploaded(pushed, oc, lock):
    with (pushed / "requirements.txt").open("a") as file:
        file.write(lock)
    said = only_error(run("make", "build", cwd=pushed, check=False))
    assert "requirements.txt: numpy==2.4.6" in said
    assert "has no hash" in said
    assert "make lock" in said
    assert not changes(oc)
