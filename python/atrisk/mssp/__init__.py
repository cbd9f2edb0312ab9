"""The Medicare Shared Savings Program: its public use files, read into one form."""

from atrisk.mssp._read import read_puf

__all__ = ["read_puf"]
