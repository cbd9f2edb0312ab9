//! What members pay of their claims, in the order of the year: deductible, copay, coinsurance, up to a maximum.

use crate::money::Amount;

/// A plan's rules for one payer's members; dollars of a year, at the arm's prices.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Dollars that a member pays first.
    pub deductible: f64,
    /// The most that a member pays in a year; infinite for none.
    pub maximum: f64,
    /// By service.
    pub services: Vec<Rules>,
}

/// What a plan asks for a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Whether the deductible does not apply.
    pub exempt: bool,
    /// Dollars of an event, after the deductible.
    pub copay: f64,
    /// Share of what is left, 0-1.
    pub coinsurance: f64,
}

/// What a member has paid so far in a year.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    deductible: f64,
    all: f64,
}

impl Plan {
    /// What the member pays of a claim, after what it has paid before.
    pub fn share(&self, service: usize, allowed: f64, spent: &mut Spent) -> f64 {
        let rules = self.services[service];
        let first = if rules.exempt { 0.0 } else { allowed.least(self.deductible - spent.deductible) };
        let rest = allowed - first;
        let copay = rules.copay.least(rest);
        let share = first + copay + rules.coinsurance * (rest - copay);
        let share = share.least(self.maximum - spent.all);
        spent.deductible += first;
        spent.all += share;
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(maximum: f64) -> Plan {
        let visits = Rules { exempt: false, copay: 20.0, coinsurance: 0.25 };
        let checks = Rules { exempt: true, copay: 5.0, coinsurance: 0.0 };
        Plan { deductible: 100.0, maximum, services: vec![visits, checks] }
    }

    /// A year of claims that a person can check by eye: deductible 100, copay 20, a quarter of the rest.
    #[test]
    fn a_ladder_of_claims() {
        let mut spent = Spent::default();
        let claims = [
            (0, 60.0, 60.0),
            (0, 80.0, 40.0 + 20.0 + 5.0),
            (1, 50.0, 5.0),
            (0, 120.0, 45.0),
            (0, 10.0, 10.0),
        ];
        for (service, allowed, share) in claims {
            assert_eq!(plan(f64::INFINITY).share(service, allowed, &mut spent), share, "{allowed}");
        }
        let mut spent = Spent::default();
        let shares = [60.0, 80.0, 120.0, 500.0].map(|allowed| plan(150.0).share(0, allowed, &mut spent));
        assert_eq!(shares, [60.0, 65.0, 25.0, 0.0], "the maximum ends it");
    }
}
