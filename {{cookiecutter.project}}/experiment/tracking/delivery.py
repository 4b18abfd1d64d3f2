"""How a record gets into a store: all of it but what the store refuses for good, which stops nothing else."""

from mlflow import MlflowClient
from mlflow.entities import Metric, Run
from mlflow.utils.validation import MAX_METRICS_PER_BATCH

from .record import Part, Record, Values
from .refusal import final, found, invalid, reason, status_of

LEFT_OUT = "left_out"  # the tag of a run that names what it does not hold, and why


class Delivery:
    """How far a record has come into a run of a store.

    left_out: values that the store refuses, and why. refused: what else it does; then the run is not FINISHED, as that
    means all of it. written: how much was taken, for who waits as long as there is progress.
    """

    def __init__(self, record: Record, client: MlflowClient, run_id: str):
        self.record, self._client, self._run_id = record, client, run_id
        self._metrics = self._parts = self.written = 0
        self._ended: tuple[str, int] | None = None
        self.left_out: dict[str, str] = {}
        self.refused = dict(record.lost)

    @property
    def complete(self) -> bool:
        """Is there nothing that the store has not been asked to take?"""
        record = self.record
        return (self._metrics, self._parts, self._ended) == (len(record.metrics), len(record.parts), record.end)

    @property
    def whole(self) -> bool:
        """Is all in the store, but for values that it refuses?"""
        return self.complete and not self.refused

    @property
    def notes(self) -> list[str]:
        """What is left out, in words."""
        return [f"{name} is left out, as the store refuses it: {why}" for name, why in self.left_out.items()]

    def go_on(self) -> None:
        """Write what is not written yet. Raises whatever a store raises that is away; the next call goes on there."""
        end, parts = self.record.end, len(self.record.parts)  # before the metrics: all that came earlier are there
        while points := self.record.metrics[self._metrics : self._metrics + MAX_METRICS_PER_BATCH]:
            self._write(Values([Metric(*point) for point in points]))
            self._metrics += len(points)
        while self._parts < parts:
            self._write(self.record.parts[self._parts])
            self._parts += 1
        if end and not self._ended:
            self._end(*end)
            self._ended = end

    def _write(self, part: Part | Values) -> None:
        try:
            part.write(self._client, self._run_id)
        except Exception as error:
            if not final(error) or not active(self._client, self._run_id):  # else the store is well, and so is the run
                raise
            if isinstance(part, Part):
                self.refused[part.name] = reason(error)
            elif len(part.each) > 1 and (invalid(error) or status_of(error) == 413):  # one of them, or too many
                for half in part.halves():
                    self._write(half)
            else:
                (self.left_out if invalid(error) else self.refused)[named(part)] = reason(error)
        self.written += 1

    def _end(self, status: str, when: int) -> None:
        if missing := self.left_out | self.refused:
            said = "; ".join(f"{name}: {why}" for name, why in missing.items())
            self._client.set_tag(self._run_id, LEFT_OUT, said[:5000])
        if self.refused and status == "FINISHED":
            status = "FAILED"
        end(self._client, self._run_id, status, when)


def end(client: MlflowClient, run_id: str, status: str, when: int | None = None) -> None:
    """End a run; one that was FINISHED stays that, whoever comes late. when: milliseconds since 1970, else now."""
    if status == "FINISHED" or client.get_run(run_id).info.status != "FINISHED":
        client.set_terminated(run_id, status, when)


def named(values: Values) -> str:
    """In words: `param depth`, or the first of several."""
    (kind, name), *more = values.each
    return f"{kind} {name}" + (f" and {len(more)} more values" if more else "")


def active(client: MlflowClient, run_id: str) -> Run | None:
    """A run of this id, unless there is none, or somebody has deleted it."""
    run = found(client.get_run, run_id)
    return run if run and run.info.lifecycle_stage == "active" else None
