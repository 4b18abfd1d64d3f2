"""What other files repeat of the hyperparameters is what the models declare."""

from experiment import sync


def test_files_are_as_make_sync_writes_them(capsys):
    stale = sync.parse(["--check"])()
    assert not stale, "".join(capsys.readouterr())
