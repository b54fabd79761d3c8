"""The exported model: sessions, parity with the framework, cost."""
