"""Bring the runs that the store did not take to the store; what is there already is left alone."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import cli
from .errors import Away, BadInput, Exit, tell

if TYPE_CHECKING:
    from .tracking import store


def parse(argv: list[str]) -> Callable[[], Exit]:
    parser = cli.Parser("upload", "Bring runs from SPOOL_DIR to the tracking store. To do it twice does no harm.")
    parser.add_argument("--leave", action="store_true", help="leave in SPOOL_DIR what has arrived")
    return partial(upload, parser.read(argv).leave)


def upload(leave: bool = False) -> Exit:
    """Write each kept run into the store, once; what has arrived is removed, unless it is to be left.

    Returns FAILURE when trying again can help, else BAD_INPUT when something that is kept is damaged or refused; that
    stops nothing else. Raises Away or BadInput when the store, or the spool, cannot be used at all.
    """
    from .tracking import kept, spool

    if not spool.lasting():
        raise BadInput("SPOOL_VOLUME: this Job has no volume with kept runs; make upload-job spool_claim=…")
    if not kept.folders():
        print(f"{kept.place()}: no run is kept there")
        return Exit.OK
    if codes := empty(leave):
        return Exit.FAILURE if Exit.FAILURE in codes else Exit.BAD_INPUT
    print("all is in the store" if leave else f"all is in the store, and nothing is left in {kept.place()}")
    return Exit.OK


def earlier() -> None:
    """Bring what earlier attempts of this Job have kept, if it is one, before they are taken for killed."""
    if job := os.environ.get("JOB_NAME"):
        try:
            empty(job=job)
        except Away as error:  # another upload brings them
            tell(error, "note")


def empty(leave: bool = False, job: str = "") -> set[Exit]:
    """Bring all kept runs, or those of one Job; the codes of those of which the store has not all."""
    from .tracking import kept, store

    if not kept.folders(job):
        return set()
    with kept.alone():
        opened, codes = store.connect(), set()
        for folder in kept.folders(job):
            lacking = set(bring(opened, folder))
            codes |= lacking if lacking or leave else set(remove(folder))
    return codes


def remove(folder: Path) -> Iterator[Exit]:
    """Remove what has arrived, or tell why it stays."""
    from .tracking import kept

    try:
        kept.remove(folder)
    except OSError as error:
        tell(f"{folder}: is in the store, and cannot be removed: {error.strerror}")
        yield Exit.BAD_INPUT


def bring(opened: "store.Store", folder: Path) -> Iterator[Exit]:
    """Bring the runs of one folder, and tell what became of each; the codes of those of which the store has not all.

    Raises Away when it is the store, and no run, that is to blame.
    """
    from .tracking import bringing, kept

    try:
        records = kept.read(folder)
    except (Away, BadInput) as error:
        tell(error)
        yield error.code
        return
    for record in records:
        try:
            brought = bringing.bring(opened, record)
        except (Away, BadInput) as error:
            tell(f"{folder}: {record.name}: {error}")
            opened.refuse_away()
            yield error.code
            continue
        print(f"{record.name}: {'brought' if brought.written else 'is there already:'} {brought.run_id}", flush=True)
        for name, why in brought.lacking.items():
            tell(f"{folder}: {name} of {record.name} is not in run {brought.run_id}, which has all else: {why}")
            yield Exit.BAD_INPUT
