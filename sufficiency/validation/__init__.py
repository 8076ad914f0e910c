"""What was published of a past period, beside what is simulated of it.

`period` makes a study of the past from a scenario's `validation` block and `futures` simulates it.
`comparing` sets each published value beside its simulated range and says whether more lie outside
than chance allows; `courses` shows children in care from month to month. `fitting` moves free
values to meet the published values that may be used so (`use: fit`), and no others; `fitted_file`
writes them down. The words are in `answer.published`, the page in `answer.validation_page`.
"""

from sufficiency.validation.comparing import (
    Compared,
    Validated,
    Verdict,
    validate,
)
from sufficiency.validation.courses import Course, Month
from sufficiency.validation.fitted_file import fitted_text
from sufficiency.validation.fitting import Fitted, Moved, Target, fit
from sufficiency.validation.period import study_of_the_past

__all__ = [
    "Compared",
    "Course",
    "Fitted",
    "Month",
    "Moved",
    "Target",
    "Validated",
    "Verdict",
    "fit",
    "fitted_text",
    "study_of_the_past",
    "validate",
]
