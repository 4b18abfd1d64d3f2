"""Refuse answers that would not work later. They are read as data: nothing in them is executed."""

import json
import re
import sys

answers = json.loads(r"""{{ cookiecutter | tojson }}""")

if not re.fullmatch(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?", answers["project"]):
    sys.exit(
        f"error: project {answers['project']!r}: it names objects on the cluster, so use at most 30 of a-z, 0-9 and -, "
        "a letter first, no - at the end, as in drive-failure"
    )
for name in ("description", "author", "git_url"):
    if not answers[name].isprintable():
        sys.exit(f"error: {name} {answers[name]!r}: use one line of printable text")
