"""The statutory return (SSDA903): reading yearly files, merging them, and findings on them.

returns     what comes out: children, episodes, findings
reading     the entrance: `read_return`, `tables_in`
files       the CSV files of a folder or zip, safely
parsing     their bytes as rows of text
sources     their rows as tables of text, the plain files too: `read_tables`
tables      which table of the return each is
codes       the code sets, with their years
dates       dates as people write them
episodes    each row of episodes
years       which years the files cover
merging     the years as one
children    who the children are
noting      findings
writing     a return as yearly files
"""
