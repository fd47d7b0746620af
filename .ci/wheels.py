"""Build every wheel, install from wheels alone, and do what a user does first, far from the checkout.

python .ci/wheels.py SCRATCH_FOLDER
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN_FILES = {"manifest.json", "config.yaml", "events.arrow", "metrics.json", "equity.parquet", "trades.csv"}


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it printed; its failure is this script's failure."""
    print("$", *command, flush=True)
    done = subprocess.run([str(part) for part in command], cwd=cwd, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}\n{command[0]} ended with exit code {done.returncode}")
    return done.stdout


def distributions() -> set[str]:
    """Names of every distribution in the workspace."""
    files = [ROOT / "pyproject.toml", ROOT / "contracts/pyproject.toml", *ROOT.glob("plugins/qtrader-*/pyproject.toml")]
    return {tomllib.loads(file.read_text())["project"]["name"] for file in files}


def build(scratch: Path) -> list[Path]:
    """Build one wheel of each distribution."""
    call("uv", "build", "--quiet", "--all-packages", "--wheel", "--out-dir", scratch / "dist", cwd=ROOT)
    wheels = sorted((scratch / "dist").glob("*.whl"))
    built = {wheel.name.split("-")[0].replace("_", "-") for wheel in wheels}
    if built != distributions():
        sys.exit(f"wheels and distributions differ: {sorted(built ^ distributions())}")
    return wheels


def install(wheels: list[Path], scratch: Path) -> Path:
    """Install the wheels into a fresh environment; returns its folder of programs."""
    call("uv", "venv", "--quiet", "--python", sys.executable, scratch / "env", cwd=scratch)
    programs = scratch / "env" / ("Scripts" if os.name == "nt" else "bin")
    call("uv", "pip", "install", "--quiet", "--python", programs / "python", *wheels, cwd=scratch)
    return programs


def use(programs: Path, scratch: Path) -> None:
    """List the plugins, check them and run the sample backtest."""
    where = call(programs / "python", "-c", "import qtrader; print(qtrader.__file__)", cwd=scratch).strip()
    if not Path(where).is_relative_to(scratch):
        sys.exit(f"qtrader was imported from {where}, not from the wheel")
    print(call(programs / "qtrader", "plugins", "list", cwd=scratch))
    rows = json.loads(call(programs / "qtrader", "plugins", "list", "--json", cwd=scratch))
    listed = {row["distribution"] for row in rows if row["status"] == "active"}
    expected = {file.parent.name for file in ROOT.glob("plugins/qtrader-*/pyproject.toml") if has_plugin(file)}
    if listed - {"qtrader"} != expected:
        sys.exit(f"active plugins and distributions with an entry point differ: {sorted(listed ^ expected)}")
    call(programs / "qtrader", "plugins", "check", cwd=scratch)
    shutil.copytree(ROOT / "config", scratch / "config")
    command = ("backtest", "config/sma_cross.yaml", "--out", scratch / "run", "--json")
    summary = json.loads(call(programs / "qtrader", *command, cwd=scratch))
    missing = RUN_FILES - {path.name for path in Path(summary["run_dir"]).iterdir()}
    if missing or not summary["bars"] or not summary["fills"]:
        sys.exit(f"the sample run is not whole: missing files {sorted(missing)}, summary {summary}")
    print(json.dumps(summary, indent=2))


def has_plugin(file: Path) -> bool:
    """Say whether a distribution is a plugin rather than a library."""
    return "qtrader" in tomllib.loads(file.read_text())["project"].get("entry-points", {})


def main() -> None:
    """Do all of it in a fresh scratch folder."""
    scratch = Path(sys.argv[1]).resolve() / "wheels"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    use(install(build(scratch), scratch), scratch)


if __name__ == "__main__":
    main()
