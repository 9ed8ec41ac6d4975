//! Colour lookup tables: `.cube` files and HaldCLUT pictures, and how they are interpolated.
//!
//! The text format is that of the Cube LUT specification 1.0 (Adobe 2013): a curve per channel (`LUT_1D_SIZE`), a cube
//! (`LUT_3D_SIZE`), or, as DaVinci Resolve writes them, first the one and then the other. A HaldCLUT is a picture of
//! level³ × level³ pixels that lists a cube of side level², red fastest. Curves are interpolated linearly, cubes
//! tetrahedrally (Sakamoto and Itooka 1981): of the six tetrahedra that share a cell's grey diagonal the one around
//! the colour counts, so greys depend on greys alone.

use multiversion::multiversion;

use lightloom_picture::with_raster;
use lightloom_picture::{Pixels, Sample, nearest_whole};

/// Points along each side of the largest cube, by the specification.
const LARGEST_CUBE: usize = 256;
/// Points of the longest curve, by the specification.
const LONGEST_CURVE: usize = 65_536;

/// A table that maps colours to colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Lut {
    curve: Option<Table>,
    cube: Option<Table>,
}

/// Points between a lowest and a highest input.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    /// Points along each side.
    size: usize,
    /// Red, green, blue and a fourth number as padding for fast loads; red varies fastest.
    points: Vec<[f32; 4]>,
    /// The input that the first point stands for.
    min: [f32; 3],
    /// Steps between points per unit of input.
    steps: [f32; 3],
}

impl Table {
    fn new(size: usize, points: Vec<[f32; 4]>, (min, max): ([f32; 3], [f32; 3])) -> Self {
        Self { size, points, min, steps: [0, 1, 2].map(|c| (size - 1) as f32 / (max[c] - min[c])) }
    }

    /// The cell that a value of channel `c` falls into and the position within it; inputs outside are clamped.
    #[inline(always)]
    fn locate(&self, v: f32, c: usize) -> (u32, f32) {
        // max and then min, so that NaN becomes the first point
        let at = ((v - self.min[c]) * self.steps[c]).max(0.0).min((self.size - 1) as f32);
        let cell = at.floor().min((self.size - 2) as f32);
        (nearest_whole(cell), at - cell)
    }

    /// Replaces the values of channel `c` by those between the points of a curve.
    fn linear(&self, plane: &mut [f32], c: usize) {
        let (mut cells, mut ends) = ([0; BLOCK], [[0.0; BLOCK]; 2]);
        for block in plane.chunks_mut(BLOCK) {
            locate_on_curve(block, &mut cells, self, c);
            let [from, to] = &mut ends;
            for ((cell, from), to) in cells.iter().zip(from).zip(to).take(block.len()) {
                let cell = *cell as usize;
                (*from, *to) = (self.points[cell][c], self.points[cell + 1][c]);
            }
            mix_ends(block, &ends);
        }
    }

    /// Replaces colours by those between the points of a cube.
    fn tetrahedral(&self, [red, green, blue]: [&mut [f32]; 3]) {
        let mut cells = Cells::default();
        let mut found = [[0.0; 4]; BLOCK];
        let planes = red.chunks_mut(BLOCK).zip(green.chunks_mut(BLOCK)).zip(blue.chunks_mut(BLOCK));
        for ((red, green), blue) in planes {
            locate(&mut cells, self, [&*red, &*green, &*blue]);
            weigh(&mut found[..red.len()], &cells, &self.points);
            for (((red, green), blue), found) in red.iter_mut().zip(green).zip(blue).zip(&found) {
                [*red, *green, *blue, _] = *found;
            }
        }
    }
}

/// Colours that are looked up at once.
const BLOCK: usize = 64;

/// Where colours lie in a cube: of the six tetrahedra that share the grey diagonal of a cell, the corners of the one
/// around each colour and the corners' weights.
struct Cells {
    corners: [[u32; BLOCK]; 4],
    weights: [[f32; BLOCK]; 4],
}

