"""`python -m atelier.registry.tracking.ui`: MLflow's web page for comparing runs, or where the server's own one is."""

import os
import sys

from atelier.errors import BadInputError
from atelier.registry.tracking.access import set_defaults
from atelier.registry.tracking.address import ADDRESS, for_mlflow, is_server, login

DEFAULT = "sqlite:///mlflow.db"


def main() -> None:
    """Say where the page of a server is; for a database, become `mlflow ui`."""
    try:
        uri = login(os.environ.get(ADDRESS) or DEFAULT)
    except BadInputError as error:
        sys.exit(f"error: {error}")
    if is_server(uri) or uri.startswith("databricks"):
        print(f"The runs are on the server that {ADDRESS} names. Open its own page: {uri}")
        return
    set_defaults()
    os.environ["MLFLOW_BACKEND_STORE_URI"] = for_mlflow(uri)  # a command line, and a password in it, can be seen by all
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "ui", "--workers", "1", *sys.argv[1:]])


if __name__ == "__main__":
    main()
