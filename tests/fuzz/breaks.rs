//! Breaks: a document or its text made wrong in one place.

use serde_json::{Map, Number, Value, json};

use crate::campaign::Random;

/// Every place of a document, as JSON pointers.
pub fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, here: &str, into: &mut Vec<String>) {
        into.push(here.to_owned());
        let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{here}/{index}"), into);
                }
            }
            Value::Object(fields) => {
                for (key, item) in fields {
                    walk(item, &format!("{here}/{}", escape(key)), into);
                }
            }
            _ => {}
        }
    }
    let mut into = Vec::new();
    walk(value, "", &mut into);
    into
}

const TEXTS: [&str; 18] = [
    "NaN",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "1e999",
    "-0",
    "",
    " ",
    "0x10",
    "1_000",
    "50k",
    "½",
    "\u{0}",
    "\u{202e}1",
    "💸",
    "1e-400",
    "99999999999999999999999999999.999999999",
];

/// A number as far out as JSON can write it, or near an edge that a rule may have.
fn odd_number(random: &mut Random) -> Value {
    let huge = [
        1e308,
        -1e308,
        1e12,
        1.000_000_1e12,
        1e6,
        1e15,
        5e-324,
        1e-7,
        -1e-9,
        1.0,
        1.01,
        100.0,
        50.0,
        130.0,
        -1.0,
    ];
    match random.below(5) {
        0 => json!(u64::MAX),
        1 => json!(i64::MIN),
        2 => json!(random.word()),
        3 => Number::from_f64(f64::from_bits(random.word())).map_or(Value::Null, Value::Number),
        _ => json!(*random.pick(&huge)),
    }
}

/// A value that may be what nobody expects.
fn odd_value(random: &mut Random, document: &Value) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => json!(random.chance(0.5)),
        2 => json!(*random.pick(&TEXTS)),
        3 => json!("x".repeat(1 << random.below(12))),
        4 => nested(random),
        5 => {
            let from = places(document);
            document.pointer(random.pick::<String>(&from)).cloned().unwrap_or(Value::Null)
        }
        _ => odd_number(random),
    }
}

/// An array or object up to a few hundred deep: the reader refuses beyond 128.
fn nested(random: &mut Random) -> Value {
    let deep = random.below(300);
    let in_arrays = random.chance(0.5);
    (0..deep).fold(json!(1), |inside, _| if in_arrays { json!([inside]) } else { json!({"gamma": inside}) })
}

/// Breaks one place of a document.
pub fn break_structure(random: &mut Random, document: &mut Value) {
    let all = places(document);
    let place = random.pick(&all).clone();
    let replacement = odd_value(random, document);
    let found = document.pointer_mut(&place).expect("a place of the document");
    match (random.below(4), &mut *found) {
        (0, Value::Object(fields)) if !fields.is_empty() => break_fields(random, fields, replacement),
        (0 | 1, Value::Array(items)) if !items.is_empty() => {
            let index = random.below(items.len());
            match random.below(4) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                2 => items.insert(index, replacement),
                _ => items.reverse(),
            }
        }
        (2, Value::Number(number)) => {
            let value = number.as_f64().unwrap_or(0.0);
            *found = json!(value * *random.pick(&[-1.0, 0.0, 1e-3, 1e3, 1e6, 1e9]));
        }
        _ => *found = replacement,
    }
}

fn break_fields(random: &mut Random, fields: &mut Map<String, Value>, replacement: Value) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    let key = random.pick(&keys).clone();
    match random.below(4) {
        0 => drop(fields.remove(&key)),
        1 => {
            let value = fields.remove(&key).unwrap_or(Value::Null);
            let other = match random.below(3) {
                0 => random.pick(&keys).clone(),
                1 => key.to_uppercase(),
                _ => format!("{key}{}", random.pick(&TEXTS)),
            };
            fields.insert(other, value);
        }
        2 => drop(fields.insert((*random.pick(&TEXTS)).to_owned(), replacement)),
        _ => drop(fields.insert(key, replacement)),
    }
}

/// Breaks the text itself: bytes flipped, cut, doubled, moved; a key written twice.
pub fn break_bytes(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = *random.pick(b"{}[]\",:0-.eEnt\\u\x00\xff"),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => bytes.truncate(at),
            5 => {
                let words: [&[u8]; 13] = [
                    b"null",
                    b"NaN",
                    b"1e999",
                    b"-",
                    b"[[[[[[[[",
                    b"{\"a\":",
                    b"\\ud800",
                    b"\xed\xa0\x80",
                    b"\xf0\x9f",
                    b"\"seed\": 1, ",
                    b"\"years\": 2, ",
                    b"00",
                    b"1e-999999999",
                ];
                let word = *random.pick(&words);
                bytes.splice(at..at, word.iter().copied());
            }
            _ => bytes[at..end].reverse(),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
