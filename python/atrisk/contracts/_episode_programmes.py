"""Episode bundles of Medicare's programmes: TEAM, CJR and BPCI Advanced, by their years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


class EpisodeProgrammes:
    """Base of episode bundles: their terms in programmes, none of which has a target price."""

    @classmethod
    def team(
        cls,
        *,
        track: int,
        year: int,
        category: str | Sequence[str],
        hospital: str = "any",
        discounted: bool = True,
        **terms: Any,  # noqa: ANN401 - terms
    ) -> Self:
        """Return a track of the Transforming Episode Accountability Model (42 CFR part 512, subpart E) in a year.

        Parameters
        ----------
        track : {1, 2, 3}
            Track, where it is open in that year to that ``hospital``.
        year : int
            Performance year, 2026-2030.
        category : str or sequence of str
            ``lejr``, ``shfft``, ``cabg``, ``spinal_fusion``, ``major_bowel``: all categories of a hospital are settled
            together.
        hospital : str, default "any"
            ``safety_net``, ``rural``, ``medicare_dependent``, ``sole_community`` or ``essential_access``, to which more
            tracks are open.
        discounted : bool, default True
            Whether target prices are those that CMS sends, which have the discount of their category already; False
            takes it off.
        **terms
            Any other term: ``target_price`` above all, of which there is none in the table, and ``truncate_at``.

        Raises
        ------
        InputError
            Where the track is not open, naming those that are, or there is no such year or category.
        """
        from atrisk.episodes import _programmes  # noqa: PLC0415 - keeps the import of atrisk quick

        return cls(**(_programmes.team(track, year, category, hospital, discounted) | terms))

    @classmethod
    def cjr(cls, performance_year: int, *, rural: bool = False, **terms: Any) -> Self:  # noqa: ANN401 - terms
        """Return the terms of Comprehensive Care for Joint Replacement (42 CFR part 510) in a performance year.

        Parameters
        ----------
        performance_year : int
            1-8: 2016 to 2024, the fifth and the sixth longer than a year.
        rural : bool, default False
            Whether the hospital is rural, sole community, Medicare-dependent or a rural referral center, whose losses
            are limited sooner.
        **terms
            Any other term: ``target_price`` above all, dollars before the discount, which depends on the composite
            score (0-20 points).
        """
        from atrisk.episodes import _programmes  # noqa: PLC0415 - keeps the import of atrisk quick

        return cls(**(_programmes.cjr(performance_year, rural) | terms))

    @classmethod
    def bpci_advanced(
        cls,
        model_year: int,
        *,
        surgical: bool,
        **terms: Any,  # noqa: ANN401 - terms
    ) -> Self:
        """Return the terms of Bundled Payments for Care Improvement Advanced in a model year.

        Parameters
        ----------
        model_year : int
            1-8: 2018 to 2025.
        surgical : bool
            Whether the episodes are surgical or medical, which have a discount each.
        **terms
            Any other term: ``target_price`` above all, dollars before the discount (the benchmark price);
            ``truncate_at`` and ``raise_to``, the 99th and the 1st percentile of its cell.
        """
        from atrisk.episodes import _programmes  # noqa: PLC0415 - keeps the import of atrisk quick

        return cls(**(_programmes.bpci_advanced(model_year, surgical) | terms))
