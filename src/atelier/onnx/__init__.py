"""Exported models: sessions, parity with the framework, cost."""
