//! Control totals: what every account and party must come to, computed from the claims without the ledger,
//! equal to the cent over a thousand random studies; a line paid twice must be noticed.
#![allow(clippy::cast_possible_wrap, reason = "months and members of small panels")]

use atrisk::ledger::{Account, Ledger, Party};
use atrisk::population::Columns;
use atrisk::rng::{Key, Process, Stream, World, open_uniform};
use atrisk::study::{Claim, FIGURES, Run, Study};
use rand::Rng;

const STUDIES: u64 = 1_000;
const WORLD: World = World { draw: 0, replicate: 3 };
const ACCOUNTS: [Account; 10] = [
    Account::CostShare,
    Account::OwnCost,
    Account::FixedCost,
    Account::Claim,
    Account::PurchasedCare,
    Account::Capitation,
    Account::SharedSavings,
    Account::SharedLosses,
    Account::StopLossPremium,
    Account::StopLossRecovery,
];

struct Random(Stream);

impl Random {
    fn uniform(&mut self) -> f64 {
        open_uniform(self.0.next_u64())
    }

    /// A number with two decimals, so that its text is its value.
    fn between(&mut self, low: f64, high: f64) -> f64 {
        ((low + (high - low) * self.uniform()) * 100.0).round() / 100.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }

    fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }
}

struct Service {
    name: String,
    own_cost: f64,
    coinsurance: f64,
    by_provider: bool,
    text: String,
}

#[derive(Default)]
struct Cover {
    attachment: f64,
    ceded: f64,
    limit: f64,
    premium: f64,
}

struct Savings {
    benchmark: f64,
    paid: bool,
    rates: [f64; 4],
    limits: [f64; 2],
    truncation: f64,
}

/// A random arm: what its contracts say, in words of its own.
#[derive(Default)]
struct Arm {
    fee_level: f64,
    paid_by_fee: Vec<usize>,
    capitated: Vec<usize>,
    capitation: Option<f64>,
    cover: Option<Cover>,
    savings: Option<Savings>,
    text: String,
}

struct Model {
    services: Vec<Service>,
    fixed_cost: f64,
    arms: Vec<Arm>,
    study: Study,
}

fn random_service(random: &mut Random, index: usize) -> Service {
    // Names in reverse order of their letters, so that the order of the study is not the order given.
    let name = format!("{} line", (b'z' - index as u8) as char);
    let (own_cost, coinsurance) = (random.between(0.0, 300.0), random.between(0.0, 0.5));
    let by_provider = random.chance(0.5);
    let price = match random.below(3) {
        0 => format!("{}", random.between(1.0, 500.0)),
        1 => format!(r#"{{"log_normal": {{"mean": {}, "cv": 1.4}}}}"#, random.between(10.0, 9_000.0)),
        _ => format!(r#"{{"gamma": {{"mean": {}, "cv": 0.8}}}}"#, random.between(10.0, 900.0)),
    };
    let text = format!(
        r#"{{"name": "{name}", "per_1000": {}, "allowed": {price}, "own_cost": {own_cost}, "coinsurance": {coinsurance},
            "delivered_by": "{}"}}"#,
        random.between(0.0, 6_000.0),
        if by_provider { "provider" } else { "other_providers" }
    );
    Service { name, own_cost, coinsurance, by_provider, text }
}

fn names(services: &[Service], chosen: &[usize]) -> String {
    chosen.iter().map(|i| format!("{:?}", services[*i].name)).collect::<Vec<_>>().join(", ")
}

