//! Correlation matrices: their rules, and the root that makes independent normals correlated.

use crate::error::{InputError, Result, show};
use crate::money::Number;

/// What a row of a matrix may miss by rounding.
const ROUNDING: f64 = 1e-12;

/// The lower triangle whose product with its transpose is a correlation matrix, refusing one that is none.
///
/// `what` is in each row and column; faults are told at `path`.
pub fn cholesky(path: &str, what: &str, matrix: &[Vec<Number>], n: usize) -> Result<Vec<Vec<f64>>> {
    check_matrix(path, what, matrix, n)?;
    let mut root: Vec<Vec<f64>> = Vec::with_capacity(n);
    for (row, entries) in matrix.iter().enumerate() {
        let mut line = Vec::with_capacity(row + 1);
        for column in 0..=row {
            let known = (0..column).fold(0.0, |sum, k| {
                let other: &[f64] = if column == row { &line } else { &root[column] };
                sum + line[k] * other[k]
            });
            let left = entries[column].0 - known;
            let pivot = root.get(column).map_or(0.0, |above: &Vec<f64>| above[column]);
            let fits = if column < row { pivot > 0.0 || left.abs() < ROUNDING } else { left > -ROUNDING };
            if !fits {
                return Err(InputError::new(path, "must be positive definite")
                    .got(format!("a matrix in which row {row} contradicts the rows above it"))
                    .hint("nothing can be correlated so; lower the correlations")
                    .into());
            }
            line.push(match (column < row, pivot > 0.0) {
                (true, true) => left / pivot,
                (true, false) => 0.0,
                (false, _) if left < ROUNDING => 0.0,
                (false, _) => left.sqrt(),
            });
        }
        root.push(line);
    }
    Ok(root)
}

fn check_matrix(path: &str, what: &str, matrix: &[Vec<Number>], n: usize) -> Result<()> {
    let refuse = |rule: String, got: String| Err(InputError::new(path, rule).got(got).into());
    if matrix.len() != n || matrix.iter().any(|row| row.len() != n) {
        let columns = matrix.first().map_or(0, Vec::len);
        return refuse(
            format!("must have a row and a column for each {what} ({n})"),
            format!("{} × {columns}", matrix.len()),
        );
    }
    for (i, row) in matrix.iter().enumerate() {
        for (j, Number(value)) in row.iter().enumerate() {
            if i == j && *value != 1.0 {
                return refuse(
                    "must have ones on its diagonal".into(),
                    format!("{} at [{i}][{j}]", show(*value)),
                );
            }
            if !(-1.0..=1.0).contains(value) {
                return refuse(
                    "must have entries between -1 and 1".into(),
                    format!("{} at [{i}][{j}]", show(*value)),
                );
            }
            if *value != matrix[j][i].0 {
                let got =
                    format!("{} at [{i}][{j}] and {} at [{j}][{i}]", show(*value), show(matrix[j][i].0));
                return refuse("must be symmetric".into(), got);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(rows: &[&[f64]]) -> Vec<Vec<Number>> {
        rows.iter().map(|row| row.iter().map(|value| Number(*value)).collect()).collect()
    }

    #[test]
    fn the_root_times_its_transpose_is_the_matrix() {
        let matrix = numbers(&[&[1.0, 0.5, -0.2], &[0.5, 1.0, 0.3], &[-0.2, 0.3, 1.0]]);
        let root = cholesky("x", "shock", &matrix, 3).unwrap();
        for i in 0..3 {
            for j in 0..=i {
                let product: f64 = root[i].iter().zip(&root[j]).map(|(a, b)| a * b).sum();
                assert!((product - matrix[i][j].0).abs() < 1e-15);
            }
        }
        let same = cholesky("x", "shock", &numbers(&[&[1.0, 1.0], &[1.0, 1.0]]), 2).unwrap();
        assert_eq!(same, [vec![1.0], vec![1.0, 0.0]]);
    }

    #[test]
    fn what_is_no_correlation_matrix_is_refused() {
        let text = |rows: &[&[f64]]| cholesky("x", "shock", &numbers(rows), 3).unwrap_err().to_string();
        let contradiction = text(&[&[1.0, 0.9, -0.9], &[0.9, 1.0, 0.9], &[-0.9, 0.9, 1.0]]);
        assert!(contradiction.starts_with("x: must be positive definite, got a matrix in which row 2"));
        assert!(text(&[&[1.0]]).starts_with("x: must have a row and a column for each shock (3), got 1 × 1"));
        let asymmetric = text(&[&[1.0, 0.1, 0.0], &[0.2, 1.0, 0.0], &[0.0, 0.0, 1.0]]);
        assert_eq!(asymmetric, "x: must be symmetric, got 0.1 at [0][1] and 0.2 at [1][0]");
        assert!(text(&[&[1.0, 1.5, 0.0], &[1.5, 1.0, 0.0], &[0.0, 0.0, 1.0]]).contains("between -1 and 1"));
    }
}
