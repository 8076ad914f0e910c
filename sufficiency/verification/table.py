"""What the checks come to, in words."""

from __future__ import annotations

from sufficiency.verification.checks import Verification


def sentence(found: Verification) -> str:
    """What came out, in a sentence or two."""
    failed = [check for check in found.checks if not check.holds]
    if not failed:
        return f"All {len(found.checks)} checks of {found.name} hold."
    told = "; ".join(f"{check.name} ({check.detail})" for check in failed)
    verb = "does" if len(failed) == 1 else "do"
    return f"{len(failed)} of {len(found.checks)} checks of {found.name} {verb} not hold: {told}."
