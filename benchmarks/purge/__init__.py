"""Purge a million expired tokens while a server issues and checks others."""
