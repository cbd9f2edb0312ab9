//! Settlement operators give the same to the cent in f64 and in decimals, whatever decimal terms and amounts they get.

use atrisk::money::{Amount, Rounding, Term};
use atrisk::terms::{Band, Rung, TableBand, clamp, corridor, gate, in_bands, ladder, layer, share, slope};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;

const ROUNDINGS: [Rounding; 3] = [Rounding::HalfAwayFromZero, Rounding::HalfEven, Rounding::TowardZero];

/// The same cases in every run.
fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: 4_000,
        rng_seed: RngSeed::Fixed(20),
        failure_persistence: None,
        ..Default::default()
    }
}

/// A decimal number: so many units of its last decimal.
fn decimal(units: i64, decimals: u32) -> Term {
    Decimal::new(units, decimals).to_string().parse().unwrap()
}

/// Cents up to so many digits, of any size below.
fn dollars(digits: u32) -> impl Strategy<Value = Term> {
    (0..=digits, -1.0..1.0).prop_map(|(digits, part)| decimal((part * 10_i64.pow(digits) as f64) as i64, 2))
}

fn rate(decimals: u32) -> impl Strategy<Value = Term> {
    (0..=10_i64.pow(decimals)).prop_map(move |units| decimal(units, decimals))
}

/// Values that rise, with so many decimals.
fn rising(n: usize, decimals: u32) -> impl Strategy<Value = Vec<Term>> {
    prop::collection::btree_set(0..2 * 10_i64.pow(decimals), 2..=n)
        .prop_map(move |units| units.into_iter().map(|units| decimal(units, decimals)).collect())
}

fn bands() -> impl Strategy<Value = Vec<Band>> {
    (rising(5, 4), prop::collection::vec(rate(2), 5), any::<bool>()).prop_map(|(ends, shares, open)| {
        let band = |(position, share): (usize, &Term)| Band {
            from: ends[position],
            to: ends.get(position + 1).copied(),
            share: *share,
        };
        let n = if open { ends.len() } else { ends.len() - 1 };
        shares.iter().take(n).enumerate().map(band).collect()
    })
}

fn rungs() -> impl Strategy<Value = Vec<Rung>> {
    (rising(6, 2), prop::collection::vec(rate(3), 6)).prop_map(|(ends, gives)| {
        ends.into_iter().zip(gives).map(|(from, gives)| Rung { from, gives }).collect()
    })
}

/// What one operator gives in both arithmetics.
macro_rules! both {
    (|$A:ident| $result:expr) => {{
        fn float<T>(of: impl Fn() -> T) -> T {
            of()
        }
        (
            float(|| {
                type $A = f64;
                $result
            }),
            float(|| {
                type $A = Decimal;
                $result
            }),
        )
    }};
}

/// Cents of both, as text.
fn cents((float, decimal): (f64, Decimal)) -> (String, String) {
    let text = |value: String| {
        value.trim_start_matches('-').to_owned() + if value.starts_with('-') { "-" } else { "" }
    };
    let zero = |value: String| if value.starts_with("0.00") { "0.00".to_owned() } else { value };
    (zero(text(format!("{:.2}", float.cents()))), zero(text(format!("{:.2}", decimal.cents()))))
}