fn random_arm(random: &mut Random, services: &[Service], number: usize) -> Arm {
    let mut arm = Arm { fee_level: 1.0, ..Arm::default() };
    let mut contracts = Vec::new();
    let all: Vec<usize> = (0..services.len()).collect();
    arm.capitated = all.into_iter().filter(|_| random.chance(0.4)).collect();
    if !arm.capitated.is_empty() {
        let pmpm = random.between(0.0, 600.0);
        arm.capitation = Some(pmpm);
        let scope = names(services, &arm.capitated);
        contracts.push(format!(r#"{{"capitation": {{"pmpm": "{pmpm}", "scope": [{scope}]}}}}"#));
    }
    let free = |i: &usize| services[*i].by_provider && !arm.capitated.contains(i);
    arm.paid_by_fee = (0..services.len()).filter(free).filter(|_| random.chance(0.7)).collect();
    if !arm.paid_by_fee.is_empty() {
        arm.fee_level = random.between(0.0, 2.0);
        let scope = names(services, &arm.paid_by_fee);
        contracts.push(format!(
            r#"{{"fee_for_service": {{"fee_level": {}, "scope": [{scope}]}}}}"#,
            arm.fee_level
        ));
    }
    if random.chance(0.5) || contracts.is_empty() {
        let cover = Cover {
            attachment: random.between(0.0, 9_000.0),
            ceded: random.between(0.0, 1.0),
            limit: if random.chance(0.5) { random.between(0.0, 20_000.0) } else { f64::INFINITY },
            premium: random.between(0.0, 50.0),
        };
        let limit = if cover.limit.is_finite() { cover.limit.to_string() } else { "null".to_owned() };
        contracts.push(format!(
            r#"{{"stop_loss": {{"attachment_point": {}, "ceded_share": {}, "limit": {limit}, "premium_pmpm": {},
                "settle_month": 15}}}}"#,
            cover.attachment, cover.ceded, cover.premium
        ));
        arm.cover = Some(cover);
    }
    if random.chance(0.5) {
        let savings = Savings {
            benchmark: random.between(1.0, 900.0),
            paid: random.chance(0.5),
            rates: [
                random.between(0.0, 1.0),
                random.between(0.0, 1.0),
                random.between(0.0, 0.1),
                random.between(0.0, 0.1),
            ],
            limits: [random.between(0.0, 0.3), random.between(0.0, 0.3)],
            truncation: if random.chance(0.5) { random.between(1.0, 9_000.0) } else { f64::INFINITY },
        };
        let [share, loss, minimum_savings, minimum_loss] = savings.rates;
        let [payment_limit, loss_limit] = savings.limits;
        let truncation = if savings.truncation.is_finite() {
            format!(r#", "truncation": {}, "benchmark_truncated": true"#, savings.truncation)
        } else {
            r#", "benchmark_truncated": false"#.to_owned()
        };
        contracts.push(format!(
            r#"{{"shared_savings": {{"benchmark_pmpm": {}, "basis": "{}", "sharing_rate": {share}, "loss_rate": {loss},
                "minimum_savings_rate": {minimum_savings}, "minimum_loss_rate": {minimum_loss},
                "payment_limit_rate": {payment_limit}, "loss_limit_rate": {loss_limit}, "settle_month": 21{truncation}}}}}"#,
            savings.benchmark,
            if savings.paid { "paid" } else { "allowed" }
        ));
        arm.savings = Some(savings);
    }
    arm.text = format!(r#"{{"name": "arm {number}", "contracts": [{}]}}"#, contracts.join(", "));
    arm
}

fn random_model(number: u64) -> Model {
    let mut random = Random(Key::new(11, Process::Service, 1, 0).at(WORLD, number).stream());
    let count = 1 + random.below(5);
    let services: Vec<Service> = (0..count).map(|index| random_service(&mut random, index)).collect();
    let arms: Vec<Arm> =
        (0..=random.below(3)).map(|number| random_arm(&mut random, &services, number)).collect();
    let fixed_cost = random.between(0.0, 5_000.0);
    let members = 1 + random.below(40);
    let entry: Vec<i64> = (0..members).map(|_| 1 + random.below(12) as i64).collect();
    let columns = Columns {
        member: (0..members as u64).collect(),
        age: vec![40.0; members],
        risk_score: (0..members).map(|_| random.between(0.0, 4.0)).collect(),
        exit_month: entry.iter().map(|entry| entry + random.below(13 - *entry as usize) as i64).collect(),
        entry_month: entry,
        payer: (0..members as i64).map(|member| member % 2).collect(),
        payers: vec!["one".to_owned(), "two".to_owned()],
        ..Columns::default()
    };
    let spec = format!(
        r#"{{"seed": {number}, "years": 1, "utilization": {{"services": [{}], "frailty_cv": {}, "fixed_cost_per_month": {fixed_cost}}},
            "arms": [{}]}}"#,
        services.iter().map(|service| service.text.as_str()).collect::<Vec<_>>().join(", "),
        if random.chance(0.7) { "1.1" } else { "0" },
        arms.iter().map(|arm| arm.text.as_str()).collect::<Vec<_>>().join(", ")
    );
    let study = Study::new(&spec, columns).unwrap_or_else(|error| panic!("{error}\n{spec}"));
    Model { services, fixed_cost, arms, study }
}

