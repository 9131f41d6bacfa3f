"""Where rulesets lie: beside the program, or in a package that an entry point of the group `auditor.rulesets` names.

In the source tree the folders `rulesets/` and `reports/` stand at the top; in an installed wheel they lie under the auditor's own name.
Either way a ruleset is imported as `auditor.rulesets.NAME`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from auditor.errors import UsageError

_PACKAGE = "auditor.rulesets"
_PROGRAM = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """The folder `rulesets` or `reports`, in the wheel or in the source tree."""
    inside = _PROGRAM / name
    return inside if inside.is_dir() else _PROGRAM.parent / name


def rulesets_available() -> dict[str, Path]:
    """Name → folder of every ruleset that can be loaded, by name."""
    found = {p.name: p for p in sorted(data_folder("rulesets").iterdir()) if (p / "__init__.py").is_file()}
    for point in entry_points(group=_PACKAGE):
        spec = importlib.util.find_spec(point.value)
        if spec is not None and spec.origin is not None:
            found.setdefault(point.name, Path(spec.origin).parent)
    return dict(sorted(found.items()))


def import_ruleset(name: str, *modules: str) -> dict[str, ModuleType]:
    """Imports the ruleset's package and the modules of it that are named ("" is the package itself).

    Raises UsageError where there is no such ruleset.
    """
    available = rulesets_available()
    if name not in available:
        raise UsageError(f"there is no ruleset {name!r}; there are {', '.join(available) or 'none'}")
    folder = available[name]
    package = f"{_PACKAGE}.{name}"
    _ensure_parent()
    if package not in sys.modules:
        spec = importlib.util.spec_from_file_location(package, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[package] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[package]
            raise
    return {m: importlib.import_module(f"{package}.{m}" if m else package) for m in modules}


def _ensure_parent() -> None:
    if _PACKAGE in sys.modules:
        return
    folder = data_folder("rulesets")
    spec = importlib.util.spec_from_loader(_PACKAGE, loader=None, is_package=True)
    assert spec is not None
    spec.submodule_search_locations = [str(folder)]
    sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)
