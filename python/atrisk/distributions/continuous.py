"""Continuous families: amounts, rates and times."""

from __future__ import annotations

from atrisk.distributions._base import ContinuousDistribution


class Uniform(ContinuousDistribution):
    """Uniform distribution: all values of an interval equally likely.

    Parameters
    ----------
    lower, upper : float
        The ends of the interval.
    mean, cv : float
        Or, by keyword, mean above 0 and coefficient of variation up to 1 / √3, with values from 0 on; a cv of 0 is a
        fixed value.
    """

    def __init__(
        self,
        lower: float | None = None,
        upper: float | None = None,
        *,
        mean: float | None = None,
        cv: float | None = None,
    ) -> None:
        super().__init__(lower=lower, upper=upper, mean=mean, cv=cv)


class Triangular(ContinuousDistribution):
    """Triangular distribution: a density that rises to a mode and falls from it in straight lines.

    Parameters
    ----------
    lower, mode, upper : float
        Smallest, most likely and largest value; the mode may be an end.
    """

    def __init__(self, lower: float, mode: float, upper: float) -> None:
        super().__init__(lower=lower, mode=mode, upper=upper)


class Normal(ContinuousDistribution):
    """Normal distribution. As a price it must be truncated: ``Truncated(Normal(100, 20), lower=0)``.

    Parameters
    ----------
    mean : float
        Mean.
    sd : float
        Standard deviation, 0 or 1e-9 to 1e12; 0 is a fixed value.
    cv : float
        Or, instead of ``sd``, the coefficient of variation of a mean above 0, 0 or 1e-6 to 1,000.
    """

    def __init__(self, mean: float | None = None, sd: float | None = None, *, cv: float | None = None) -> None:
        super().__init__(mean=mean, sd=sd, cv=cv)


class Beta(ContinuousDistribution):
    """Beta distribution between ``lower`` and ``upper``: rates and shares.

    Parameters
    ----------
    alpha, beta : float
        Shapes, 0.01 to 1e9; the mean is ``lower + (upper - lower) × alpha / (alpha + beta)``.
    mean, cv : float
        Or mean and coefficient of variation; the cv has a limit, which the error names; 0 is a fixed
        value.
    lower, upper : float, default 0 and 1
        The ends of the interval.
    """

    WAYS = (("alpha", "beta"), ("mean", "cv"))

    def __init__(  # noqa: PLR0913 - two ways and an interval
        self,
        *unnamed: float,
        alpha: float | None = None,
        beta: float | None = None,
        mean: float | None = None,
        cv: float | None = None,
        lower: float | None = None,
        upper: float | None = None,
    ) -> None:
        super().__init__(*unnamed, alpha=alpha, beta=beta, mean=mean, cv=cv, lower=lower, upper=upper)


class LogNormal(ContinuousDistribution):
    """Log-normal distribution: σ² = ln(1 + cv²), μ = ln(mean) − σ²/2.

    Parameters
    ----------
    mean : float
        Mean, dollars per event, above 0.
    cv : float
        Coefficient of variation (standard deviation / mean), 0 to 1,000; 0 is a fixed value.
    mu, sigma : float
        Or mean and standard deviation of the logarithm, -13 to 27 and 0 to 10.
    """

    WAYS = (("mean", "cv"), ("mu", "sigma"))

    def __init__(
        self,
        *unnamed: float,
        mean: float | None = None,
        cv: float | None = None,
        mu: float | None = None,
        sigma: float | None = None,
    ) -> None:
        super().__init__(*unnamed, mean=mean, cv=cv, mu=mu, sigma=sigma)


class _ShapeAndScale(ContinuousDistribution):
    WAYS = (("mean", "cv"), ("shape", "scale"))

    def __init__(
        self,
        *unnamed: float,
        mean: float | None = None,
        cv: float | None = None,
        shape: float | None = None,
        scale: float | None = None,
    ) -> None:
        super().__init__(*unnamed, mean=mean, cv=cv, shape=shape, scale=scale)


class Gamma(_ShapeAndScale):
    """Gamma distribution: shape = 1 / cv², scale = mean × cv².

    Parameters
    ----------
    mean : float
        Mean, dollars per event, above 0.
    cv : float
        Coefficient of variation (standard deviation / mean), 0 to 20; 0 is a fixed value.
    shape, scale : float
        Or shape (0.0025 to 1e15) and scale; the mean is their product.
    """


class Weibull(_ShapeAndScale):
    """Weibull distribution: P(X > x) = exp(−(x / scale)^shape).

    Parameters
    ----------
    mean, cv : float
        Mean above 0 and coefficient of variation, 0 or 0.002 to 400; 0 is a fixed value.
    shape, scale : float
        Or shape (0.1 to 1,000; 1 is exponential) and scale.
    """


class Pareto(_ShapeAndScale):
    """Pareto distribution of the second kind (Lomax): P(X > x) = (1 + x / scale)^(−shape).

    Parameters
    ----------
    mean, cv : float
        Mean above 0 and coefficient of variation above 1.
    shape, scale : float
        Or shape (0.05 to 1e6) and scale; the mean is finite above shape 1, the variance above shape 2.
    """


class InverseGaussian(ContinuousDistribution):
    """Inverse Gaussian distribution: cv² = mean / shape.

    Parameters
    ----------
    mean : float
        Mean, above 0.
    cv : float
        Coefficient of variation, 0 or 1e-6 to 100; 0 is a fixed value.
    shape : float
        Or, instead of ``cv``, the shape λ.
    """

    WAYS = (("mean", "cv"), ("mean", "shape"))

    def __init__(
        self, *unnamed: float, mean: float | None = None, cv: float | None = None, shape: float | None = None
    ) -> None:
        super().__init__(*unnamed, mean=mean, cv=cv, shape=shape)
