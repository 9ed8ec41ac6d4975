use super::*;

fn page(html: &str) -> Page {
    parse(html.as_bytes(), None, &Address::parse("https://e.org/trip/index.html").unwrap())
}

fn found(html: &str) -> Vec<(String, Kind)> {
    let short = |address: &Address| address.as_str().replace("https://e.org/trip/", "");
    page(html).pictures.iter().map(|one| (short(&one.address), one.kind)).collect()
}

#[test]
fn each_way_to_show_a_picture_is_found() {
    for (html, expected, kind) in [
        ("<img src=a.jpg>", "a.jpg", Kind::Shown),
        ("<IMG SRC='a.jpg' srcset='b.jpg 100w, c.jpg 900w'>", "c.jpg", Kind::Shown),
        ("<picture><source srcset='b.avif 800w, c.avif 1600w'><img src=a.jpg></picture>", "c.avif", Kind::Shown),
        ("<picture><source srcset='b.webp 2x'></picture>", "b.webp", Kind::Shown),
        ("<img src='data:image/gif;base64,R0lG' data-src=a.jpg>", "a.jpg", Kind::Shown),
        ("<img src=tiny.jpg data-src=a.jpg data-srcset='b.jpg 2x, c.jpg 1x'>", "b.jpg", Kind::Shown),
        ("<img src=blank.gif data-original=a.jpg loading=lazy>", "a.jpg", Kind::Shown),
        ("<noscript><img src=a.jpg></noscript>", "a.jpg", Kind::Shown),
        ("<a href=full.jpg><img src=thumb.jpg></a>", "full.jpg", Kind::Linked),
        ("<a href='full.JPEG?x=1'>the picture</a>", "full.JPEG?x=1", Kind::Linked),
        ("<a href=full.png>never closed", "full.png", Kind::Linked),
        ("<meta property='og:image' content='a.jpg'>", "a.jpg", Kind::Preview),
        ("<meta name=twitter:image content=a.jpg>", "a.jpg", Kind::Preview),
        ("<link rel=image_src href=a.jpg>", "a.jpg", Kind::Preview),
        ("<div style=\"background-image:url('a.jpg')\">", "a.jpg", Kind::Background),
        ("<style>body{background:url(a.jpg)}</style>", "a.jpg", Kind::Background),
        ("<div data-bg='url(a.jpg)'>", "a.jpg", Kind::Background),
        ("<body background=a.jpg>", "a.jpg", Kind::Background),
        ("<video poster=a.jpg>", "a.jpg", Kind::Shown),
        ("<svg><image xlink:href=a.jpg /></svg>", "a.jpg", Kind::Shown),
        ("<img src='a&amp;b.jpg'>", "a&b.jpg", Kind::Shown),
    ] {
        let ends = found(html.replace("never closed", "").as_str());
        let expected = (expected.to_owned(), kind);
        if html.contains("never closed") {
            assert!(ends.is_empty() || ends == [expected], "{html}: {ends:?}");
        } else {
            assert_eq!(ends, [expected], "{html}");
        }
    }
}

#[test]
fn what_is_no_picture_is_left_out() {
    for html in [
        "<a href=page.html>x</a>",
        "<script>document.write('<img src=a.jpg>')</script>",
        "<!-- <img src=a.jpg> -->",
        "<img src='javascript:alert(1)'><img src='file:///etc/passwd'><img src=''><img>",
        "<title><img src=a.jpg></title>",
        "<img src='data:image/png;base64,AA'>",
    ] {
        assert_eq!(found(html), [], "{html}");
    }
}

#[test]
fn addresses_are_relative_to_the_base_and_listed_once() {
    let html = "<base href='/other/'><base href='/third/'><img src=a.jpg><img src='/other/a.jpg#x'><a href=a.jpg>x</a>";
    assert_eq!(found(html), [("https://e.org/other/a.jpg".to_owned(), Kind::Shown)]);
}

#[test]
fn titles_and_texts_are_one_line() {
    let read = page("<title>\n A &amp; B\n</title><title>second</title><img src=a.jpg alt=' a\n hut '>");
    assert_eq!((read.title.as_str(), read.pictures[0].text.as_str()), ("A & B", "a hut"));
    assert_eq!(page("<meta property=og:title content='Trip'>").title, "Trip");
    assert_eq!(page("<p>text").title, "");
}

#[test]
fn pages_are_read_in_their_character_set() {
    let title = |bytes: &[u8], charset| parse(bytes, charset, &Address::parse("https://e.org").unwrap()).title;
    assert_eq!(title("<title>Hütte</title>".as_bytes(), None), "Hütte");
    assert_eq!(title(b"<title>H\xfctte</title>", None), "Hütte");
    assert_eq!(title(b"<title>H\xfctte</title>", Some("iso-8859-1")), "Hütte");
    assert_eq!(title(b"<meta charset=koi8-r><title>\xed\xc9\xd2</title>", None), "Мир");
    let by_content = b"<META http-equiv=Content-Type content='text/html; charset=Shift_JIS'><title>\x8e\x52</title>";
    assert_eq!(title(by_content, None), "山");
    assert_eq!(title(b"\xff\xfe<\0t\0i\0t\0l\0e\0>\0\xfc\0", None), "ü");
}

#[test]
fn any_bytes_are_read_without_harm() {
    let page = "<base href=x><a href=a.jpg><img srcset='a 1w, b 2w' style='background:url(x' data-src=\"&#x110000;\">\
        <noscript><noscript><style>url(</noscript><picture><source srcset=,></picture><title>"
        .as_bytes();
    let address = Address::parse("https://e.org").unwrap();
    for at in 0..page.len() {
        for byte in [0, b'<', b'"', b'>', 0xff] {
            let mut damaged = page.to_vec();
            damaged[at] = byte;
            let _ = parse(&damaged, None, &address);
            let _ = parse(&damaged[..at], Some("utf-16le"), &address);
        }
    }
}

#[test]
fn style_sheets_are_named_once_and_their_backgrounds_found() {
    let html = "<link rel='StyleSheet' href=/a.css><link rel='alternate stylesheet' href=no.css><link rel=icon href=no.ico>\
        <link rel=stylesheet href='data:text/css,a{}'><link rel=stylesheet href=''><link rel=stylesheet href=/a.css>\
        <style>@import 'b.css'; a{background:url(c.jpg)}</style><img src=d.jpg>";
    let mut read = page(html);
    let sheets: Vec<&str> = read.sheets.iter().map(Address::as_str).collect();
    assert_eq!(sheets, ["https://e.org/a.css", "https://e.org/trip/b.css"]);
    let address = Address::parse("https://e.org/styles/a.css").unwrap();
    let sheet =
        parse_sheet("@import '/c.css'; a{background:url(x.jpg),url(../trip/d.jpg),url(data:image/png;x)}", &address);
    assert_eq!(sheet.imports, [Address::parse("https://e.org/c.css").unwrap()]);
    read.add_backgrounds(sheet.pictures);
    let last = &read.pictures[2];
    assert_eq!((read.pictures.len(), last.address.as_str()), (3, "https://e.org/styles/x.jpg"));
    assert_eq!(last.kind, Kind::Background);
}
