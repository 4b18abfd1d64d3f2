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


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path):
    from experiment import utf8

    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("before")
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
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link", "new"}
