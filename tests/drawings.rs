//! Drawings (SVG): what is refused because it would take much more than the file states, and that nothing outside the file
//! is looked at.
#![cfg(feature = "formats")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use lightloom::codec::{CodecError, Limits};
use lightloom::picture::Buffers;

fn drawing(side: u32, content: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'>{content}</svg>")
}

fn nested(begin: &str, content: &str, end: &str, times: usize) -> String {
    [&begin.repeat(times), content, &end.repeat(times)].concat()
}

/// Data of a file for the address of a picture, whose bytes are all written as their numbers.
fn embedded(kind: &str, data: &[u8]) -> String {
    data.iter().fold(format!("data:image/{kind},"), |mut text, byte| {
        let _ = write!(text, "%{byte:02x}");
        text
    })
}

/// The checksum of PNG (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc)))
}

/// A PNG of one chunk with pixels, however many it states.
fn png_of(side: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (kind, content) in [(b"IHDR", &header[..]), (b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"), (b"IEND", b"")] {
        file.extend((content.len() as u32).to_be_bytes());
        let body = [&kind[..], content].concat();
        let sum = crc(&body);
        file.extend(body);
        file.extend(sum.to_be_bytes());
    }
    file
}

/// Drawings of a few kilobytes that would take gigabytes or hours, with what their refusal says.
fn hostile() -> Vec<(&'static str, String, &'static str)> {
    let rect = "<rect width='3000' height='3000'/>";
    let layers = "its layers, filters and pictures would take";
    let time = "would take longer than 120 s";
    let copies = "with all copies";
    let floods: String = (0..200).map(|i| format!("<feFlood result='r{i}'/>")).collect();
    let filtered =
        |content: &str| drawing(3000, &format!("<filter id='f'>{content}</filter><g filter='url(#f)'>{rect}</g>"));
    let chain = |of: fn(usize) -> String| (0..60).map(of).collect::<String>();
    let tens = |first: &str| {
        (0..7).fold(first.to_owned(), |all, i| {
            format!("{all}<g id='u{}'>{}</g>", i + 1, format!("<use href='#u{i}'/>").repeat(10))
        })
    };
    let line = format!("M0 0{}", "L3 4".repeat(5000));
    let inner = drawing(100, &nested("<g opacity='.9'>", "<rect width='9' height='9'/>", "</g>", 700));
    let huge = embedded("png", &png_of(40_000));
    vec![
        ("opacity", drawing(3000, &nested("<g opacity='.9'>", rect, "</g>", 80)), layers),
        (
            "layers beyond the canvas",
            drawing(6000, &nested("<g opacity='.9'>", "<rect x='-9e4' y='-9e4' width='2e5' height='2e5'/>", "</g>", 2)),
            layers,
        ),
        (
            "masks",
            drawing(3000, &format!("<mask id='m'>{rect}</mask>{}", nested("<g mask='url(#m)'>", rect, "</g>", 60))),
            layers,
        ),
        (
            "masks of masks",
            drawing(
                3000,
                &format!(
                    "{}<g mask='url(#m0)'>{rect}</g>",
                    chain(|i| {
                        format!("<mask id='m{i}' mask='url(#m{})'><rect width='3000' height='3000'/></mask>", i + 1)
                    })
                ),
            ),
            layers,
        ),
        (
            "clips of clips",
            drawing(
                3000,
                &format!(
                    "{}<g clip-path='url(#c0)'>{rect}</g>",
                    chain(|i| {
                        format!(
                            "<clipPath id='c{i}' clip-path='url(#c{})'><rect width='3000' height='3000'/></clipPath>",
                            i + 1
                        )
                    })
                ),
            ),
            layers,
        ),
        ("results of a filter", filtered(&floods), layers),
        ("many blurs", filtered(&"<feGaussianBlur stdDeviation='50'/>".repeat(1000)), layers),
        (
            "blurs of blurs",
            drawing(
                900,
                &nested("<g filter='url(#f)'>", rect, "</g>", 40).replace(
                    rect,
                    &format!(
                        "<filter id='f' x='-2' y='-2' width='5' height='5'>{}</filter>{rect}",
                        "<feGaussianBlur stdDeviation='9'/>".repeat(12)
                    ),
                ),
            ),
            layers,
        ),
        ("a large neighbourhood", filtered("<feMorphology operator='dilate' radius='900'/>"), time),
        ("noise", filtered("<feTurbulence baseFrequency='.1' numOctaves='90000'/>"), time),
        (
            "a tile",
            drawing(
                100,
                "<pattern id='p' patternUnits='userSpaceOnUse' width='4e4' height='4e4'><path d='M0 0H9V9'/></pattern><rect width='99' height='99' fill='url(#p)'/>",
            ),
            layers,
        ),
        (
            "tiles in tiles",
            drawing(
                2000,
                &format!(
                    "{}<rect width='2000' height='2000' fill='url(#p0)'/>",
                    chain(|i| {
                        format!(
                            "<pattern id='p{i}' patternUnits='userSpaceOnUse' width='6000' height='6000'><rect width='6000' height='6000' fill='url(#p{})'/></pattern>",
                            i + 1
                        )
                    })
                ),
            ),
            layers,
        ),
        ("a picture", drawing(100, &format!("<image width='9' height='9' href='{huge}'/>")), "40000 × 40000"),
        ("a picture in a filter", filtered(&format!("<feImage href='{huge}'/>")), "40000 × 40000"),
        (
            "a drawing in a drawing",
            drawing(100, &format!("<image width='9' height='9' href='{}'/>", embedded("svg+xml", inner.as_bytes()))),
            "512 elements",
        ),
        (
            "a picture again and again",
            drawing(
                100,
                &tens(&format!("<image id='u0' width='9' height='9' href='{}'/>", embedded("png", &png_of(900)))),
            ),
            copies,
        ),
        ("copies of copies", drawing(100, &tens("<path id='u0' d='M0 0L9 9'/>")), copies),
        ("copies of a long path", drawing(100, &tens(&format!("<path id='u0' d='{line}'/>"))), copies),
        (
            "markers at each point",
            drawing(
                900,
                &format!(
                    "<marker id='m' markerWidth='9' markerHeight='9'>{}</marker><path marker-mid='url(#m)' d='{line}'/>",
                    "<path d='M0 0L9 9L0 5z'/>".repeat(900)
                ),
            ),
            copies,
        ),
        ("groups in groups", drawing(100, &nested("<g opacity='.99'>", rect, "</g>", 1000)), "512 elements"),
        ("large shapes", drawing(9000, &"<rect width='9000' height='9000' opacity='.9'/>".repeat(2000)), time),
    ]
}

#[test]
fn what_would_take_too_much_is_refused_before_it_is_rendered() {
    let limits = Limits::default();
    for (name, file, reason) in hostile() {
        let began = Instant::now();
        match lightloom::codec::header(file.as_bytes(), &limits) {
            Err(CodecError::OverLimit(why)) => assert!(why.contains(reason), "{name}: {why}"),
            other => panic!("{name}: {other:?}"),
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: {:?}", began.elapsed());
    }
}

#[test]
fn entities_and_references_to_themselves_end() {
    let entities: String = (1..9).map(|i| format!("<!ENTITY e{i} '{}'>", format!("&e{};", i - 1).repeat(10))).collect();
    let laughs = format!("<!DOCTYPE svg [<!ENTITY e0 '<g/><g/>'>{entities}]>{}", drawing(9, "&e8;"));
    assert!(matches!(
        lightloom::codec::header(laughs.as_bytes(), &Limits::default()),
        Err(CodecError::Undecodable { .. })
    ));
    let itself = drawing(9, "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/><use href='#b'/></g>");
    let _ = lightloom::codec::header(itself.as_bytes(), &Limits::default());
}

#[test]
fn ordinary_drawings_are_within_the_limits_and_say_what_they_take() {
    let rect = "<rect width='400' height='400'/>";
    let layered = drawing(400, &nested("<g opacity='.9'>", rect, "</g>", 5));
    let (_, header) = lightloom::codec::header(layered.as_bytes(), &Limits::default()).unwrap();
    let layer = 404 * 404 * 4;
    assert!((5 * layer..6 * layer + 20_000).contains(&header.decoder_bytes), "{}", header.decoder_bytes);
    let plain = drawing(400, rect);
    let (_, header) = lightloom::codec::header(plain.as_bytes(), &Limits::default()).unwrap();
    assert!(header.decoder_bytes < 10_000, "{}", header.decoder_bytes);
    // Five layers fit where they and the canvas fit.
    let tight = Limits { decoded_bytes: 6 * layer, ..Limits::default() };
    assert!(lightloom::codec::header(layered.as_bytes(), &tight).is_ok());
    let tighter = Limits { decoded_bytes: 5 * layer, ..Limits::default() };
    assert!(matches!(lightloom::codec::header(layered.as_bytes(), &tighter), Err(CodecError::OverLimit(_))));
}

#[test]
fn as_many_levels_as_are_allowed_fit_the_stack() {
    let deep = drawing(
        20,
        &nested("<g opacity='.999' transform='scale(1)'>", "<rect width='20' height='20' fill='#f00'/>", "</g>", 505),
    );
    let limits = Limits::default();
    let (codec, header) = lightloom::codec::header(deep.as_bytes(), &limits).unwrap();
    let decoded =
        lightloom::codec::decode(codec, deep.as_bytes(), &header, 1, &limits, &mut Buffers::default()).unwrap();
    assert!(decoded.pixels.to_rgba8()[3] > 100);
}

#[test]
fn nothing_outside_the_file_is_looked_at() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/icon.svg");
    assert!(file.exists());
    let path = file.display();
    let ways = [
        format!("<image href='{path}' width='10' height='10'/>"),
        format!("<image href='file://{path}' width='10' height='10'/>"),
        format!("<use href='{path}#a'/>"),
        format!("<style>@import url('{path}'); rect {{ fill: url('{path}#a') }}</style>"),
        format!("<filter id='f'><feImage href='{path}'/></filter><g filter='url(#f)'><path d='M0 0H9V9'/></g>"),
        format!(
            "<image width='10' height='10' href='{}'/>",
            embedded("svg+xml", drawing(10, &format!("<image href='{path}' width='10' height='10'/>")).as_bytes())
        ),
    ];
    let limits = Limits::default();
    for (i, way) in ways.iter().enumerate() {
        let text = drawing(10, way);
        let (codec, header) = lightloom::codec::header(text.as_bytes(), &limits).unwrap();
        let decoded =
            lightloom::codec::decode(codec, text.as_bytes(), &header, 1, &limits, &mut Buffers::default()).unwrap();
        let is_coloured = |pixel: &[u8]| pixel[3] > 0 && pixel[..3] != [0; 3];
        assert!(!decoded.pixels.to_rgba8().chunks_exact(4).any(is_coloured), "{way}");
        if matches!(i, 0 | 1) {
            assert!(header.notes.iter().any(|note| note.contains("is left out")), "{way}: {:?}", header.notes);
        }
    }
    let entity = format!("<!DOCTYPE svg [<!ENTITY x SYSTEM '{path}'>]>{}", drawing(10, "&x;"));
    assert!(matches!(lightloom::codec::header(entity.as_bytes(), &limits), Err(CodecError::Undecodable { .. })));
}
