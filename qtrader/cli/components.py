"""What ``qtrader plugins show`` and ``check`` say about single tools; importing their classes is their job alone."""

from collections.abc import Iterator

import click

from qtrader.catalogue import Catalogue, Entry, duplicate_message, import_target
from qtrader.errors import DuplicateName, PluginError, QTraderError, UnknownComponent
from qtrader.options import description, options
from qtrader.plugins import Host
from qtrader.providers import EventProvider, PolicyDocument, ServiceProvider, Upcaster
from qtrader.suggest import did_you_mean


def print_entry(entry: Entry) -> None:
    """Print one thing on offer: what it is, where it comes from, and its options."""
    click.echo(f"{click.style(f'{entry.kind} {entry.name}', bold=True)}  {entry.summary}")
    click.echo(f"  from      {entry.plugin.distribution} {entry.plugin.version}")
    for line in _lines(entry):
        click.echo(f"  {line}".rstrip())


def _lines(entry: Entry) -> Iterator[str]:
    record = entry.provider
    if isinstance(record, PolicyDocument):
        import yaml

        yield from yaml.safe_dump(_plain(record.document), sort_keys=False).splitlines()
        return
    if isinstance(record, Upcaster):
        yield f"function  {entry.target}"
        return
    yield f"class     {entry.target}"
    if isinstance(record, EventProvider):
        yield f"contract  {record.schema}"
    elif isinstance(record, ServiceProvider):
        yield f"consumes  {', '.join(record.consumes) or 'nothing'}"
        yield f"emits     {', '.join(record.emits) or 'nothing'}"
    else:
        yield from _option_lines(import_target(entry))


def _option_lines(target: type) -> Iterator[str]:
    yield ""
    yield from description(target).splitlines()
    yield ""
    listed = options(target)
    if not listed:
        yield "It takes no options."
    for option in listed:
        default = "required" if option.default is None else f"default {option.default}"
        yield f"{option.name}  {option.type}  {default}" + (f"  {option.doc}" if option.doc else "")


def _plain(value: object) -> object:
    """Mappings and sequences as the dicts and lists that YAML writes."""
    if isinstance(value, dict) or hasattr(value, "items"):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def unknown_name(name: str, host: Host) -> UnknownComponent:
    """The error for a name that is neither a plugin's nor a tool's."""
    known = {plugin.name for plugin in host.plugins} | {one.name for plugin in host.plugins for one in plugin.offers}
    near = did_you_mean(name, known)
    return UnknownComponent(f"no plugin or tool is named {name!r}.{near} See: qtrader plugins list")


def problems_of(catalogue: Catalogue) -> list[str]:
    """Everything wrong with what the active plugins offer: names given twice, classes that cannot be imported."""
    problems = [duplicate_message(group) for group in catalogue.duplicates()]
    try:
        catalogue.defaults()
    except DuplicateName as error:
        problems.append(str(error))
    for entry in catalogue:
        if entry.target:
            problems.extend(_import_problem(entry))
    return problems


def _import_problem(entry: Entry) -> list[str]:
    try:
        target = import_target(entry)
        if not isinstance(entry.provider, EventProvider | ServiceProvider | Upcaster):
            options(target)
    except PluginError as error:
        return [str(error)]
    except QTraderError as error:
        return [f"{entry.kind} {entry.name!r} of {entry.plugin.distribution}: {error}"]
    return []
