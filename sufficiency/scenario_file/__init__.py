"""Scenario files: YAML, and what it extends, to a `Study`; or one message with every mistake.

Read `loading` first: it is the whole course of a file. `reading` turns text into a tree that knows
its lines, `merging` holds the rules of `extends` and of sourced values, `checking` says what is
wrong in words, `options`, `combining`, `building` and `dated` are about plans and dated changes,
`past` and `observed` about what the simulation is compared with, `population` about whose children
a threshold rests on.
`describing`, `writing`, `starter` and `schema` go the other way: from a study to text.
"""

from sufficiency.scenario_file.loading import load as load
from sufficiency.scenario_file.loading import load_text as load_text
from sufficiency.scenario_file.problems import ScenarioFileError as ScenarioFileError
from sufficiency.scenario_file.reading import find as find
