//! The order of names as a person sorts them: regardless of case, and numbers by their values.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::iter::Peekable;
use std::str::Chars;

/// Compares two names: `IMG_2`, `img_10`, `img_010`. Only equal names are equal.
pub fn natural_order(a: &OsStr, b: &OsStr) -> Ordering {
    let (left, right) = (a.to_string_lossy(), b.to_string_lossy());
    let (mut left, mut right) = (left.chars().peekable(), right.chars().peekable());
    loop {
        let order = match (left.peek().copied(), right.peek().copied()) {
            (None, None) => return a.cmp(b),
            (Some(l), Some(r)) if l.is_ascii_digit() && r.is_ascii_digit() => compare_numbers(&mut left, &mut right),
            (l, r) => {
                left.next();
                right.next();
                l.map(lower).cmp(&r.map(lower))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Takes a number of any length from both and compares them: without its zeros at the front, the longer is larger.
fn compare_numbers<'a>(left: &mut Peekable<Chars<'a>>, right: &mut Peekable<Chars<'a>>) -> Ordering {
    for side in [&mut *left, &mut *right] {
        while side.next_if_eq(&'0').is_some() {}
    }
    let mut by_digits = Ordering::Equal;
    loop {
        let l = left.next_if(char::is_ascii_digit);
        let r = right.next_if(char::is_ascii_digit);
        match (l, r) {
            (None, None) => return by_digits,
            (Some(_), None) => return Ordering::Greater,
            (None, Some(_)) => return Ordering::Less,
            (Some(l), Some(r)) => by_digits = by_digits.then(l.cmp(&r)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_a_person_sorts_them() {
        let sorted = [
            "",
            "1.jpg",
            "2.jpg",
            "010.jpg",
            "10.jpg",
            "9999999999999999999999.jpg",
            "A10.jpg",
            "a10b.jpg",
            "Bild 2.png",
            "bild 10.png",
            "img_2_9.jpg",
            "IMG_2_10.jpg",
            "österreich 2.jpg",
            "Österreich.jpg",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(natural_order(OsStr::new(a), OsStr::new(b)), i.cmp(&j), "{a} and {b}");
            }
        }
    }
}
