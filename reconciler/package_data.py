"""The files that travel with the program: schemas and the example configuration.

In a wheel they lie inside the package, in a checkout at the top of the repository; callers name them one way.
"""

from __future__ import annotations

from importlib.resources import files


def text(name: str) -> str:
    """The text of ``schemas/config.schema.json``, ``numbers.yaml.example`` and the like.

    ``FileNotFoundError`` when there is no such file in either place.
    """
    package = files("reconciler")
    installed = package.joinpath(name)
    if installed.is_file():
        return installed.read_text(encoding="utf-8")
    return package.joinpath("..", name).read_text(encoding="utf-8")
