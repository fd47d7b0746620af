"""Every hook that a plugin can implement: the table of contents for plugin authors.

A plugin is a module named by an entry point of the group ``qtrader``; its functions marked ``@hookimpl`` are called
while a command or run is put together, never while a run is running. They return frozen records (``qtrader.providers``)
whose ``target`` is a string, so listing plugins imports no tool. The order in which plugins were installed or found has
no meaning: names decide, and two plugins with one name are an error for whoever asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qtrader import ports
    from qtrader.providers import EventProvider, PolicyDocument, ServiceProvider, ToolProvider

PROJECT = "qtrader"
"""The project name of the markers and the group of the entry points."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's implementation of a hook; ``hookspec`` marks the specifications here."""


@hookspec
def qtrader_event_types() -> Iterable[EventProvider]:
    """Add topics to the bus, each with its event class and its contract.

    Called once by the plugin loader, before services are wired; the kernel's own topics come through the same hook.
    Returns: records ``EventProvider(topic, model, schema)``; ``model`` is ``"package.module:EventClass"``.

    Example::

        @hookimpl
        def qtrader_event_types() -> list[EventProvider]:
            return [EventProvider("news", "acme_news.events:NewsEvent", "acme/news.v1")]
    """
    return ()


@hookspec
def qtrader_services() -> Iterable[ServiceProvider]:
    """Offer services: the parts that speak to one another through the bus alone.

    Called once by the plugin loader. The wiring refuses services whose consumed topics have no emitter, or two.
    Returns: records ``ServiceProvider(name, summary, target, consumes, emits)``; ``"bar@market"`` is the early phase.

    Example::

        @hookimpl
        def qtrader_services() -> list[ServiceProvider]:
            return [ServiceProvider("news", "Read the news", "acme_news.service:News", ("bar",), ("news",))]
    """
    return ()


@hookspec
def qtrader_data_sources() -> Iterable[ToolProvider[ports.DataSource]]:
    """Offer data sources: where bars, instruments and corporate actions come from.

    Called once by the plugin loader. ``data_sources.<name>.use`` in a config chooses one by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target is a dataclass, its fields are its options.

    Example::

        @hookimpl
        def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
            return [ToolProvider("feather", "Bars from Feather files", "acme_feather.source:FeatherSource")]
    """
    return ()


@hookspec
def qtrader_strategies() -> Iterable[ToolProvider[ports.Strategy]]:
    """Offer strategies: what turns bars into signals.

    Called once by the plugin loader. ``strategies[].use`` in a config chooses one by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target is a dataclass with ``on_bar`` or ``on_bars``.

    Example::

        @hookimpl
        def qtrader_strategies() -> list[ToolProvider[Strategy]]:
            return [ToolProvider("breakout", "Long above the highest high", "acme_breakout.breakout:Breakout")]
    """
    return ()


@hookspec
def qtrader_sizers() -> Iterable[ToolProvider[ports.Sizer]]:
    """Offer sizers: how much to trade on one signal.

    Called once by the plugin loader. ``sizing.use`` of a risk policy chooses one by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``size(request) -> Size``.

    Example::

        @hookimpl
        def qtrader_sizers() -> list[ToolProvider[Sizer]]:
            return [ToolProvider("kelly", "Fractional Kelly stake", "qtrader_risk_kelly.kelly:KellySizer")]
    """
    return ()


@hookspec
def qtrader_risk_limits() -> Iterable[ToolProvider[ports.RiskLimit]]:
    """Offer risk limits: rules that every intent must pass before it becomes an order.

    Called once by the plugin loader. ``limits[].use`` of a risk policy chooses them by name, in the order of the file.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``check(intent, books) -> Verdict``.

    Example::

        @hookimpl
        def qtrader_risk_limits() -> list[ToolProvider[RiskLimit]]:
            return [ToolProvider("one-a-day", "At most one order a day", "acme_limits.one_a_day:OneADay")]
    """
    return ()


@hookspec
def qtrader_risk_policies() -> Iterable[PolicyDocument]:
    """Offer risk policies: documents that say how a signal becomes an order.

    Called once by the plugin loader. ``risk.policy`` in a config chooses one by name.
    Returns: records ``PolicyDocument(name, summary, document)``; the document is the policy's parsed YAML.

    Example::

        @hookimpl
        def qtrader_risk_policies() -> list[PolicyDocument]:
            document = {"policy": "careful", "version": 1, "sizing": {"use": "fixed", "with": {"quantity": 1}}}
            return [PolicyDocument("careful", "One unit at a time", document)]
    """
    return ()


