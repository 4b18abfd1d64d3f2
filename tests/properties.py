"""How often a property is tried."""

import os

from hypothesis import HealthCheck, Phase, settings


def tried(examples: int) -> settings:
    """In CI what was tried once is tried again; EXAMPLES=2000 looks further."""
    return settings(
        max_examples=int(os.environ.get("EXAMPLES", examples)),
        derandomize="EXAMPLES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
