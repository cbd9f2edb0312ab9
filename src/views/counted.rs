//! What of members' years counts toward layers: summed once, however many layers are cut from it.

use super::in_order::InOrder;
use super::{BenefitView, MemberLayer, grouped};
use crate::money::Amount;
use crate::population::MemberYear;
use crate::utilization::events::BATCH;

/// One value for each member of a batch.
pub(super) type ByMember = [f64; BATCH];

/// Members whose dollars are summed in registers.
const TOGETHER: usize = 8;

/// Layers for which the same dollars of a member's year count.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// Lines that count, with the dollars counted for a drawn one.
    lines: Vec<(usize, f64)>,
    /// What members pay in the order of their claims, where that is taken off; services, with what a dollar takes off.
    benefit: Option<(BenefitView, Vec<(usize, f64)>)>,
    /// How many months of the year count, from its start.
    pub months: usize,
    /// The one that begins lowest first.
    layers: Vec<Indexed>,
}

/// A layer with its index and the lowest attachment of any member.
#[derive(Debug, Clone)]
struct Indexed {
    index: usize,
    lowest: f64,
    layer: MemberLayer,
}

impl Counted {
    /// Layers by what counts toward them.
    pub fn of(layers: &[MemberLayer], first_lines: &[usize]) -> Vec<Self> {
        let groups = grouped(layers, MemberLayer::counts_like).into_iter();
        groups.map(|group| Self::new(group, first_lines)).collect()
    }

    fn new(group: Vec<(usize, MemberLayer)>, first_lines: &[usize]) -> Self {
        let MemberLayer { weights, versions, benefit, values, months, .. } = group[0].1.clone();
        let counts = || (0..weights.len()).filter(|service| weights[*service] != 0.0);
        let indexed = |(index, layer): (usize, MemberLayer)| Indexed { index, lowest: layer.lowest(), layer };
        let mut layers: Vec<Indexed> = group.into_iter().map(indexed).collect();
        layers.sort_by(|one, other| one.lowest.total_cmp(&other.lowest));
        Self {
            lines: counts()
                .map(|service| (first_lines[service] + versions[service], weights[service]))
                .collect(),
            benefit: benefit.map(|view| (view, counts().map(|service| (service, values[service])).collect())),
            months,
            layers,
        }
    }

    /// What counts of each member's year.
    pub fn dollars(&self, member_prices: &[ByMember], in_order: &InOrder) -> ByMember {
        let mut dollars = [0.0; BATCH];
        for (chunk, sums) in dollars.chunks_exact_mut(TOGETHER).enumerate() {
            let mut together = [0.0; TOGETHER];
            for (line, weight) in &self.lines {
                let prices = &member_prices[*line][chunk * TOGETHER..][..TOGETHER];
                together.iter_mut().zip(prices).for_each(|(sum, price)| *sum += weight * price);
            }
            sums.copy_from_slice(&together);
        }
        if let Some((benefit, services)) = &self.benefit {
            for (service, value) in services {
                let shares = in_order.shares(*benefit, *service);
                dollars.iter_mut().zip(shares).for_each(|(sum, share)| *sum -= value * share);
            }
        }
        dollars
    }

    /// Adds what falls in each layer to the sums of all layers; `members` are those from a row on.
    pub fn add(&self, dollars: &ByMember, (first_row, members): (usize, &[MemberYear]), sums: &mut [f64]) {
        let lowest = self.layers[0].lowest;
        // Counted without a way out in the middle, so that several members are looked at together.
        if dollars.iter().map(|loss| u32::from(*loss > lowest)).sum::<u32>() == 0 {
            return;
        }
        for ((place, member), loss) in members.iter().enumerate().zip(dollars) {
            for Indexed { index, layer, .. } in self.layers.iter().take_while(|each| *loss > each.lowest) {
                if layer.whose.includes(member) {
                    sums[*index] += layer.part(*loss, first_row + place);
                }
            }
        }
    }
}