impl Model {
    fn service_of(&self, claim: &Claim) -> usize {
        let name = self.study.services()[claim.service];
        self.services.iter().position(|service| service.name == name).expect("a service of the model")
    }

    fn member_months(&self) -> f64 {
        self.study.population().members().iter().map(|member| f64::from(member.in_year(1).months)).sum()
    }

    /// Dollars of each member that `worth` counts.
    fn by_member(&self, claims: &[Claim], worth: impl Fn(usize, f64) -> f64) -> Vec<f64> {
        let mut dollars = vec![0.0; self.study.population().members().len()];
        for claim in claims {
            dollars[claim.member] += worth(self.service_of(claim), claim.price);
        }
        dollars
    }

    /// What each account must come to, in the order of [`ACCOUNTS`].
    fn control_totals(&self, arm: &Arm, claims: &[Claim]) -> [f64; ACCOUNTS.len()] {
        let fee = |s: usize| if arm.paid_by_fee.contains(&s) { arm.fee_level } else { 1.0 };
        let paid = |s: usize, price: f64| fee(s) * price * (1.0 - self.services[s].coinsurance);
        let sum = |count: &dyn Fn(usize) -> bool, worth: &dyn Fn(usize, f64) -> f64| {
            claims
                .iter()
                .map(|c| (self.service_of(c), c.price))
                .filter(|(s, _)| count(*s))
                .map(|(s, p)| worth(s, p))
                .sum()
        };
        let capitated = |s: usize| arm.capitated.contains(&s);
        let (earned, owed) = arm.savings.as_ref().map_or((0.0, 0.0), |terms| {
            let worth = |s: usize, price: f64| if terms.paid { paid(s, price) } else { fee(s) * price };
            let spending = self.by_member(claims, worth).iter().map(|year| year.min(terms.truncation)).sum();
            settle(terms, terms.benchmark * self.member_months(), spending)
        });
        let recovery = arm.cover.as_ref().map_or(0.0, |cover| {
            let covered = |s: usize| arm.capitation.is_none() || capitated(s);
            let years = self.by_member(claims, |s, price| if covered(s) { paid(s, price) } else { 0.0 });
            cover.ceded
                * years.iter().map(|year| (year - cover.attachment).clamp(0.0, cover.limit)).sum::<f64>()
        });
        let premium = arm.cover.as_ref().map_or(0.0, |cover| cover.premium * self.member_months());
        [
            sum(&|_| true, &|s, price| fee(s) * price * self.services[s].coinsurance),
            sum(&|_| true, &|s, _| self.services[s].own_cost),
            12.0 * self.fixed_cost,
            sum(&|s| !capitated(s), &paid),
            sum(&|s| capitated(s) && !self.services[s].by_provider, &paid),
            arm.capitation.unwrap_or(0.0) * self.member_months(),
            earned,
            owed,
            premium,
            recovery,
        ]
    }

    /// What the provider must be left with: its receipts less its payments, line by line.
    fn provider_net(&self, arm: &Arm, claims: &[Claim], totals: &[f64; ACCOUNTS.len()]) -> f64 {
        let own = |s: usize| self.services[s].by_provider;
        let mut net = -12.0 * self.fixed_cost;
        for (s, price) in claims.iter().map(|c| (self.service_of(c), c.price)).filter(|(s, _)| own(*s)) {
            let fee = if arm.paid_by_fee.contains(&s) { arm.fee_level } else { 1.0 };
            let share = self.services[s].coinsurance;
            net += fee * price * if arm.capitated.contains(&s) { share } else { 1.0 }
                - self.services[s].own_cost;
        }
        let [_, _, _, _, purchased, capitation, earned, owed, premium, recovery] = totals;
        net - purchased + capitation + earned - owed - premium + recovery
    }
}

