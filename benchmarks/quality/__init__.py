"""Quality of models, beside baselines."""