impl MemberLayer {
    /// Whether the same dollars count toward another layer.
    fn counts_like(&self, other: &Self) -> bool {
        let counted = |of: &Self| (of.benefit, of.months);
        counted(self) == counted(other)
            && self.weights == other.weights
            && self.versions == other.versions
            && self.values == other.values
    }

    /// The lowest attachment of any member.
    fn lowest(&self) -> f64 {
        self.lasers.iter().fold(self.attachment, |least, laser| least.least(laser.1))
    }

    /// The part of the year of the member in a row that falls in the layer.
    fn part(&self, loss: f64, row: usize) -> f64 {
        let laser = self.lasers.binary_search_by_key(&row, |laser| laser.0);
        let attachment = laser.map_or(self.attachment, |place| self.lasers[place].1);
        (loss - attachment).most(0.0).least(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Whose;
    use super::*;
    use crate::population::MONTHS;

    fn layer(attachment: f64) -> MemberLayer {
        MemberLayer {
            weights: vec![1.0, 0.5, 0.0],
            versions: vec![0, 1, 0],
            benefit: None,
            values: vec![1.0; 3],
            whose: Whose::ALL,
            attachment,
            limit: 30.0,
            lasers: vec![(BATCH, 25.0)],
            months: MONTHS,
        }
    }

    fn sums(counted: &[Counted], prices: &[ByMember], first_row: usize, members: usize) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for each in counted {
            let dollars = each.dollars(prices, &InOrder::new(0, 3));
            each.add(&dollars, (first_row, &vec![MemberYear::default(); members]), &mut sums);
        }
        sums
    }

    /// A ladder of losses that a person can check by eye: attachments 50, 20 and 40, limit 30; two services count at
    /// their price and at half of it, the third not at all.
    #[test]
    fn layers_on_a_ladder_of_losses() {
        let without = MemberLayer { weights: vec![1.0, 0.5, 0.25], ..layer(40.0) };
        let counted = Counted::of(&[layer(50.0), layer(20.0), without], &[0, 1, 3]);
        assert_eq!(counted.iter().map(|each| each.layers.len()).collect::<Vec<_>>(), [2, 1]);
        let ladder = [
            (0., [0., 0., 0.]),
            (20., [0., 0., 0.]),
            (20.01, [0., 0.01, 0.]),
            (40., [0., 20., 2.]),
            (50., [0., 30., 12.]),
            (60., [10., 30., 22.]),
            (81., [30., 30., 30.]),
        ];
        for (loss, parts) in ladder {
            let prices = [loss - 0.5 * 4.0, 777.0, 4.0, 8.0].map(|price| [price; BATCH]);
            let near = |found: [f64; 3], parts: [f64; 3]| {
                found.iter().zip(parts).all(|(found, part)| (found - part).abs() < 1e-9)
            };
            assert!(near(sums(&counted, &prices, 0, 1), parts), "loss {loss}");
            assert!(
                near(sums(&counted, &prices, 0, 3), parts.map(|part| 3.0 * part)),
                "loss {loss} of three"
            );
        }
    }

    /// The member in the row of a laser attaches elsewhere, also below where the layer begins for the others.
    #[test]
    fn a_laser_moves_the_layer_of_its_member_alone() {
        let counted = Counted::of(&[layer(30.0)], &[0, 1, 3]);
        for (loss, of_laser, of_others) in [(25., 0., 0.), (28., 3., 0.), (31., 6., 1.), (70., 30., 30.)] {
            let prices = [loss, 0.0, 0.0, 0.0].map(|price| [price; BATCH]);
            assert_eq!(sums(&counted, &prices, BATCH, 1)[0], of_laser, "loss {loss}");
            assert_eq!(sums(&counted, &prices, BATCH, 2)[0], of_laser + of_others, "loss {loss}");
            assert_eq!(sums(&counted, &prices, 0, 2)[0], 2.0 * of_others, "loss {loss}");
        }
    }
}
