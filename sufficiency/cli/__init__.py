"""The command line: `commands` are what users call, `failing` how they end, `terminal` the rest."""

from sufficiency.cli import backtesting as backtesting
from sufficiency.cli import calibrating as calibrating
from sufficiency.cli import describing as describing
from sufficiency.cli import forecasting as forecasting
from sufficiency.cli import pressing as pressing
from sufficiency.cli import reconciling as reconciling
from sufficiency.cli import sensing as sensing
from sufficiency.cli import synthesising as synthesising
from sufficiency.cli import targeting as targeting
from sufficiency.cli import validating as validating
from sufficiency.cli import verifying as verifying
from sufficiency.cli.commands import app as app
from sufficiency.cli.commands import main as main
