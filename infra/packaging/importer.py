"""What an `index.py` begins with: modules whose sources it holds, imported as if they were files.

They have their names, packages and relative imports, are run when they are first imported, and
show in tracebacks with their files' names and their lines.
"""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType


class Embedded:
    """Finds and loads the modules of these sources, which it has by path."""

    def __init__(self, sources: dict[str, str]) -> None:
        """Be asked before any other finder."""
        self.sources = sources
        sys.meta_path.insert(0, self)

    def file(self, name: str) -> str:
        """Return a module's path, nothing for one of others."""
        base = name.replace(".", "/")
        files = (base + ".py", base + "/__init__.py")
        return next((file for file in files if file in self.sources), "")

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Return what Python asks each finder for."""
        file = self.file(name)
        if not file:
            return None
        return ModuleSpec(
            name,
            self,  # type: ignore[arg-type] # a loader without its class, which takes time to import
            origin=file,
            is_package=file.endswith("/__init__.py"),
        )

    def create_module(self, _: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's source."""
        file = self.file(module.__name__)
        code = compile(self.sources[file], file, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the one way to run a module

    def get_source(self, name: str) -> str:
        """Return what tracebacks show the lines of."""
        return self.sources[self.file(name)]
