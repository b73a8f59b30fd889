"""Clients: check registrations, store, change and import clients.

Begin at `clients`, whose methods are called by the commands and by Python code.
"""
