"""Kedro's context with short messages for errors in parameters."""

import re
import sys
from collections.abc import Mapping
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.framework.context import KedroContext
from kedro.framework.project import settings
from kedro.validation import ParameterValidationError

from atelier.errors import nearest

_NOISE = re.compile(r"\n\s*For further information visit \S+|, input_value=.*?(?=\])|, input_type=\w+")


class AtelierContext(KedroContext):
    """Shows what is wrong with a parameter, and exits. A traceback would only show code of Kedro."""

    @property
    def params(self) -> dict[str, Any]:
        self._check_names()
        try:
            return super().params
        except ParameterValidationError as error:
            self._check_paths()
            sys.exit(f"error: {_NOISE.sub('', str(error))}")

    def _check_names(self) -> None:
        """Exit when `--params` has a name that is in no parameter file. Kedro would ignore it."""
        if not self._runtime_params or self._validated_params_cache is not None:
            return
        known = self._parameters_of_files()
        for name in self._runtime_params.keys() - known.keys():
            sys.exit(f"error: There is no parameter {name!r}. Did you mean {nearest(name, known)}?")

    def _check_paths(self) -> None:
        """Exit when `--params` has a path that is in no parameter file."""
        known = _paths(self._parameters_of_files())
        for path in _paths(self._runtime_params or {}):
            if path not in known:
                sys.exit(f"error: There is no parameter {path!r}. Did you mean {nearest(path, known)}?")

    def _parameters_of_files(self) -> dict[str, Any]:
        loader = OmegaConfigLoader(self.config_loader.conf_source, self.env, **settings.CONFIG_LOADER_ARGS)
        # `${globals:…}` means the globals of the loader that was made last, so it gets what the hooks have put there.
        loader["globals"] = self.config_loader["globals"]
        parameters: dict[str, Any] = loader["parameters"]
        return parameters


def _paths(parameters: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Dotted paths of all values."""
    paths = []
    for name, value in parameters.items():
        if isinstance(value, Mapping) and value:
            paths += _paths(value, f"{prefix}{name}.")
        else:
            paths.append(f"{prefix}{name}")
    return paths