impl Default for Cells {
    fn default() -> Self {
        Self { corners: [[0; BLOCK]; 4], weights: [[0.0; BLOCK]; 4] }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn locate(cells: &mut Cells, table: &Table, [red, green, blue]: [&[f32]; 3]) {
    let (green_step, blue_step) = (table.size as u32, (table.size * table.size) as u32);
    let ([c0, c1, c2, c3], [w0, w1, w2, w3]) = (&mut cells.corners, &mut cells.weights);
    let len = BLOCK.min(red.len()).min(green.len()).min(blue.len());
    for i in 0..len {
        let (r, red) = table.locate(red[i], 0);
        let (g, green) = table.locate(green[i], 1);
        let (b, blue) = table.locate(blue[i], 2);
        // from the corner to its opposite, along the axes in descending order of their shares
        let most = red.max(green).max(blue);
        let least = red.min(green).min(blue);
        let middle = red.min(green).max(red.max(green).min(blue));
        let first = if green >= blue { green_step } else { blue_step };
        let first = if red >= green && red >= blue { 1 } else { first };
        let third = if green <= red { green_step } else { 1 };
        let third = if blue <= green && blue <= red { blue_step } else { third };
        let corner = r + g * green_step + b * blue_step;
        let opposite = corner + 1 + green_step + blue_step;
        (c0[i], c1[i], c2[i], c3[i]) = (corner, corner + first, opposite - third, opposite);
        (w0[i], w1[i], w2[i], w3[i]) = (1.0 - most, most - middle, middle - least, least);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn weigh(found: &mut [[f32; 4]], cells: &Cells, points: &[[f32; 4]]) {
    let ([c0, c1, c2, c3], [w0, w1, w2, w3]) = (&cells.corners, &cells.weights);
    for (i, found) in found.iter_mut().enumerate().take(BLOCK) {
        let [a, b, c, d] =
            [points[c0[i] as usize], points[c1[i] as usize], points[c2[i] as usize], points[c3[i] as usize]];
        let (wa, wb, wc, wd) = (w0[i], w1[i], w2[i], w3[i]);
        for k in 0..4 {
            found[k] = wa * a[k] + wb * b[k] + wc * c[k] + wd * d[k];
        }
    }
}

/// Replaces values by their positions within the cells of a curve, and says which cells these are.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn locate_on_curve(values: &mut [f32], cells: &mut [u32; BLOCK], table: &Table, c: usize) {
    values.iter_mut().zip(cells).for_each(|(v, cell)| (*cell, *v) = table.locate(*v, c));
}

/// Replaces positions within cells by the interpolated values of their cells.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn mix_ends(positions: &mut [f32], [from, to]: &[[f32; BLOCK]; 2]) {
    positions.iter_mut().zip(from).zip(to).for_each(|((v, from), to)| *v = from + (to - from) * *v);
}

impl Lut {
    /// Whether it has a curve for each channel.
    pub(crate) const fn has_curve(&self) -> bool {
        self.curve.is_some()
    }

    /// Whether it has a cube.
    pub(crate) const fn has_cube(&self) -> bool {
        self.cube.is_some()
    }

    /// Replaces red, green and blue by the results of the curves, if there are any.
    pub(crate) fn replace_by_curve(&self, planes: [&mut [f32]; 3]) {
        if let Some(curve) = &self.curve {
            planes.into_iter().zip(0..).for_each(|(plane, c)| curve.linear(plane, c));
        }
    }

    /// Replaces red, green and blue by the results of the cube, if there is one.
    pub(crate) fn replace_by_cube(&self, planes: [&mut [f32]; 3]) {
        if let Some(cube) = &self.cube {
            cube.tetrahedral(planes);
        }
    }

    /// The colour that `colour` becomes.
    #[cfg(test)]
    pub(crate) fn at(&self, colour: [f32; 3]) -> [f32; 3] {
        let [mut red, mut green, mut blue] = colour;
        let single = std::slice::from_mut;
        self.replace_by_curve([single(&mut red), single(&mut green), single(&mut blue)]);
        self.replace_by_cube([single(&mut red), single(&mut green), single(&mut blue)]);
        [red, green, blue]
    }

    /// Reads the text of a `.cube` file.
    ///
    /// # Errors
    /// On anything that the specification does not allow, with the number of the line.
    pub fn from_cube(text: &str) -> Result<Self, String> {
        let mut head = Head::default();
        let mut points: Vec<[f32; 4]> = Vec::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = |problem: String| format!("line {}: {problem}", number + 1);
            let starts_number = line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
            if starts_number {
                if points.len() >= head.entries() {
                    return Err(at(match head.entries() {
                        0 => "numbers before LUT_1D_SIZE or LUT_3D_SIZE".to_owned(),
                        n => format!("more than the {n} entries that the size asks for"),
                    }));
                }
                let [r, g, b] = triple(line).map_err(at)?;
                points.push([r, g, b, 0.0]);
            } else {
                head.keyword(line).map_err(at)?;
            }
        }
        if head.entries() == 0 {
            return Err("it has neither LUT_1D_SIZE nor LUT_3D_SIZE".to_owned());
        }
        if points.len() < head.entries() {
            return Err(format!("it ends after {} of {} entries", points.len(), head.entries()));
        }
        let cube = points.split_off(head.curve);
        let (curve_domain, cube_domain) = (head.curve_domain.unwrap_or(head.domain), head.cube_domain);
        // the cube is applied to the results of the curve
        let unit = ([0.0; 3], [1.0; 3]);
        let cube_domain = cube_domain.unwrap_or(if head.curve > 0 { unit } else { head.domain });
        Ok(Self {
            curve: (head.curve > 0).then(|| Table::new(head.curve, points, curve_domain)),
            cube: (head.cube > 0).then(|| Table::new(head.cube, cube, cube_domain)),
        })
    }

    /// Reads a HaldCLUT.
    ///
    /// # Errors
    /// If the picture's sides are not level³ for some level from 2 to 16, or it has no colours.
    pub fn from_hald(pixels: &Pixels) -> Result<Self, String> {
        let shape = pixels.shape();
        let level = (2..=16_u32).find(|level| level.pow(3) == shape.width && shape.width == shape.height);
        let Some(level) = level else {
            return Err(format!(
                "a HaldCLUT is a square picture of 8, 27, 64, 125 … 4096 pixels a side, and this one is {} × {}",
                shape.width, shape.height
            ));
        };
        if shape.layout.colours() == 1 {
            return Err("it is a grey picture and no HaldCLUT".to_owned());
        }
        let channels = shape.layout.channels();
        let points = with_raster!(pixels, r => r
            .samples()
            .chunks_exact(channels)
            .map(|pixel| [pixel[0].to_unit(), pixel[1].to_unit(), pixel[2].to_unit(), 0.0])
            .collect());
        let cube = Table::new((level * level) as usize, points, ([0.0; 3], [1.0; 3]));
        Ok(Self { curve: None, cube: Some(cube) })
    }
}

type Domain = ([f32; 3], [f32; 3]);

/// What the keywords of a `.cube` file say.
struct Head {
    /// Points of the curve, 0 without one.
    curve: usize,
    /// Points along each side of the cube, 0 without one.
    cube: usize,
    domain: Domain,
    curve_domain: Option<Domain>,
    cube_domain: Option<Domain>,
}

impl Default for Head {
    fn default() -> Self {
        Self { curve: 0, cube: 0, domain: ([0.0; 3], [1.0; 3]), curve_domain: None, cube_domain: None }
    }
}

impl Head {
    const fn entries(&self) -> usize {
        self.curve + self.cube * self.cube * self.cube
    }

