"""A scenario and its options many times, in parallel, into `Results`.

`draws` says what is uncertain and draws it; `running` runs the replications and keeps what they
leave. What one replication does is in `replication`, which runs in the workers.
"""

from sufficiency.experiment.running import ReplicationError, run

__all__ = ["ReplicationError", "run"]
