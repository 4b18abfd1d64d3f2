"""Files are UTF-8 on a machine of another locale too, and a screen that cannot show a letter shows another."""

import os
from pathlib import Path

import pytest

from ..helpers import MEAN, PYTHON, experiment, refused, run, runs

CHARMAP = Path("/usr/share/i18n/charmaps/ISO-8859-1.gz")
OWN = '  évaluer:\n    command: "python – ß"\n'


@pytest.fixture(params=["PYTHONIOENCODING=ascii", "LC_ALL=en_US.ISO-8859-1"])
def elsewhere(request, tmp_path_factory) -> dict[str, str]:
    """The environment of a screen without –, and of a machine on which no file has one either."""
    name, _, value = request.param.partition("=")
    if name == "PYTHONIOENCODING":
        return {name: value}
    if not CHARMAP.exists():
        pytest.skip("needs locales: apt-get install --no-install-recommends locales")
    made = tmp_path_factory.getbasetemp() / "locales"
    if not made.exists():
        made.mkdir()
        run("localedef", "-i", "en_US", "-f", "ISO-8859-1", made / value, cwd=made)
    return {name: value, "LOCPATH": str(made)}


def started(bake: Path, *words: str, env: dict[str, str], **settings):
    """A process whose start is what is tried: what it writes by, it knows from then on."""
    return run(PYTHON, "-m", "experiment", *words, cwd=bake, env=env, encoding="utf-8", errors="replace", **settings)


def test_sync_writes_every_letter_and_keeps_what_a_person_wrote(bake, elsewhere):
    model, project = bake / "models" / "knn.py", bake / "MLproject"
    model.write_text(model.read_text().replace("neighbours: which", "neighbours – which", 1))
    project.write_text(project.read_text().replace("entry_points:\n", f"entry_points:\n{OWN}"))
    before, inode = project.read_text(), project.stat().st_ino
    for words in (["--help"], ["train", "--help"], ["train", "knn", "--help"]):
        said = started(bake, *words, env=elsewhere)
        assert said.stderr == ""
        assert "neighbours ? which" in said.stdout
    stale = started(bake, "sync", "--check", env=elsewhere, check=False)
    assert (stale.returncode, stale.stderr, stale.stdout.count("neighbours ? which")) == (1, "", 2)
    assert started(bake, "sync", env=elsewhere).stderr == ""
    assert project.read_text() == before.replace("neighbours: which", "neighbours – which")
    assert project.stat().st_ino != inode, "it was written in place, where half of it may be lost"
    assert "neighbours – which" in (bake / "openshift" / "train-knn.yaml").read_text()
    for env in (elsewhere, {}):
        assert started(bake, "sync", "--check", env=env).stdout == ""


def test_what_a_fit_prints_stops_none(bake, store):
    talking = MEAN.replace("    return Mean(", '    print("from 0 – 1")\n    return Mean(', 1)
    (bake / "models" / "mean.py").write_text(talking)
    screen = {"PYTHONIOENCODING": "ascii"}
    assert "from 0 ? 1" in started(bake, "train", "mean", env=screen).stdout
    assert started(bake, "sweep", "mean", "--jobs", "1", env=screen).stderr.count("from 0 ? 1") == 2
    assert [found.info.status for found in runs(store)] == ["FINISHED"] * 4


def test_a_file_of_another_encoding_is_refused_and_stays(bake):
    path = bake / "MLproject"
    path.write_bytes(path.read_bytes().replace(b"entry_points:\n", b"entry_points:\n  \xe9valuer: {}\n"))
    before = path.read_bytes()
    line = experiment(bake, "sync", check=False)
    refused(line, "MLproject, line 4: is no UTF-8; save the file as UTF-8")
    assert path.read_bytes() == before


@pytest.mark.parametrize("fault", ["another encoding", "gone"])
def test_requirements_that_cannot_be_read_are_told_before_a_fit(bake, store, fault):
    """The stored model has them, so that somebody else can load it."""
    (bake / "requirements.txt").write_bytes(b"scikit-learn==1.0  # \xe9\n")
    told = "requirements.txt, line 1: is no UTF-8"
    if fault == "gone":
        (bake / "requirements.txt").unlink()
        told = "requirements.txt: cannot be read: No such file"
    for words in (["train", "knn"], ["sweep", "knn", "--limit", "2"]):
        refused(experiment(bake, *words, check=False), told)
    assert runs(store) == []


@pytest.mark.parametrize("text", ["", "name: [", "entry_points: {}"])
def test_a_project_without_a_name_is_no_fault_of_the_store(bake, store, text):
    (bake / "MLproject").write_text(text)
    for words in (["train", "knn"], ["best", "knn"]):
        refused(experiment(bake, *words, check=False), "error: MLproject: has no line `name:")
    (bake / "openshift" / "params.env").write_text("# NAME=a\n")
    refused(experiment(bake, "sync", check=False), "openshift/params.env: has no line NAME=")
    assert (bake / "MLproject").read_text() == text


def test_a_link_to_nowhere_is_one_line(bake):
    path = bake / "openshift" / "run.yaml"
    path.unlink()
    path.symlink_to("nowhere/run.yaml")
    refused(experiment(bake, "sync", check=False), "openshift/run.yaml: cannot be written: No such file")
    (bake / "MLproject").unlink()
    refused(experiment(bake, "sync", check=False), "MLproject: cannot be read: No such file")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_who_has_no_screen_is_shown_nothing_and_loses_nothing(bake, store, closed):
    """Without care, the file that is opened next would be written to in its place."""
    talking = MEAN.replace("    return Mean(", '    print("from the fit", flush=True)\n    return Mean(', 1)
    (bake / "models" / "mean.py").write_text(talking)
    command = f"exec {PYTHON} -m experiment sweep mean --jobs 1 {closed}"
    assert run("sh", "-c", command, cwd=bake).returncode == 0
    assert [found.info.status for found in runs(store)] == ["FINISHED"] * 3


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path):
    from experiment import utf8

    file, link, anothers = tmp_path / "file", tmp_path / "link", tmp_path / f".file.{os.getpid()}"
    file.write_text("before")
    anothers.write_text("of a process that had this one's number")
    file.chmod(0o640)
    link.symlink_to(file)
    with pytest.raises(UnicodeEncodeError):
        utf8.write(link, "some \ud800")
    assert file.read_text() == "before"
    utf8.write(link, "after")
    utf8.write(tmp_path / "new", "new")
    assert (link.is_symlink(), file.read_text(), oct(file.stat().st_mode)[-3:]) == (True, "after", "640")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o666 & ~umask
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link", "new", anothers.name}
