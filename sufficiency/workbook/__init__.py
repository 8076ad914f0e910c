"""The tables of a run as an Excel workbook: no macros, no links, no formula made of anybody's text.

`write` puts it into a folder. What is on each sheet is plain data (`sheets.Sheet`), made by the
modules named after groups of sheets; `drawing` alone knows XlsxWriter.
"""

from sufficiency.workbook.book import SHEETS as SHEETS
from sufficiency.workbook.book import write as write
