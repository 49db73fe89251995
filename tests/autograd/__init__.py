"""The engine, sentence by sentence of its contract."""
