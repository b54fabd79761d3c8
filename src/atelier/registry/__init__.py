"""MLflow runs, registered versions, their lineage, the gate, and the aliases that name the champion."""