@hookspec
def qtrader_fill_policies() -> Iterable[ToolProvider[ports.FillPolicy]]:
    """Offer fill policies: when and at what price a working order fills.

    Called once by the plugin loader. ``execution.fill.use`` in a config chooses one by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``decide(order, bar)``.

    Example::

        @hookimpl
        def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
            return [ToolProvider("midpoint", "Fill in the middle of the bar", "acme_fill.midpoint:Midpoint")]
    """
    return ()


@hookspec
def qtrader_commission_models() -> Iterable[ToolProvider[ports.CommissionModel]]:
    """Offer commission models: what a broker charges for a fill.

    Called once by the plugin loader. ``execution.commission.use`` in a config chooses one by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``fee(fill) -> Decimal``.

    Example::

        @hookimpl
        def qtrader_commission_models() -> list[ToolProvider[CommissionModel]]:
            return [ToolProvider("flat", "One fee an order", "acme_costs.flat:FlatFee")]
    """
    return ()


@hookspec
def qtrader_slippage_models() -> Iterable[ToolProvider[ports.SlippageModel]]:
    """Offer slippage models: how far a fill's price moves against the trader.

    Called once by the plugin loader. ``execution.slippage.use`` in a config chooses one by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``adjust(price, order, bar) -> Decimal``.

    Example::

        @hookimpl
        def qtrader_slippage_models() -> list[ToolProvider[SlippageModel]]:
            return [ToolProvider("tick", "One tick worse", "acme_costs.tick:OneTick")]
    """
    return ()


@hookspec
def qtrader_event_stores() -> Iterable[ToolProvider[Any]]:
    """Offer event stores: where the log of a run is kept.

    Called once by the plugin loader. The wiring builds the store that a config names.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``append`` and ``read``.

    Example::

        @hookimpl
        def qtrader_event_stores() -> list[ToolProvider[Any]]:
            return [ToolProvider("sqlite", "Events in one SQLite file", "acme_store.sqlite:SqliteStore")]
    """
    return ()


@hookspec
def qtrader_report_writers() -> Iterable[ToolProvider[ports.ReportWriter]]:
    """Offer report writers: what is written about a finished run.

    Called once by the plugin loader. ``report.use`` in a config chooses them by name.
    Returns: records ``ToolProvider(name, summary, target)``; the target has ``write(result, folder)``.

    Example::

        @hookimpl
        def qtrader_report_writers() -> list[ToolProvider[ReportWriter]]:
            return [ToolProvider("pdf", "A page to print", "acme_report.pdf:PdfReport")]
    """
    return ()


@hookspec
def qtrader_defaults() -> Mapping[str, str | Mapping[str, Any]]:
    """Say which tools a run uses where its config is silent.

    Called once by the plugin loader. Only one installed plugin may answer; with none, the config must say everything.
    Returns: a mapping from kinds such as ``"fill-policy"`` to a name, or to ``{"use": ..., "with": {...}}``.

    Example::

        @hookimpl
        def qtrader_defaults() -> dict[str, str]:
            return {"fill-policy": "next-open", "commission": "none"}
    """
    return {}


@hookspec
def qtrader_run_wired(run: Any) -> None:
    """Look at a run that is ready to start.

    Called once by the engine, after all services are built and before the first step.
    Parameters: ``run`` is the wired run, with its settings and its bus.
    Returns: nothing; what is returned is ignored. An exception stops the run and names the plugin.

    Example::

        @hookimpl
        def qtrader_run_wired(run: Any) -> None:
            print("about to run", run.settings.name)
    """


@hookspec
def qtrader_run_finished(run: Any, result: Any) -> None:
    """Look at a run that has ended well.

    Called once by the engine, after the run folder is complete.
    Parameters: ``run`` is the wired run, ``result`` its ``qtrader.Result``.
    Returns: nothing; what is returned is ignored.

    Example::

        @hookimpl
        def qtrader_run_finished(run: Any, result: Any) -> None:
            upload(result.folder)
    """


@hookspec
def qtrader_run_failed(run: Any, error: BaseException) -> None:
    """Look at a run that has stopped with an error.

    Called once by the engine, after what was committed is on disk and before the error reaches the caller.
    Parameters: ``run`` is the wired run, ``error`` what stopped it.
    Returns: nothing; what is returned is ignored.

    Example::

        @hookimpl
        def qtrader_run_failed(run: Any, error: BaseException) -> None:
            alert(f"{run.settings.name}: {error}")
    """


@hookspec
def qtrader_commands(cli: Any) -> None:
    """Add commands to the command line.

    Called by ``qtrader`` for a command that is not its own and for the list of commands; its own cannot be replaced.
    Parameters: ``cli`` is an empty click group; what is added to it is offered beside the built-in commands.
    Returns: nothing; what is returned is ignored.

    Example::

        @hookimpl
        def qtrader_commands(cli: click.Group) -> None:
            cli.add_command(upload)
    """
