//! Units of facts and lines: what a number counts, and how a statement prints it.

/// Unit of a fact or of a statement's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Dollars, in whole cents where a statement prints them.
    Dollars,
    /// Dollars with all their decimals, where a rate is not rounded to cents.
    ExactDollars,
    /// Member-months.
    MemberMonths,
    /// A number of members, cases or months.
    Count,
    /// A part, from 0 to 1.
    Rate,
    /// A factor, without a unit.
    Factor,
    /// Points of a score.
    Points,
    /// 1 for yes, 0 for no.
    Flag,
}

impl Unit {
    /// The word used in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dollars => "dollars",
            Self::ExactDollars => "exact_dollars",
            Self::MemberMonths => "member_months",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Factor => "factor",
            Self::Points => "points",
            Self::Flag => "flag",
        }
    }
}
