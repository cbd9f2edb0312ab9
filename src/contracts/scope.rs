//! The services that a contract applies to, by their names.

use serde::Deserialize;

use super::Book;
use crate::error::{Place, Result};
use crate::ledger::Party;
use crate::utilization::ServiceTerms;

/// Names of services a contract applies to; `None` for its own default.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Refuses an empty scope, unknown services and repeated ones.
    pub fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_field("scope", place, book)
    }

    /// The same, and services that others give are refused too.
    pub fn check_own(&self, field: &str, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_field(field, place, book)?;
        let others = |service: &&ServiceTerms| {
            let outside = service.out_of_network_of.is_some();
            self.contains(service) && service.deliverer != Party::Provider && !outside
        };
        book.services.iter().find(others).map_or(Ok(()), |service| {
            let error = place.error(field, "must name services that the provider delivers");
            let error = error.got(format!("{:?}, delivered by other providers", service.name));
            Err(error.hint("the payer pays others at their price without being told").into())
        })
    }

    /// Refuses a service that is named in another scope too.
    pub fn check_apart(&self, field: &str, place: Place<'_>, (other, named): (&str, &Self)) -> Result<()> {
        self.0.iter().find(|name| named.0.contains(name)).map_or(Ok(()), |name| {
            let rule = format!("must not name a service of {other}");
            Err(place.error(field, rule).got(format!("{name:?}")).into())
        })
    }

    /// The same of a scope that goes by another name.
    pub fn check_field(&self, field: &str, place: Place<'_>, book: &Book) -> Result<()> {
        if self.0.is_empty() {
            return Err(place.error(field, "must name at least one service").got("none").into());
        }
        for (position, name) in self.0.iter().enumerate() {
            if !book.services.iter().any(|service| service.is_called(name)) {
                let known: Vec<_> = book.services.iter().map(|service| service.name.as_str()).collect();
                let error =
                    place.error(field, "must name services of the utilization").got(format!("{name:?}"));
                return Err(error.hint(format!("the services are {}", known.join(", "))).into());
            }
            if self.0[..position].contains(name) {
                return Err(place
                    .error(field, "must name each service once")
                    .got(format!("{name:?} twice"))
                    .into());
            }
        }
        Ok(())
    }

    /// The first of its names that is not among those of another scope.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Option<&str> {
        self.0.iter().find(|name| !other.0.contains(name)).map(String::as_str)
    }

    /// Whether a service is in scope.
    #[must_use]
    pub fn contains(&self, service: &ServiceTerms) -> bool {
        self.0.iter().any(|name| service.is_called(name))
    }

    /// Whether each service of the book is in scope and given by the provider.
    #[must_use]
    pub fn own(&self, book: &Book) -> Vec<bool> {
        let own = |service: &ServiceTerms| service.deliverer == Party::Provider && self.contains(service);
        book.services.iter().map(own).collect()
    }
}
