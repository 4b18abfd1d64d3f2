"""Bring the runs that the store did not take to the store; what is there already is left alone."""

from . import cli


def main(argv: list[str]) -> None:
    parser = cli.Parser("upload", "Bring runs from SPOOL_DIR to the tracking store. To do it twice does no harm.")
    parser.read(argv)
    upload()


def upload() -> None:
    """Write each kept run into the store, once. Raises BadInput when the store does not take one."""
    from .tracking import kept, store

    if not (folders := kept.folders()):
        print(f"{kept.place()}: no run is kept there")
        return
    opened = store.connect()
    for folder in folders:
        for name, run_id, brought in kept.bring(opened, folder):
            print(f"{name}: {'brought' if brought else 'is there already:'} {run_id}", flush=True)
    print(f"all is in the store; {kept.place()} can be removed")