macro_rules! same_cents {
    (|$A:ident| $result:expr) => {{
        let (float, decimal) = cents(both!(|$A| $result));
        prop_assert_eq!(float, decimal);
    }};
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn shares(amount in dollars(11), part in rate(4), cap in prop::option::of(dollars(11))) {
        same_cents!(|A| share(A::term(&amount), A::term(&part), cap.map(|cap| A::term(&cap))));
    }

    #[test]
    fn layers(amount in dollars(11), attachment in dollars(11), limit in prop::option::of(dollars(11)), part in rate(4)) {
        same_cents!(|A| layer(A::term(&amount), A::term(&attachment), limit.map(|limit| A::term(&limit)))
            .times(A::term(&part)));
    }

    #[test]
    fn corridors(amount in dollars(9), base in dollars(9), bands in bands()) {
        same_cents!(|A| corridor(A::term(&amount), A::term(&base), &bands));
    }

    /// Of a thousand times as much the last digits of f64 are lost, but no cent.
    #[test]
    fn corridors_of_billions(amount in dollars(13), base in dollars(13), bands in bands()) {
        let (float, decimal) = both!(|A| corridor(A::term(&amount), A::term(&base), &bands));
        prop_assert!((float - decimal.to_string().parse::<f64>().unwrap()).abs() < 0.005);
    }

    #[test]
    fn clamps(amount in dollars(13), ends in (dollars(13), dollars(13))) {
        same_cents!(|A| clamp(A::term(&amount), A::term(&ends.0), A::term(&ends.1)));
    }

    /// At a threshold that is a part of a base, one cent below it, and one above.
    #[test]
    fn gates(base in dollars(11), part in rate(4)) {
        let threshold = Decimal::term(&base).times(Decimal::term(&part)).cents();
        for step in [-1, 0, 1] {
            let amount: Term = (threshold + Decimal::new(step, 2)).to_string().parse().unwrap();
            let (float, exact) = both!(|A| gate(A::term(&amount), A::term(&base).times(A::term(&part))));
            prop_assert_eq!(exact, step >= 0 && amount.value() > 0.0);
            prop_assert_eq!(float, exact, "{:?} against {} × {}", amount, base.value(), part.value());
        }
    }

    /// Savings are a difference.
    #[test]
    fn gates_of_differences(benchmark in dollars(11), saved in dollars(11), part in rate(4)) {
        let spending: Term = (Decimal::term(&benchmark) - Decimal::term(&saved)).to_string().parse().unwrap();
        for (threshold, sign) in [(saved, 1), (part, 1), (saved, -1)] {
            let (float, exact) = both!(|A| {
                let savings = A::term(&benchmark) - A::term(&spending);
                gate(if sign > 0 { savings } else { -savings }, A::term(&threshold))
            });
            prop_assert_eq!(float, exact);
        }
    }

    /// At a half, or at a whole, of the last decimal that is kept, or a hair beside it.
    #[test]
    fn roundings(whole in -999_999_999_i64..1_000_000_000, half in any::<bool>(), beside in -1..=1_i64, decimals in 0..4_u32, finer in 1..=6_u32) {
        let one = 10_i64.pow(finer);
        let units = whole * one + if half { one / 2 } else { 0 } + beside;
        let value = decimal(units, decimals + finer);
        for rounding in ROUNDINGS {
            let (float, exact) = both!(|A| A::term(&value).rounded(decimals, rounding));
            let exact: f64 = exact.to_string().parse().unwrap();
            prop_assert_eq!(float, exact, "{} to {} decimals, {:?}", value.value(), decimals, rounding);
        }
    }

    /// Amounts that are already in cents stay as they are, however large.
    #[test]
    fn cents_of_cents(amount in dollars(14)) {
        prop_assert_eq!(f64::term(&amount).cents(), amount.value());
        prop_assert_eq!(Decimal::term(&amount).cents(), Decimal::term(&amount));
    }

    /// A score that is a sum meets the rung it comes to.
    #[test]
    fn ladders(rungs in rungs(), parts in (rate(2), rate(2))) {
        let (float, exact) = both!(|A| ladder(A::term(&parts.0) + A::term(&parts.1), &rungs));
        prop_assert_eq!(float, exact.to_string().parse::<f64>().unwrap());
    }

    #[test]
    fn slopes(rungs in rungs(), parts in (rate(2), rate(2)), amount in dollars(7)) {
        same_cents!(|A| A::term(&amount).times(slope(A::term(&parts.0) + A::term(&parts.1), &rungs)));
    }

    #[test]
    fn tables(rungs in rungs(), parts in (rate(2), rate(2)), amount in dollars(7)) {
        let bands: Vec<TableBand> = rungs.windows(2).map(|pair| TableBand {
            from: pair[0].from,
            to: Some(pair[1].from),
            low: pair[0].gives,
            high: pair[1].gives,
        }).collect();
        same_cents!(|A| A::term(&amount).times(in_bands(A::term(&parts.0) + A::term(&parts.1), &bands)));
    }

    #[test]
    fn whole_numbers(units in -1_000_000_000..1_000_000_000_i64, decimals in 0..7_u32) {
        let value = decimal(units, decimals);
        let (float, exact) = both!(|A| A::term(&value).whole_up());
        prop_assert_eq!(float, exact.to_string().parse::<f64>().unwrap());
    }
}