    fn keyword(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "TITLE" => {}
            "LUT_1D_SIZE" => self.curve = size(rest, LONGEST_CURVE)?,
            "LUT_3D_SIZE" => self.cube = size(rest, LARGEST_CUBE)?,
            "DOMAIN_MIN" => self.domain.0 = triple(rest)?,
            "DOMAIN_MAX" => self.domain.1 = triple(rest)?,
            "LUT_1D_INPUT_RANGE" => self.curve_domain = Some(range(rest)?),
            "LUT_3D_INPUT_RANGE" => self.cube_domain = Some(range(rest)?),
            other => return Err(format!("'{other}' is no keyword of a .cube file")),
        }
        // the two ends may come one after the other, so only an end that is below the other's default counts
        let empty = |(min, max): Domain| (0..3).any(|c| min[c] >= max[c]);
        match word {
            "DOMAIN_MAX" if empty(self.domain) => Err("DOMAIN_MAX is not above DOMAIN_MIN".to_owned()),
            "DOMAIN_MIN" if self.domain.1 != [1.0; 3] && empty(self.domain) => {
                Err("DOMAIN_MIN is not below DOMAIN_MAX".to_owned())
            }
            _ if self.curve_domain.is_some_and(empty) || self.cube_domain.is_some_and(empty) => {
                Err("the range is empty".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn size(text: &str, most: usize) -> Result<usize, String> {
    let size = text.trim().parse().ok().filter(|n| (2..=most).contains(n));
    size.ok_or_else(|| format!("the size '{}' is not a whole number from 2 to {most}", text.trim()))
}

fn triple(text: &str) -> Result<[f32; 3], String> {
    let numbers: Option<Vec<f32>> =
        text.split_whitespace().map(|word| word.parse().ok().filter(|v: &f32| v.is_finite())).collect();
    match numbers.as_deref() {
        Some(&[r, g, b]) => Ok([r, g, b]),
        _ => Err(format!("'{}' is not three numbers", text.trim())),
    }
}

fn range(text: &str) -> Result<Domain, String> {
    let numbers: Vec<f32> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [min, max] if min.is_finite() && max.is_finite() => Ok(([min; 3], [max; 3])),
        _ => Err(format!("'{}' is not two numbers", text.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Layout, Raster};

    /// A cube of side `n` that maps each colour to `f` of it.
    fn cube_text(n: usize, f: impl Fn([f32; 3]) -> [f32; 3]) -> String {
        let mut text = format!("TITLE \"test\"\n# made here\nLUT_3D_SIZE {n}\n");
        for i in 0..n * n * n {
            let [r, g, b] = f([i % n, i / n % n, i / n / n].map(|v| v as f32 / (n - 1) as f32));
            text += &format!("{r} {g} {b}\n");
        }
        text
    }

    fn near(a: [f32; 3], b: [f32; 3]) -> bool {
        (0..3).all(|c| (a[c] - b[c]).abs() < 1e-5)
    }

    #[test]
    fn a_linear_map_is_reproduced_everywhere() {
        let map = |[r, g, b]: [f32; 3]| [0.2 * r + 0.5 * g, 0.9 - b, 0.3 * r + 0.1 * g + 0.6 * b];
        for n in [2, 3, 17] {
            let lut = Lut::from_cube(&cube_text(n, map)).unwrap();
            for i in 0..1000 {
                let colour = [i % 10, i / 10 % 10, i / 100].map(|v| v as f32 / 9.0);
                assert!(near(lut.at(colour), map(colour)), "{n} {colour:?}");
            }
            assert_eq!(lut.at([-5.0, 0.0, 0.0]), lut.at([0.0; 3]));
            assert!(near(lut.at([9.0, f32::INFINITY, 2.0]), map([1.0; 3])));
            assert_eq!(lut.at([f32::NAN, 0.0, 0.0]), lut.at([0.0; 3]));
        }
    }

    #[test]
    fn it_agrees_with_colour_science() {
        // colour.algebra.table_interpolation_tetrahedral (tests/reference/hues_and_tables.py)
        let lut = Lut::from_cube(&cube_text(5, |[r, g, b]| [r * r, g.sqrt() * (1.0 - b), (r + g * b) / 2.0])).unwrap();
        for (colour, expected) in [
            ([0.1, 0.2, 0.3], [0.025, 0.275, 0.081_25]),
            ([0.9, 0.35, 0.6], [0.825, 0.220_711, 0.5625]),
            ([0.62, 0.77, 0.11], [0.4, 0.778_801, 0.353_75]),
            ([0.5, 0.5, 0.99], [0.25, 0.007_071, 0.4975]),
            ([0.33, 0.02, 0.98], [0.1225, 0.0, 0.175]),
            ([0.8, 0.81, 0.05], [0.65, 0.848_179, 0.425]),
        ] {
            assert!(near(lut.at(colour), expected), "{colour:?}: {:?}, not {expected:?}", lut.at(colour));
        }
    }

    #[test]
    fn greys_depend_on_greys_alone() {
        let lut = Lut::from_cube(&cube_text(2, |[r, g, b]| {
            let grey = r == g && g == b;
            if grey { [r, g, b] } else { [9.0; 3] }
        }))
        .unwrap();
        for i in 0..=100 {
            let v = i as f32 / 100.0;
            assert!(near(lut.at([v; 3]), [v; 3]), "{v}");
        }
    }

    #[test]
    fn curves_domains_and_both_in_one_file() {
        let curve = Lut::from_cube("LUT_1D_SIZE 3\n0 0 0\n0.1 0.5 0.9\n1 1 1\n").unwrap();
        assert!(near(curve.at([0.25, 0.5, 0.75]), [0.05, 0.5, 0.95]));
        let domain = Lut::from_cube("LUT_1D_SIZE 2\nDOMAIN_MIN -1 -1 -1\nDOMAIN_MAX 1 3 1\n0 0 0\n1 1 1").unwrap();
        assert!(near(domain.at([0.0, 1.0, -1.0]), [0.5, 0.5, 0.0]));
        let both = "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 2\nLUT_3D_SIZE 2\n0 0 0\n1 1 1\n";
        let identity = cube_text(2, |v| v);
        let body = identity.lines().skip(3).collect::<Vec<_>>().join("\n");
        let both = Lut::from_cube(&format!("{both}{body}")).unwrap();
        assert!(near(both.at([1.0, 2.0, 0.5]), [0.5, 1.0, 0.25]));
    }

    #[test]
    fn broken_files_are_named() {
        let error = |text: &str| Lut::from_cube(text).unwrap_err();
        assert!(error("").contains("LUT_3D_SIZE"));
        assert!(error("0 0 0").starts_with("line 1: numbers before"));
        assert!(error("LUT_3D_SIZE 1").contains("from 2 to 256"));
        assert!(error("LUT_3D_SIZE 300").contains("from 2 to 256"));
        assert!(error("LUT_3D_SIZE 2\n0 0 0").contains("after 1 of 8"));
        assert!(error("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n1 1 1").starts_with("line 4: more than the 2"));
        assert!(error("LUT_1D_SIZE 2\n0 0\n1 1 1").starts_with("line 2: '0 0' is not three"));
        assert!(error("LUT_1D_SIZE 2\n0 0 NaN\n1 1 1").contains("NaN"));
        assert!(error("LUT_1D_SIZE 2\n0 0 1e99\n1 1 1").contains("three numbers"));
        assert!(error("LUT_1D_SIZE 2\nDOMAIN_MAX 0 0 0\n0 0 0\n1 1 1").contains("not above"));
        assert!(error("\u{0}\u{1}PNG").contains("no keyword"));
    }

    #[test]
    fn a_hald_picture_lists_its_cube() {
        let level = 2_usize;
        let n = level * level;
        let samples: Vec<f32> = (0..n * n * n)
            .flat_map(|i| [i % n, i / n % n, i / n / n].map(|v| 1.0 - v as f32 / (n - 1) as f32))
            .collect();
        let hald = Raster::new(8, 8, Layout::Rgb, samples).into();
        let lut = Lut::from_hald(&hald).unwrap();
        assert!(near(lut.at([0.2, 0.5, 0.7]), [0.8, 0.5, 0.3]));
        let wrong = |w: u32, h: u32, layout: Layout| {
            let pixels = Raster::new(w, h, layout, vec![0_u8; (w * h) as usize * layout.channels()]).into();
            Lut::from_hald(&pixels).unwrap_err()
        };
        assert!(wrong(8, 9, Layout::Rgb).contains("8 × 9"));
        assert!(wrong(100, 100, Layout::Rgb).contains("square"));
        assert!(wrong(8, 8, Layout::Grey).contains("grey"));
    }
}
