"""Tables into plotly figures: no file, no page.

Each chart states its finding in ten words or fewer, worked out from the data; where nothing can be
told it says so. With it come the same finding in a sentence and the data as a table.
"""

from sufficiency.charts.changes import changes as changes
from sufficiency.charts.course import children_in_care as children_in_care
from sufficiency.charts.course import in_house as in_house
from sufficiency.charts.drawing import Chart as Chart
from sufficiency.charts.drawing import Panel as Panel
from sufficiency.charts.need import need_against_places as need_against_places
from sufficiency.charts.where import where_children_live as where_children_live
