"""A small study through an installed wheel: run by every Python and NumPy that the wheel is for, alone in its venv.

Prints one JSON line: who ran it, and a digest of every figure's bytes, which must be the same everywhere.
"""

import hashlib
import json
import platform
import sys
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd

import atrisk as ar

MEMBERS = 200


def study(arms: dict[str, object] | None = None) -> ar.Study:
    """Settle all four contracts on members who differ; no random numbers but the study's own."""
    rows = np.arange(MEMBERS)
    frame = pd.DataFrame(
        {
            "member_id": [f"member {row}" for row in rows],
            "age": 20.0 + rows % 60,
            "sex": np.where(rows % 2 == 0, "female", "male"),
            "risk_score": 0.25 + (rows % 16) / 8,
            "payer": np.where(rows % 3 == 0, "one", "two"),
            "entry_month": 1 + rows % 4,
            "exit_month": 12 - rows % 3,
        }
    )
    care = ar.Utilization(
        services=[
            ar.Service("visits", per_1000=4_000, allowed=ar.LogNormal(mean=120, cv=0.6), own_cost=70, coinsurance=0.1),
            ar.Service("drugs", per_1000=9_000, allowed=ar.Gamma(mean=62, cv=1.1), delivered_by="other_providers"),
            ar.Service("stays", per_1000=90, allowed=ar.LogNormal(mean=14_000, cv=1.4)),
        ],
        frailty_cv=0.9,
        fixed_cost_per_month=1_000,
    )
    savings = ar.SharedSavings(benchmark_pmpm=190, basis="allowed", sharing_rate=0.5, loss_rate=0.4)
    four = {
        "Fees": ar.FeeForService(fee_level=0.95),
        "Capitation": [
            ar.Capitation(pmpm=185),
            ar.StopLoss(attachment_point=20_000, ceded_share=0.9, premium_pmpm=9.5),
        ],
        "ACO": [ar.FeeForService(), savings],
    }
    return ar.Study(ar.Population.from_frame(frame), care, four if arms is None else arms, seed=20_261_122)


def digest() -> str:
    """Hash figures, quantiles, a simulated year and a statement: bytes, not printed digits."""
    found = hashlib.sha256()
    results = study().run(64, threads=2, progress=False)
    for arm in results.arms:
        for figure in [*results.to_pandas().columns[4:], "minimum_cash", "minimum_cash_month"]:
            found.update(results.values(figure, arm).astype("<f8").tobytes())
    probability = (np.arange(1_000) + 0.5) / 1_000
    for price in (ar.LogNormal(mean=14_000, cv=1.4), ar.Gamma(mean=62, cv=1.1)):
        found.update(price.ppf(probability).astype("<f8").tobytes())
    found.update(results.study.claims(replicate=3)["allowed"].to_numpy(np.float64).astype("<f8").tobytes())
    for arm in results.arms:
        statement = results.statement(arm, replicate=3)
        found.update(" ".join(map(str, statement.to_frame()["value"])).encode())
        found.update(" ".join(map(str, statement.ledger()["amount"])).encode())
    return found.hexdigest()


def check_installation() -> None:
    """Refuse a package that lacks its licences, its types, its parts list, or that was not installed from a wheel."""
    package = Path(ar.__file__).parent
    if "site-packages" not in package.parts:
        raise SystemExit(f"this is no installed wheel: {package}")
    names = {str(file) for file in distribution("atrisk").files or ()}
    info = f"atrisk-{ar.__version__}.dist-info"
    wanted = [
        "atrisk/py.typed",
        "atrisk/_core.pyi",
        f"{info}/licenses/LICENSE-MIT",
        f"{info}/licenses/LICENSE-APACHE",
    ]
    missing = [name for name in wanted if name not in names]
    missing += [] if any(name.startswith(f"{info}/sboms/") for name in names) else [f"{info}/sboms/"]
    if missing:
        raise SystemExit(f"the wheel lacks {', '.join(missing)}")
    for name in ("matplotlib", "scipy", "polars", "pyarrow"):
        if name in sys.modules:
            raise SystemExit(f"importing atrisk imports {name}")


def check_errors() -> None:
    """Refuse a build in which mistakes are not named, or escape as panics."""
    try:
        study({"Bad": ar.Capitation(pmpm=-1)})
    except ar.InputError as error:
        if error.path != "Bad[0].pmpm":
            raise SystemExit(f"a mistake is told at {error.path}") from error
    else:
        raise SystemExit("a negative payment is accepted")


if __name__ == "__main__":
    check_installation()
    check_errors()
    versions = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__}
    print(json.dumps(versions | {"machine": platform.machine(), "digest": digest()}))
