"""Make the generated files a git repository with one commit, and say what to type next."""

import json
import os
import subprocess

answers = json.loads(r"""{{ cookiecutter | tojson }}""")

# Called from a git hook, git would otherwise write to the repository that the hook belongs to.
for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
    os.environ.pop(name, None)


def git(*words, check=True):
    return subprocess.run(["git", *words], check=check, capture_output=not check).returncode


try:
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    if answers["git_url"]:
        git("remote", "add", "--", "origin", answers["git_url"])
    # A rule of the user's for commits (signing, hooks) is for the commits that the user writes.
    commit = ("commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", "Start from the template")
    if git(*commit, check=False):
        nobody = ("-c", "user.email=nobody@localhost", "-c")
        # git takes no name that is all punctuation.
        if git(*nobody, f"user.name={answers['author']}", *commit, check=False):
            git(*nobody, "user.name=nobody", *commit)
        print("git does not know who you are, so the first commit is by nobody@localhost; set yours with:")
        print("  git config --global user.name '…'; git config --global user.email '…'")
except FileNotFoundError:
    later = "git init && git add --all && git commit --message 'Start from the template'"
    print(f"note: git is not installed: this is no repository, and its runs will not know their commit; later: {later}")

print(f"\nNext:\n  cd {answers['project']}\n  make setup\n  make train-knn n_neighbors=7\n  make ui")
