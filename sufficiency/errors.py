"""What a user may be told: the base of every error that is shown without a traceback."""

from __future__ import annotations


class SufficiencyError(Exception):
    """A mistake that the user can put right; its text is all they see."""

    exit_code = 2
    """Status with which a command ends."""
