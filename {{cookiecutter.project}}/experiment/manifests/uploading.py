"""The Template of a Job that brings what is on the spool's volume to the tracking server."""

from .template import job, once, template


def uploading() -> str:
    return template(
        "upload",
        "Upload",
        "Brings runs to the tracking server that it did not take when they ended",
        [],
        once("upload", job("upload", ["upload"], "[]", depth=4)),
        purpose="Brings the runs that are kept on SPOOL_VOLUME to the tracking server.",
        verb="upload-job",
        example="| oc create -f -",
        sources="experiment/manifests/*.yaml",
    )
