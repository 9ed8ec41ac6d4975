//! Writes display profiles of version 4.3 (ICC.1:2010): the same bytes every time, tags on multiples of four.

use moxcms::{ColorProfile, DataColorSpace, ToneReprCurve};

/// A profile of a matrix and curves, or of a grey curve, with a name.
pub(super) fn write(icc: &ColorProfile, title: &str) -> Vec<u8> {
    let grey = icc.color_space == DataColorSpace::Gray;
    let white = super::profile::D50;
    let mut tags: Vec<(&[u8; 4], Vec<u8>)> =
        vec![(b"desc", text(title)), (b"cprt", text("Public Domain")), (b"wtpt", xyz(white))];
    if let Some(chad) = icc.chromatic_adaptation {
        let numbers = chad.v.iter().flatten().flat_map(|v| fixed(*v));
        tags.push((b"chad", b"sf32\0\0\0\0".iter().copied().chain(numbers).collect()));
    }
    if grey {
        tags.extend(icc.gray_trc.as_ref().map(|c| (b"kTRC", curve(c))));
    } else {
        for (name, p) in [(b"rXYZ", icc.red_colorant), (b"gXYZ", icc.green_colorant), (b"bXYZ", icc.blue_colorant)] {
            tags.push((name, xyz([p.x, p.y, p.z])));
        }
        for (name, c) in [(b"rTRC", &icc.red_trc), (b"gTRC", &icc.green_trc), (b"bTRC", &icc.blue_trc)] {
            tags.extend(c.as_ref().map(|c| (name, curve(c))));
        }
    }
    let mut table = Vec::new();
    let mut data: Vec<u8> = Vec::new();
    let first = 128 + 4 + 12 * tags.len();
    let mut seen: Vec<(Vec<u8>, usize)> = Vec::new();
    for (name, body) in tags {
        // Channels with the same curve share it.
        let at = match seen.iter().find(|(other, _)| *other == body) {
            Some((_, at)) => *at,
            None => {
                let at = first + data.len();
                data.extend(&body);
                data.resize(data.len().next_multiple_of(4), 0);
                seen.push((body.clone(), at));
                at
            }
        };
        table.extend(name);
        table.extend((at as u32).to_be_bytes());
        table.extend((body.len() as u32).to_be_bytes());
    }
    let count = table.len() / 12;
    let mut out = vec![0; 128];
    out[..4].copy_from_slice(&((first + data.len()) as u32).to_be_bytes());
    out[8..12].copy_from_slice(&[4, 0x30, 0, 0]);
    out[12..24].copy_from_slice(if grey { b"mntrGRAYXYZ " } else { b"mntrRGB XYZ " });
    // 2025-01-01, so that the same settings give the same bytes.
    out[24..36].copy_from_slice(&[0x07, 0xe9, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    out[36..40].copy_from_slice(b"acsp");
    out[68..80].copy_from_slice(&white.map(fixed).concat());
    out.extend((count as u32).to_be_bytes());
    out.extend(table);
    out.extend(data);
    out
}

/// s15Fixed16Number.
fn fixed(value: f64) -> [u8; 4] {
    ((value * 65_536.0).round() as i32).to_be_bytes()
}

fn xyz(v: [f64; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), v.map(fixed).concat()].concat()
}

fn text(text: &str) -> Vec<u8> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut out = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec();
    out.extend((utf16.len() as u32).to_be_bytes());
    out.extend(28_u32.to_be_bytes());
    out.extend(utf16);
    out
}

fn curve(curve: &ToneReprCurve) -> Vec<u8> {
    match curve {
        // A gamma has more places as a parametric curve than in a table of one.
        ToneReprCurve::Lut(table) if table.len() == 1 => curve_parameters(&[f64::from(table[0]) / 256.0]),
        ToneReprCurve::Lut(table) => {
            let mut out = b"curv\0\0\0\0".to_vec();
            out.extend((table.len() as u32).to_be_bytes());
            out.extend(table.iter().flat_map(|v| v.to_be_bytes()));
            out
        }
        ToneReprCurve::Parametric(values) => {
            curve_parameters(&values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>())
        }
    }
}

fn curve_parameters(values: &[f64]) -> Vec<u8> {
    let kind: u8 = match values.len() {
        1 => 0,
        3 => 1,
        4 => 2,
        5 => 3,
        _ => 4,
    };
    let mut out = b"para\0\0\0\0".to_vec();
    out.extend([0, kind, 0, 0]);
    out.extend(values.iter().flat_map(|v| fixed(*v)));
    out
}
