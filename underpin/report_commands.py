"""The commands `underpin report ...`: what each understands."""

from functools import partial
from typing import Annotated

import typer

from risk.terms import Verdict
from underpin.options import AsOf, At, Job, MaybePaths, Scope, Source, Store
from underpin.output import ReportForm

report = typer.Typer(help="Show promises, gaps and renewals as tables.", rich_markup_mode=None)
Form = Annotated[
    ReportForm,
    typer.Option("--format", help="A table for a terminal; or for documents, spreadsheets, machines."),
]
Verdicts = Annotated[
    list[Verdict] | None,
    typer.Option("--verdict", case_sensitive=False, help="Only these; may be given several times. All by default."),
]
Horizon = Annotated[int, typer.Option("--horizon", metavar="DAYS", min=0, help="How many days to look ahead.")]


@report.command()
def commitments(
    *,
    paths: MaybePaths = None,
    form: Form = ReportForm.TABLE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each verdict comes about, to be reckoned again by hand.")
    ] = False,
    horizon: Horizon = 0,
    verdict: Verdicts = None,
    store: Store = None,
    source: Source = None,
    scope: Scope = None,
    as_of: AsOf = None,
    at: At = None,
) -> Job:
    """List the promises with budget, headroom and verdict."""
    if explain and form is ReportForm.CSV:
        raise typer.BadParameter("--explain is prose and figures; choose table, markdown or json")
    from underpin.report import Reporting
    from underpin.reporting import report_commitments

    asked = Reporting(
        tuple(paths or ()), form, store, source, scope, as_of, at, horizon, frozenset(verdict or ()), explain
    )
    return partial(report_commitments, asked)


@report.command()
def gaps(
    *,
    paths: MaybePaths = None,
    form: Form = ReportForm.TABLE,
    horizon: Horizon = 0,
    verdict: Verdicts = None,
    store: Store = None,
    source: Source = None,
    scope: Scope = None,
    as_of: AsOf = None,
    at: At = None,
) -> Job:
    """Show the gap matrix: transactions by suppliers."""
    from underpin.report import Reporting
    from underpin.reporting import report_gaps

    asked = Reporting(tuple(paths or ()), form, store, source, scope, as_of, at, horizon, frozenset(verdict or ()))
    return partial(report_gaps, asked)


@report.command()
def renewals(
    *,
    paths: MaybePaths = None,
    form: Form = ReportForm.TABLE,
    horizon: Horizon = 365,
    store: Store = None,
    source: Source = None,
    scope: Scope = None,
    as_of: AsOf = None,
    at: At = None,
) -> Job:
    """List what ends or wants notice, in order of date."""
    from underpin.report import Reporting
    from underpin.reporting import report_renewals

    asked = Reporting(tuple(paths or ()), form, store, source, scope, as_of, at, horizon)
    return partial(report_renewals, asked)
