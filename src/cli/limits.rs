//! Which files are refused, from the command line.

use clap::Args;

use crate::codec::Limits;

/// Which files are refused, and how large drawings become.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Largest file that is read [default: 1024]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB")]
    pub max_file: Option<u32>,
    /// Largest width or height [default: 262144]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1 << 24), value_name = "PIXELS")]
    pub max_side: Option<u32>,
    /// Largest picture when decoded [default: 1024]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB")]
    pub max_decoded: Option<u32>,
    /// Most pictures in an animation or in a file of several pages [default: 10000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub max_frames: Option<u32>,
    /// Most scans of a progressive JPEG [default: 200]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub max_scans: Option<u32>,
    /// Longest time that decoding a picture, or all frames of an animation, may take [default: 120]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "SECS")]
    pub max_seconds: Option<u32>,
    /// Longest side of drawings (SVG) [default: the size that each states]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=65_535), value_name = "PIXELS")]
    pub drawing_side: Option<u32>,
}

impl LimitArgs {
    /// Makes them the limits of the program.
    pub fn apply(&self) {
        let usual = Limits::default();
        let mib = |n: u32| u64::from(n) << 20;
        Limits {
            file_bytes: self.max_file.map_or(usual.file_bytes, mib),
            side: self.max_side.unwrap_or(usual.side),
            decoded_bytes: self.max_decoded.map_or(usual.decoded_bytes, mib),
            scans: self.max_scans.map_or(usual.scans, |n| n as usize),
            frames: self.max_frames.unwrap_or(usual.frames),
            seconds: self.max_seconds.unwrap_or(usual.seconds),
            drawing_side: self.drawing_side,
        }
        .set();
    }
}
