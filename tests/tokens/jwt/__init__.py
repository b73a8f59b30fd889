"""The tests of signed access tokens, their keys, and whom they are for."""
