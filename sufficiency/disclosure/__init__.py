"""What of a run may be published: small numbers left out so that nothing gives them back.

    series      a measure of a group, at all dates of one kind, in all options: it stays or goes
    spec        what each measure tells of children
    relations   what adds up, so that what is left out could be worked out
    solving     which unknowns a set of sums determines
    choosing    which series go: the small ones, and as many more as it takes
    auditing    a second look at the values of what is left, independent of the choice
    protecting  all that of a run: the part that may be published, and the list of what may not
    settings    the values of the scenario that count few children
    files       the CSV files of a publication

Nothing is hidden in a picture or a sheet: what is left out is taken away at the root
(`results.part`), and everything is made of the rest.
"""

from sufficiency.disclosure.protecting import THRESHOLD as THRESHOLD
from sufficiency.disclosure.protecting import Protected as Protected
from sufficiency.disclosure.protecting import protect as protect
from sufficiency.disclosure.protecting import protect_together as protect_together
