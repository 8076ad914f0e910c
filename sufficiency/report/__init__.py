"""Figures and tables into one page that needs nothing else: no network, no other file.

`page` puts the page together as text, `write` puts it into a folder. The page's look and order are
in `page.html`, `page.css` and `page.js`.
"""

from sufficiency.report.page import page as page
from sufficiency.report.page import write as write
from sufficiency.report.tables import Tables as Tables
from sufficiency.report.tables import tables_of as tables_of
