"""Verification: is the engine right? Checks of a user's own scenario with exact answers.

    stripped    copies of a scenario in which the answer is known, and what was taken out
    on_paper    the answers: Erlang B, and the number in care of M(t)/G/infinity
    lives       what must hold of every child in the rows of a run
    places      what must hold of every household, home and market
    same        what must come out the same: the twin engine, the same seed, no change
    checks      when a simulated value agrees with an exact one
    running     what is run, and the rows of the table
    table       the table as text

Whether the model is right about the world is another question: `validation`.
"""

from sufficiency.verification.checks import Check, Verification
from sufficiency.verification.running import REPLICATIONS, verify

__all__ = ["REPLICATIONS", "Check", "Verification", "verify"]
