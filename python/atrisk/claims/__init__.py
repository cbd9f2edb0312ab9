"""Person-years from claims and memberships: rules for service lines, dirty input counted, readers of real formats."""

from atrisk.claims._report import ClaimsReport
from atrisk.claims.build import person_years
from atrisk.claims.rand import rand_person_years
from atrisk.claims.service_lines import ServiceLine, standard_codes, standard_lines
from atrisk.claims.synpuf import synpuf, synpuf_person_years
from atrisk.claims.text_files import read_csv

__all__ = [
    "ClaimsReport",
    "ServiceLine",
    "person_years",
    "rand_person_years",
    "read_csv",
    "standard_codes",
    "standard_lines",
    "synpuf",
    "synpuf_person_years",
]
