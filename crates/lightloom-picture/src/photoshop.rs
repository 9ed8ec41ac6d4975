//! Photoshop's image resources (Adobe Photoshop File Formats Specification): numbered blocks that JPEG, TIFF, PSD and PNG
//! files hold, IPTC datasets among them.

/// IPTC datasets.
pub const IPTC: u16 = 0x0404;
/// An ICC profile, an Exif block, an XMP packet.
pub const ICC: u16 = 0x040f;
pub const EXIF: u16 = 0x0422;
pub const XMP: u16 = 0x0424;
/// MD5 of the IPTC datasets with which the XMP packet agrees.
const IPTC_DIGEST: u16 = 0x0425;
const RESOLUTION: u16 = 0x03ed;
/// A small copy of the picture: of Photoshop 4 with its colours reversed, and since Photoshop 5.
const THUMBNAILS: [u16; 2] = [0x0409, THUMBNAIL];
const THUMBNAIL: u16 = 0x040c;
const COPYRIGHT_FLAG: u16 = 0x040a;
const URL: u16 = 0x040b;

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resource {
    id: u16,
    /// Rarely there.
    name: Vec<u8>,
    data: Vec<u8>,
}

/// Resources in order. What follows a damaged one is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resources {
    list: Vec<Resource>,
}

impl Resources {
    /// Parses a block.
    pub fn parse(mut block: &[u8]) -> Self {
        let mut list = Vec::new();
        while let Some((resource, rest)) = Self::first(block) {
            list.push(resource);
            block = rest;
        }
        Self { list }
    }

