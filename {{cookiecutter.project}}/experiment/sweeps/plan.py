"""What makes a sweep that sweep: kept in the store, so that any process that knows its id can go on with it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ..data import Data, Source
from ..declaration import Model, Params, text, validate
from ..errors import BadInput

FILE = "sweep.json"  # the artifact of the sweep's run that holds it


@dataclass(frozen=True)
class Plan:
    """A model, the rows it learns from, and the sets to try.

    file_sha256: of the model file, and of what it imports from this repository. fixed: hyperparameters that a person
    set. limit: how many sets a strategy that learns may try; the others have theirs in `sets`, as texts.
    """

    model: str
    file_sha256: str
    space: dict[str, str]
    fixed: dict[str, str]
    strategy: str
    limit: int
    uri: str
    target: str
    data: str
    sets: list[dict[str, str]]

    @classmethod
    def of(
        cls,
        model: Model,
        code: dict[str, str],
        fixed: dict,
        strategy: str,
        limit: int,
        sets: list[Params],
        data: Data,
        source: Source,
    ):
        return cls(
            model=model.name,
            file_sha256=" ".join(code.values()),
            space={name: str(values) for name, values in model.space.items()},
            fixed={name: given for name, (given, _) in fixed.items()},
            strategy=strategy,
            limit=limit,
            uri=source.public,
            target=source.target,
            data=f"{data.name} {data.digest}",
            sets=[texts(params) for params in sets],
        )

    @classmethod
    def read(cls, kept: str) -> "Plan":
        """What `written` gave. Raises BadInput for anything else."""
        try:
            return cls(**json.loads(kept))
        except (TypeError, ValueError):
            raise BadInput(f"{FILE} of the sweep is of another version of this program; begin a new sweep") from None

    def written(self) -> str:
        return json.dumps(asdict(self), indent=1)

    def given(self) -> dict[str, tuple[str, str]]:
        """What a person fixed, as `validate` takes it."""
        return {name: (value, "sweep.json") for name, value in self.fixed.items()}

    def params(self, model: Model) -> list[Params]:
        """The sets, checked. Raises BadInput when the model no longer takes one."""
        return [params_of(model, each) for each in self.sets]

    def differences(self, now: "Plan") -> Iterator[str]:
        """What is no longer as it was when the sweep began, in words."""
        for name in sorted(self.space.keys() | now.space.keys()):
            if (was := self.space.get(name, "not there")) != (new := now.space.get(name, "not there")):
                yield f"SPACE[{name!r}] was {was} and is {new}"
        if self.data != now.data:
            yield f"the data was {self.data} and is {now.data}"
        if self.target != now.target:
            yield f"the target was {self.target or 'its own'} and is {now.target}"
        if not now.file_sha256.startswith(self.file_sha256):  # earlier versions had the model file's alone
            yield f"models/{self.model}.py, or what it imports, has changed"


def texts(params: Params) -> dict[str, str]:
    """A set as the store holds it."""
    return {name: text(value) for name, value in params}


def params_of(model: Model, kept: dict[str, str]) -> Params:
    """A set from its texts. Raises BadInput when the model no longer takes it."""
    return validate(model.hyperparameters, {name: (value, "the sweep's") for name, value in kept.items()}, model.file)


def digest(params: Params) -> str:
    """The name of a set, the same in each process: SHA-256 over its names and texts, cut to 16 characters."""
    return hashlib.sha256(json.dumps(texts(params), sort_keys=True).encode()).hexdigest()[:16]


def refuse_changes(was: Plan, now: Plan, resumed: str) -> None:
    """Raise BadInput when a sweep would go on with another model, space or data."""
    if changes := list(was.differences(now)):
        raise BadInput(f"--resume {resumed}: {'; '.join(changes)}; begin a new sweep, or go on all the same: --force")
