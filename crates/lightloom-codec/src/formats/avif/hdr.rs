//! AVIF files of high dynamic range: the encoder takes all pictures for sRGB, so its coded data are put into a container
//! of their own that states the code points and the brightness, and the stream is made to state them too.

use avif_serialize::{Aviffy, constants};
use heifer_isobmff::HeifFile;

use super::sequence;
use crate::CodecError;
use lightloom_picture::colour::hdr::{HdrTransfer, Mastering, Primaries};
use lightloom_picture::colour::{CodePoints, Hdr};

/// Matrix coefficients of luma and chroma, by their code point: those of BT.2020 go with its primaries, those of BT.601
/// with all others, as in other AVIF files.
pub(super) const fn matrix(hdr: &Hdr) -> u8 {
    if matches!(hdr.primaries, Primaries::Bt2020) { 9 } else { 6 }
}

/// The file of a picture of 10 bits and this size that the encoder wrote, stating what it is.
///
/// # Errors
/// If the encoder wrote something else.
pub(super) fn stated(file: &[u8], hdr: &Hdr, (width, height): (u32, u32)) -> Result<Vec<u8>, CodecError> {
    let written = HeifFile::parse(file)?;
    let mut colour = written.item_data(written.primary_id)?.into_owned();
    let alpha = written.referencing_items(written.primary_id, b"auxl").first().copied();
    let alpha = alpha.map(|item| written.item_data(item)).transpose()?;
    let points = CodePoints {
        primaries: hdr.primaries.code_point(),
        transfer: hdr.transfer.code_point(),
        matrix: matrix(hdr),
        full_range: true,
    };
    if sequence::state(&mut colour, points).is_none() {
        return Err(CodecError::Damaged("its AV1 data do not state their colours".to_owned()));
    }
    let mut container = Aviffy::new();
    container
        .set_color_primaries(match hdr.primaries {
            Primaries::Bt709 => constants::ColorPrimaries::Bt709,
            Primaries::Bt2020 => constants::ColorPrimaries::Bt2020,
            Primaries::DciP3 => constants::ColorPrimaries::DciP3,
            Primaries::DisplayP3 => constants::ColorPrimaries::DisplayP3,
        })
        .set_transfer_characteristics(match hdr.transfer {
            HdrTransfer::Pq => constants::TransferCharacteristics::Smpte2084,
            HdrTransfer::Hlg => constants::TransferCharacteristics::Hlg,
        })
        .set_matrix_coefficients(match points.matrix {
            9 => constants::MatrixCoefficients::Bt2020Ncl,
            _ => constants::MatrixCoefficients::Bt601,
        });
    if let Some(content) = hdr.light.content {
        // Numbers beyond 16 bits become the largest.
        container.set_content_light_level(content.max.round() as u16, content.average.round() as u16);
    }
    if let Some(Mastering { chromaticities, brightest, darkest }) = hdr.light.mastering {
        let [red, green, blue, white] = chromaticities.map(|[x, y]| (x, y));
        container.set_mastering_display([green, blue, red], white, brightest, darkest);
    }
    Ok(container.to_vec(&colour, alpha.as_deref(), width, height, 10))
}

#[cfg(test)]
mod tests {
    use crate::{EncodeOptions, Limits};
    use lightloom_picture::colour::Hdr;
    use lightloom_picture::colour::hdr::{ContentLight, HdrTransfer, Light, Mastering, Primaries};
    use lightloom_picture::{Buffers, Layout, Metadata, Picture, Pixels, Raster};

    #[test]
    fn what_is_stated_is_read_again_and_the_samples_are_there() {
        let mastering = Mastering {
            chromaticities: [[35_400, 14_600], [8500, 39_850], [6550, 2300], [15_635, 16_450]],
            brightest: 10_000_000,
            darkest: 50,
        };
        let light = Light { content: Some(ContentLight { max: 987.0, average: 150.0 }), mastering: Some(mastering) };
        let every = [Primaries::Bt709, Primaries::Bt2020, Primaries::DciP3, Primaries::DisplayP3];
        for (primaries, layout) in every.iter().flat_map(|p| [(*p, Layout::Rgb), (*p, Layout::Rgba)]) {
            for transfer in [HdrTransfer::Pq, HdrTransfer::Hlg] {
                let hdr = Hdr { light, ..Hdr::new(transfer, primaries) };
                let pixel = |i: u16| [i * 1000, 60_000 - i * 900, 20_000, 30_000].into_iter().take(layout.channels());
                let coded = Raster::new(16, 4, layout, (0..64).flat_map(pixel).collect::<Vec<u16>>());
                let exif = lightloom_picture::exif::Exif::default().to_block();
                let metadata = Metadata { hdr: Some(hdr), exif: Some(exif), ..Metadata::default() };
                let picture = Picture { pixels: coded.clone().into(), metadata };
                let options = EncodeOptions::with_quality(100);
                let file = crate::encode(&super::super::CODEC, picture, &options, &mut Buffers::default()).unwrap();
                let limits = Limits::default();
                let (codec, header) = crate::header(&file.bytes, &limits).unwrap();
                assert_eq!(header.metadata.hdr, Some(hdr));
                assert!(header.metadata.exif.is_some());
                let points = {
                    let parsed = heifer_isobmff::HeifFile::parse(&file.bytes).unwrap();
                    super::sequence::code_points(&parsed.item_data(parsed.primary_id).unwrap()).unwrap()
                };
                let stated = (points.primaries, points.transfer, points.matrix, points.full_range);
                assert_eq!(stated, (primaries.code_point(), transfer.code_point(), super::matrix(&hdr), true));
                let decoded = crate::decode(codec, &file.bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
                let mut buffers = Buffers::default();
                let mut work = lightloom_picture::Work { buffers: &mut buffers, stop: &|| false, split: false };
                let Pixels::U16(back) = hdr.encode(decoded.pixels, &mut work).unwrap() else { panic!("depth") };
                let far = coded.samples().iter().zip(back.samples()).map(|(a, b)| a.abs_diff(*b)).max();
                // Two steps of 10 bits in red and blue, whose chroma is rounded.
                assert!(far < Some(160), "{hdr:?}: {far:?}");
            }
        }
    }
}