fn settle(terms: &Savings, benchmark: f64, spending: f64) -> (f64, f64) {
    let [share, loss, minimum_savings, minimum_loss] = terms.rates;
    let savings = benchmark - spending;
    if savings > 0.0 && savings >= minimum_savings * benchmark {
        ((share * savings).min(terms.limits[0] * benchmark), 0.0)
    } else if savings < 0.0 && -savings >= minimum_loss * benchmark {
        (0.0, (loss * -savings).min(terms.limits[1] * benchmark))
    } else {
        (0.0, 0.0)
    }
}

/// The accounts of a ledger that differ from their control totals by half a cent or more.
fn differences(ledger: &Ledger<f64>, totals: &[f64; ACCOUNTS.len()]) -> Vec<String> {
    let of = |account| {
        ledger.transfers().iter().filter(move |t| t.account == account).map(|t| t.amount).sum::<f64>()
    };
    let pairs = ACCOUNTS.iter().zip(totals).map(|(account, total)| (account.name(), of(*account), *total));
    pairs
        .filter(|(_, posted, total)| (posted - total).abs() >= 0.005)
        .map(|(name, posted, total)| format!("{name}: ledger {posted}, control {total}"))
        .collect()
}

#[test]
fn every_account_and_party_comes_to_its_control_total() {
    let (mut arms, mut with_money) = (0, [0_u32; ACCOUNTS.len()]);
    for number in 0..STUDIES {
        let model = random_model(number);
        let claims = model.study.claims(WORLD, None, false, || false).unwrap();
        let facts = model.study.facts(WORLD);
        let run = Run {
            first: WORLD.replicate,
            replicates: 1,
            threads: 1,
            by_month: true,
            inner: None,
            values: Vec::new(),
        };
        let rows = model.study.run(&run, || Ok(())).expect("nobody stops it");
        for (index, arm) in model.arms.iter().enumerate() {
            let totals = model.control_totals(arm, &claims);
            let mut ledger = Ledger::default();
            model.study.arm(index).expect("an arm of the study").settle(&facts, &mut ledger);
            let found = differences(&ledger, &totals);
            assert!(found.is_empty(), "study {number}, {}: {found:?}", arm.text);
            let figure = |name| {
                rows[index * FIGURES.len() + FIGURES.iter().position(|f| *f == name).expect("a figure")]
            };
            let net = model.provider_net(arm, &claims, &totals);
            assert!((figure("provider_net") - net).abs() < 0.005, "study {number}, {}", arm.text);
            let [cost_share, _, _, claim, _, capitation, earned, owed, ..] = totals;
            assert!((figure("payer_spend") - (claim + capitation + earned - owed)).abs() < 0.005);
            assert!((figure("member_cost_share") - cost_share).abs() < 0.005);
            let parties = [
                Party::Payer,
                Party::Provider,
                Party::OtherProviders,
                Party::Member,
                Party::Reinsurer,
                Party::Suppliers,
                Party::Lender,
            ];
            let all: f64 = parties.iter().map(|party| ledger.net(*party, |_| true)).sum();
            assert!(all.abs() < 0.005, "money is neither made nor lost");
            arms += 1;
            for (count, total) in with_money.iter_mut().zip(totals) {
                *count += u32::from(total > 0.0);
            }
        }
    }
    println!("{STUDIES} studies, {arms} arms; arms with money in each account: {with_money:?}");
    assert!(with_money.iter().all(|count| *count > 100), "every account must be exercised: {with_money:?}");
}

#[test]
fn a_line_paid_twice_is_noticed() {
    let noticed = (0..20).filter(|number| {
        let model = random_model(*number);
        let totals =
            model.control_totals(&model.arms[0], &model.study.claims(WORLD, None, false, || false).unwrap());
        let (facts, mut ledger) = (model.study.facts(WORLD), Ledger::default());
        model.study.arm(0).expect("an arm").settle(&facts, &mut ledger);
        assert!(differences(&ledger, &totals).is_empty());
        let Some(line) = ledger.transfers().last().copied() else { return false };
        let flow = atrisk::ledger::Flow(line.from, line.to, line.account);
        ledger.settle(flow, line.payer, (line.incurred, line.cash), line.amount);
        let found = differences(&ledger, &totals);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(line.account.name()));
        true
    });
    assert_eq!(noticed.count(), 20);
}
