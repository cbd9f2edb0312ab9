"""How volumes respond to incentives: the provider's to what an event leaves it, the members' to what it costs them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import by_name, number, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk._types import Uncertain


@dataclass(frozen=True)
class Response:
    """A change of each service's volume against a reference arm.

    The logarithm of the volume changes by

    - ``elasticity`` × the change of *net marginal revenue* as a part of the mean price: what is paid for one more event
      less the provider's own cost of it, less what the provider owes others for it; under shared savings less the
      share of savings that its price gives up, weighted by the chance of sharing at all;
    - ``member_elasticity`` × the change of the members' price, ``2 (new − old) / (new + old)`` (an arc elasticity; the
      RAND experiment gives about −0.2): copay and coinsurance at the mean price, after any deductible.

    It comes from terms and mean prices in the first performance year and holds in all of them; :meth:`Study.responses`
    prints it.

    Parameters
    ----------
    reference : str
        Name of the arm whose volumes are the baseline's.
    elasticity : float or mapping of str to float, default 0
        Of the provider, of all services or by service, -10 to 10.
    member_elasticity : float or mapping of str to float, default 0
        Of the members, of all services or by service, -10 to 10.
    cap : float, default 1.25
        The largest factor, 1-10; the smallest is 1 / ``cap``.
    pilot_replicates : int, default 200
        Replicates of the pilot run, without responses, that finds the chance of sharing.
    """

    reference: str | None = None
    _: KW_ONLY
    elasticity: Uncertain | Mapping[str, Uncertain] = 0.0
    member_elasticity: Uncertain | Mapping[str, Uncertain] = 0.0
    cap: Uncertain = 1.25
    pilot_replicates: int = 200

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads, before any pilot run."""
        return {
            "reference": None if self.reference is None else str(self.reference),
            "provider": by_name(self.elasticity),
            "member": by_name(self.member_elasticity),
            "cap": number(self.cap),
            "chances": {},
        }

    def pilot(self) -> int:
        """Return the number of replicates of the pilot run, checked."""
        return whole("response.pilot_replicates", self.pilot_replicates, 10, 100_000)
