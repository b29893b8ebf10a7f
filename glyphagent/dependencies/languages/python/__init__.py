"""Placeholder of a part under construction."""