    fn first(block: &[u8]) -> Option<(Resource, &[u8])> {
        let rest = block.strip_prefix(b"8BIM")?;
        let (id, rest) = rest.split_first_chunk::<2>()?;
        // A name with its length in front, filled up to an even number of bytes.
        let name = rest.get(1..1 + usize::from(*rest.first()?))?;
        let rest = rest.get((name.len() + 1).next_multiple_of(2)..)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let data = rest.get(..length)?;
        // The last may lack its filling byte.
        let rest = rest.get(length.checked_next_multiple_of(2)?..).unwrap_or_default();
        Some((Resource { id: u16::from_be_bytes(*id), name: name.to_vec(), data: data.to_vec() }, rest))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes all resources with this number out, in order, but for those that are empty. There should be one at most.
    pub fn take(&mut self, id: u16) -> Vec<Vec<u8>> {
        let taken = self.list.extract_if(.., |resource| resource.id == id);
        taken.map(|resource| resource.data).filter(|data| !data.is_empty()).collect()
    }

    /// Adds a resource in front.
    pub fn put(&mut self, id: u16, data: &[u8]) {
        self.list.insert(0, Resource { id, name: Vec::new(), data: data.to_vec() });
    }

    /// The resolution, horizontal and vertical, in pixels per inch.
    pub fn resolution(&self) -> Option<(f64, f64)> {
        let data = &self.list.iter().find(|resource| resource.id == RESOLUTION)?.data;
        // Fixed-point numbers of 16 and 16 bits, always per inch; units are for display.
        let number = |at: usize| Some(f64::from(u32::from_be_bytes(*data.get(at..)?.first_chunk()?)) / 65_536.0);
        Some((number(0)?, number(8)?))
    }

    /// Drops what the file says elsewhere too, and what describes how it was stored: profile, Exif, XMP and IPTC,
    /// resolution, JPEG quality.
    pub fn retain_own(&mut self) {
        self.list.retain(|resource| !matches!(resource.id, IPTC | ICC | EXIF | 0x0423 | XMP | RESOLUTION | 0x0406));
    }

    /// Whether there is a small copy of the picture.
    pub fn has_thumbnail(&self) -> bool {
        self.list.iter().any(|resource| THUMBNAILS.contains(&resource.id))
    }

    /// Removes the small copy of the picture.
    pub fn remove_thumbnail(&mut self) {
        self.list.retain(|resource| !THUMBNAILS.contains(&resource.id));
    }

    /// Sets the small copy of the picture to a JPEG of this size.
    pub fn set_thumbnail(&mut self, jpeg: &[u8], (width, height): (u32, u32)) {
        const BITS_A_PIXEL: u16 = 24;
        let row_bytes = (width * 3).next_multiple_of(4);
        let numbers = [1, width, height, row_bytes, row_bytes * height, jpeg.len() as u32];
        let mut data: Vec<u8> = numbers.into_iter().flat_map(u32::to_be_bytes).collect();
        data.extend([BITS_A_PIXEL, 1].into_iter().flat_map(u16::to_be_bytes));
        data.extend(jpeg);
        self.remove_thumbnail();
        self.list.push(Resource { id: THUMBNAIL, name: Vec::new(), data });
    }

    /// Drops what has its place in the picture: paths, the name of the clipping path, guides and slices. Returns whether
    /// there were paths.
    pub fn drop_geometry(&mut self) -> bool {
        let is_path = |id: u16| matches!(id, 0x07d0..=0x0bb7);
        let had_paths = self.list.iter().any(|resource| is_path(resource.id));
        self.list.retain(|resource| !is_path(resource.id) && !matches!(resource.id, 0x0408 | 0x041a));
        had_paths
    }

    /// Drops the digest of IPTC datasets, which holds only for those that were there.
    pub fn drop_iptc_digest(&mut self) {
        self.list.retain(|resource| resource.id != IPTC_DIGEST);
    }

    /// Keeps only what cannot say where the picture was taken: the copyright flag and its address. Returns whether anything
    /// else was there.
    pub fn remove_location(&mut self) -> bool {
        let before = self.list.len();
        self.list.retain(|resource| matches!(resource.id, COPYRIGHT_FLAG | URL));
        self.list.len() < before
    }

    /// Serialises the block.
    pub fn to_block(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for Resource { id, name, data } in &self.list {
            out.extend(b"8BIM");
            out.extend(id.to_be_bytes());
            out.push(name.len() as u8);
            out.extend(name);
            out.resize(out.len().next_multiple_of(2), 0);
            out.extend((data.len() as u32).to_be_bytes());
            out.extend(data);
            out.resize(out.len().next_multiple_of(2), 0);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_taken_out_and_the_rest_stays() {
        let block =
            b"8BIM\x03\xed\x03abc\0\0\0\x03xyz\08BIM\x04\x04\0\0\0\0\0\x09datasets!\08BIM\x04\x0a\0\0\0\0\0\x01\x01\0";
        let mut resources = Resources::parse(block);
        assert_eq!(resources.to_block(), block);
        assert_eq!(resources.take(IPTC), [b"datasets!"]);
        assert_eq!(resources.take(IPTC), [[0; 0]; 0]);
        resources.retain_own();
        assert_eq!(resources.to_block(), b"8BIM\x04\x0a\0\0\0\0\0\x01\x01\0");
        resources.put(IPTC, b"new");
        assert_eq!(Resources::parse(&resources.to_block()), resources);
        for cut in 0..block.len() {
            let _ = Resources::parse(&block[..cut]);
        }
        assert!(Resources::parse(b"8BIM\x04\x04\0\0\xff\xff\xff\xff").is_empty());
    }

    #[test]
    fn a_new_thumbnail_takes_the_place_of_any_former_one() {
        let mut resources = Resources::default();
        resources.put(0x0409, b"of Photoshop 4");
        resources.put(COPYRIGHT_FLAG, b"\x01");
        assert!(resources.has_thumbnail());
        resources.set_thumbnail(b"\xff\xd8jpeg", (5, 3));
        let mut read = Resources::parse(&resources.to_block());
        // Format 1 (JPEG), width, height, bytes of a row, of all rows, of the JPEG; bits and planes.
        let head = [1_u32, 5, 3, 16, 48, 6].map(u32::to_be_bytes).concat();
        let data = [&head[..], b"\0\x18\0\x01\xff\xd8jpeg"].concat();
        assert_eq!((read.take(0x0409), read.take(THUMBNAIL)), (vec![], vec![data]));
        assert!(!read.has_thumbnail() && !read.is_empty());
    }

    #[test]
    fn the_resolution_is_per_inch() {
        let block = b"8BIM\x03\xed\0\0\0\0\0\x10\0\xf0\x80\0\0\x02\0\x01\0\x78\0\0\0\x01\0\x01";
        assert_eq!(Resources::parse(block).resolution(), Some((240.5, 120.0)));
    }
}
