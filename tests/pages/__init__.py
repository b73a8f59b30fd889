"""The pages for people and operators."""
