"""pip_settings.py FOLDER: pip's settings on this machine, files and PIP_* alike, for a system that sees neither.

Writes FOLDER/pip.conf, and FOLDER/mounts: lines `source:target` of what that system is to see of this one. As PIP_* of
a build the settings would end up in the image: PIP_INDEX_URL becomes an ENV, and the builder writes it to pip.ini too.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

folder = Path(sys.argv[1])
named = (os.environ.get(name) for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"))
certificates = next(filter(None, named), BUNDLE)
sections, mounts = {"global": {}}, {}
listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):  # the environment wins
    name, _, value = line.partition("=")
    section, _, key = name.replace(":env:", "global").partition(".")
    words = ast.literal_eval(value).split()
    sections.setdefault(section, {})[key] = words
    for word in words:
        if word.startswith("file://"):  # a local index: its pages link to files beside it
            mounts[str(Path(word[7:]).parent)] = True
        elif word.startswith("/") and Path(word).exists():  # a folder of wheels, a file of constraints
            mounts[word] = True
mounts = {place: place for place in mounts if place != "/"}
if Path(certificates).exists():
    sections["global"]["cert"], mounts[certificates] = [BUNDLE], BUNDLE
with (folder / "pip.conf").open("w") as conf:
    for section, keys in sections.items():
        print(f"[{section}]", *(f"{key} = " + "\n  ".join(value) for key, value in keys.items()), sep="\n", file=conf)
(folder / "pip.conf").chmod(0o644)
mounts[str(folder / "pip.conf")] = "/etc/pip.conf"
(folder / "mounts").write_text("".join(f"{source}:{target}\n" for source, target in mounts.items()))
