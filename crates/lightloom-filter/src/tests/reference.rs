//! Filters against what independent implementations make of the same picture: `tests/reference/filters.py` says which
//! and writes `filters.txt`.

use crate::testing::{bytes, grey8, psnr, run};

fn picture(line: &str) -> Vec<u8> {
    let digits = line.as_bytes().as_chunks::<2>().0;
    digits.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn independent_implementations_agree() {
    let mut lines = include_str!("../../tests/reference/filters.txt").lines();
    let width = lines.next().unwrap().split(' ').nth(1).unwrap().parse::<usize>().unwrap();
    let source = picture(lines.next().unwrap());
    let height = source.len() / width;
    let mut failures = Vec::new();
    let mut cases = 0;
    while let Some(name) = lines.next() {
        let expected = picture(lines.next().unwrap());
        let [id, params, margin, least] = name.split(' ').collect::<Vec<_>>()[..] else { panic!("{name}") };
        let params: Vec<_> = params.split(',').map(|pair| pair.split_once('=').unwrap()).collect();
        let result = run(id, &params, grey8(width as u32, &source));
        let margin: usize = margin.parse().unwrap();
        let inside = |samples: &[u8]| -> Vec<f32> {
            let rows = samples.chunks(width).take(height - margin).skip(margin);
            rows.flat_map(|row| row[margin..width - margin].iter().map(|v| f32::from(*v) / 255.0)).collect()
        };
        let quality = psnr(&inside(bytes(&result)), &inside(&expected));
        println!("{name}: {quality:.1} dB");
        if quality < least.parse().unwrap() {
            failures.push(format!("{name}: {quality:.1} dB"));
        }
        cases += 1;
    }
    assert!(cases >= 18 && failures.is_empty(), "{failures:#?}");
}
