"""MLflow runs, registered versions with their lineage, the gate, and the aliases that name the champion."""
