"""Rendered codes in which one thing grows worse, step by step, while everything else stays clean."""
