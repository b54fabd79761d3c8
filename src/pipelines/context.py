"""Kedro's context, with parameter errors as sentences."""

import re
import sys
from typing import Any

from kedro.framework.context import KedroContext
from kedro.validation import ParameterValidationError

_ADVERTISEMENT = re.compile(r"\n\s*For further information visit \S+|, input_value=.*?(?=\])|, input_type=\w+")


class AtelierContext(KedroContext):
    """Says what is wrong with a parameter and ends; the traceback would show Kedro's files, not the user's."""

    @property
    def params(self) -> dict[str, Any]:
        try:
            return super().params
        except ParameterValidationError as error:
            sys.exit(f"error: {_ADVERTISEMENT.sub('', str(error))}")
