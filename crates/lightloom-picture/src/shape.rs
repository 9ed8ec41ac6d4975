//! Everything about pixels but their values: size, channels, type of sample.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which channels a pixel has, in this order. Alpha is straight (not premultiplied).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// One luma channel.
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

impl Layout {
    /// Samples per pixel, alpha included.
    pub const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Samples per pixel without alpha: 1 or 3.
    pub const fn colours(self) -> usize {
        match self {
            Self::Grey | Self::GreyAlpha => 1,
            Self::Rgb | Self::Rgba => 3,
        }
    }

    /// Whether the last channel is alpha.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    /// The layout without alpha.
    pub const fn opaque(self) -> Self {
        match self {
            Self::Grey | Self::GreyAlpha => Self::Grey,
            Self::Rgb | Self::Rgba => Self::Rgb,
        }
    }

    /// The layout without colour; alpha stays.
    pub const fn grey(self) -> Self {
        if self.has_alpha() { Self::GreyAlpha } else { Self::Grey }
    }

    /// The layout with three colours; alpha stays.
    pub const fn coloured(self) -> Self {
        if self.has_alpha() { Self::Rgba } else { Self::Rgb }
    }

    /// The layout with this many channels, if there is one.
    pub const fn from_channels(channels: usize) -> Option<Self> {
        match channels {
            1 => Some(Self::Grey),
            2 => Some(Self::GreyAlpha),
            3 => Some(Self::Rgb),
            4 => Some(Self::Rgba),
            _ => None,
        }
    }
}

/// The type of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Depth {
    /// 8-bit unsigned, 0–255.
    U8,
    /// 16-bit unsigned, 0–65,535.
    U16,
    /// 32-bit float; 0.0 is black and 1.0 is white, values outside are kept.
    F32,
}

impl Depth {
    /// Every depth, smallest first.
    pub const ALL: [Self; 3] = [Self::U8, Self::U16, Self::F32];

    /// Bytes per sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::F32 => 4,
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U8 => "8-bit",
            Self::U16 => "16-bit",
            Self::F32 => "32-bit float",
        })
    }
}

/// Size, layout and depth: everything about pixels but their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shape {
    pub width: u32,
    pub height: u32,
    /// Channels of a pixel.
    pub layout: Layout,
    /// Type of a sample.
    pub depth: Depth,
}

impl Shape {
    /// Bytes of the samples.
    pub const fn bytes(&self) -> u64 {
        self.width as u64 * self.height as u64 * (self.layout.channels() * self.depth.bytes()) as u64
    }

    pub const fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }
}
