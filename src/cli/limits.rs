//! Which files are refused, from the command line.

use clap::Args;

use crate::codec::{Limits, SomeLimits};

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
    /// Maximum number of pictures in an animation or a file of several pages [default: 10000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub max_frames: Option<u32>,
    /// Maximum number of scans in a progressive JPEG [default: 200]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub max_scans: Option<u32>,
    /// Longest time that decoding a picture, or all frames of an animation, may take [default: 120]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "SECS")]
    pub max_seconds: Option<u32>,
    /// Longest side of drawings (SVG) [default: the size stated in each file]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=65_535), value_name = "PIXELS")]
    pub drawing_side: Option<u32>,
}

impl LimitArgs {
    /// Those that are given.
    pub fn given(&self) -> SomeLimits {
        let mib = |n: u32| u64::from(n) << 20;
        SomeLimits {
            file_bytes: self.max_file.map(mib),
            side: self.max_side,
            decoded_bytes: self.max_decoded.map(mib),
            scans: self.max_scans.map(|n| n as usize),
            frames: self.max_frames,
            seconds: self.max_seconds,
            drawing_side: self.drawing_side,
        }
    }

    /// The limits of a run: those that are given, and the default where none is.
    pub fn limits(&self) -> Limits {
        self.given().over(&Limits::default())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn limits_are_given_to_the_window_too() {
        let cli = Cli::try_parse_from(["lightloom", "--max-side", "500", "--max-file", "3", "photos"]).unwrap();
        let given = cli.limits.given();
        assert_eq!(given, SomeLimits { side: Some(500), file_bytes: Some(3 << 20), ..SomeLimits::default() });
        assert_eq!(cli.inputs.len(), 1);
        assert_eq!(Cli::try_parse_from(["lightloom"]).unwrap().limits.given(), SomeLimits::default());
        assert!(Cli::try_parse_from(["lightloom", "--max-side", "5", "process", "x", "--out", "y"]).is_err());
    }
}
