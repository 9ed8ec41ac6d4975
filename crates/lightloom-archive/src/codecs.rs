//! Compression that members of zips and 7z have, by the numbers of either.

use std::io::{self, BufRead, Read};

use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Lzma2Reader, LzmaReader, XzReader, lzma_get_memory_usage_by_props};
use ppmd_rust::{Ppmd7Decoder, Ppmd8Decoder};
use sevenz_rust2::EncoderMethod;

use super::damaged;
use super::unpack::ZstdFrames;

/// Memory that a decoder may ask for, in KiB.
pub(super) const MEMORY_KIB: u32 = 256 << 10;

/// How something is compressed, or filtered before it was compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Codec {
    Stored,
    Deflate,
    Deflate64,
    Bzip2,
    Zstd,
    Xz,
    /// With the properties before the data.
    LzmaOfZip,
    Lzma {
        properties: u8,
        dictionary: u32,
    },
    Lzma2 {
        dictionary: u32,
    },
    /// PPMd, variant I, with its parameters before the data.
    PpmdOfZip,
    /// PPMd, variant H.
    Ppmd {
        order: u32,
        memory: u32,
    },
    Delta {
        distance: usize,
    },
    Bcj(Machine),
}

/// For whose programs addresses are made absolute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    X86,
    Arm,
    ArmThumb,
    Arm64,
    PowerPc,
    Sparc,
    Ia64,
    RiscV,
}

/// What a number of zip stands for.
///
/// # Errors
/// The name of a method that is not read.
pub(super) fn of_zip(number: u16) -> Result<Codec, &'static str> {
    Ok(match number {
        0 => Codec::Stored,
        8 => Codec::Deflate,
        9 => Codec::Deflate64,
        12 => Codec::Bzip2,
        14 => Codec::LzmaOfZip,
        20 | 93 => Codec::Zstd,
        95 => Codec::Xz,
        98 => Codec::PpmdOfZip,
        1..=6 => return Err("an old method of PKZIP"),
        _ => return Err("an unknown method"),
    })
}

/// What an identifier of 7z stands for, with the properties of this use.
///
/// # Errors
/// The name of a method that is not read.
pub(super) fn of_seven(id: &[u8], properties: &[u8]) -> Result<Codec, &'static str> {
    let u32_at = |at: usize| {
        let four = properties.get(at..at + 4).and_then(|four| four.try_into().ok());
        four.map(u32::from_le_bytes).ok_or("a method with damaged parameters")
    };
    let byte = || properties.first().copied().ok_or("a method with damaged parameters");
    Ok(match id {
        EncoderMethod::ID_COPY => Codec::Stored,
        EncoderMethod::ID_LZMA => Codec::Lzma { properties: byte()?, dictionary: u32_at(1)? },
        EncoderMethod::ID_LZMA2 => Codec::Lzma2 { dictionary: dictionary_of(byte()?)? },
        EncoderMethod::ID_PPMD => Codec::Ppmd { order: byte()?.into(), memory: u32_at(1)? },
        EncoderMethod::ID_BZIP2 => Codec::Bzip2,
        EncoderMethod::ID_DEFLATE => Codec::Deflate,
        EncoderMethod::ID_DEFLATE64 => Codec::Deflate64,
        EncoderMethod::ID_ZSTD => Codec::Zstd,
        EncoderMethod::ID_DELTA => Codec::Delta { distance: usize::from(byte()?) + 1 },
        EncoderMethod::ID_BCJ_X86 => Codec::Bcj(Machine::X86),
        EncoderMethod::ID_BCJ_ARM => Codec::Bcj(Machine::Arm),
        EncoderMethod::ID_BCJ_ARM_THUMB => Codec::Bcj(Machine::ArmThumb),
        EncoderMethod::ID_BCJ_ARM64 => Codec::Bcj(Machine::Arm64),
        EncoderMethod::ID_BCJ_PPC => Codec::Bcj(Machine::PowerPc),
        EncoderMethod::ID_BCJ_SPARC => Codec::Bcj(Machine::Sparc),
        EncoderMethod::ID_BCJ_IA64 => Codec::Bcj(Machine::Ia64),
        EncoderMethod::ID_BCJ_RISCV => Codec::Bcj(Machine::RiscV),
        EncoderMethod::ID_BROTLI => return Err("Brotli"),
        EncoderMethod::ID_LZ4 => return Err("LZ4"),
        EncoderMethod::ID_LZS => return Err("LZ5"),
        EncoderMethod::ID_LIZARD => return Err("Lizard"),
        _ => return Err("an unknown method"),
    })
}

/// The size of a dictionary of LZMA2: a power of two, or one and a half of it.
fn dictionary_of(bits: u8) -> Result<u32, &'static str> {
    match bits {
        0..40 => Ok((2 | u32::from(bits & 1)) << (bits / 2 + 11)),
        40 => Ok(u32::MAX),
        _ => Err("a method with damaged parameters"),
    }
}

impl Codec {
    /// What `packed` unpacks to, of which `length` bytes are wanted.
    pub fn unpacked<'a>(
        &self,
        mut packed: impl BufRead + Send + 'a,
        length: u64,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match *self {
            Self::Stored => Box::new(packed),
            Self::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            Self::Deflate64 => Box::new(deflate64::Deflate64Decoder::with_buffer(packed)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
            Self::Zstd => Box::new(ZstdFrames::new(packed)?),
            Self::Xz => Box::new(XzReader::new_mem_limit(packed, true, MEMORY_KIB)),
            Self::LzmaOfZip => {
                // The version of the program that wrote it, and the length of the properties.
                let mut head = [0; 9];
                packed.read_exact(&mut head)?;
                if head[2..4] != [5, 0] {
                    return Err(damaged("a file has no parameters of LZMA"));
                }
                lzma(packed, length, head[4], u32::from_le_bytes([head[5], head[6], head[7], head[8]]))?
            }
            Self::Lzma { properties, dictionary } => lzma(packed, length, properties, dictionary)?,
            Self::Lzma2 { dictionary } => Box::new(Lzma2Reader::new_mem_limit(packed, dictionary, MEMORY_KIB, None)?),
            Self::PpmdOfZip => {
                let mut head = [0; 2];
                packed.read_exact(&mut head)?;
                let parameters = u32::from(u16::from_le_bytes(head));
                let (order, memory) = ((parameters & 15) + 1, ((parameters >> 4 & 255) + 1) << 20);
                fits(memory)?;
                Box::new(Ppmd8Decoder::new(packed, order, memory, (parameters >> 12).into()).map_err(ppmd)?)
            }
            Self::Ppmd { order, memory } => {
                fits(memory)?;
                Box::new(Ppmd7Decoder::new(packed, order, memory).map_err(ppmd)?)
            }
            Self::Delta { distance } => Box::new(DeltaReader::new(packed, distance)),
            Self::Bcj(machine) => Box::new(match machine {
                Machine::X86 => BcjReader::new_x86(packed, 0),
                Machine::Arm => BcjReader::new_arm(packed, 0),
                Machine::ArmThumb => BcjReader::new_arm_thumb(packed, 0),
                Machine::Arm64 => BcjReader::new_arm64(packed, 0),
                Machine::PowerPc => BcjReader::new_ppc(packed, 0),
                Machine::Sparc => BcjReader::new_sparc(packed, 0),
                Machine::Ia64 => BcjReader::new_ia64(packed, 0),
                Machine::RiscV => BcjReader::new_riscv(packed, 0),
            }),
        })
    }
}

fn lzma<'a>(
    packed: impl BufRead + Send + 'a,
    length: u64,
    properties: u8,
    dictionary: u32,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    let needed = lzma_get_memory_usage_by_props(dictionary, properties)?;
    if needed > MEMORY_KIB {
        return Err(too_much_memory());
    }
    Ok(Box::new(LzmaReader::new_with_props(packed, length, properties, dictionary, None)?))
}

fn fits(memory: u32) -> io::Result<()> {
    if memory >> 10 > MEMORY_KIB { Err(too_much_memory()) } else { Ok(()) }
}

fn too_much_memory() -> io::Error {
    io::Error::other(format!("to unpack it takes more than {} MiB of memory", MEMORY_KIB >> 10))
}

fn ppmd(error: ppmd_rust::Error) -> io::Error {
    match error {
        ppmd_rust::Error::IoError(error) => error,
        _ => damaged("a file has no parameters of PPMd"),
    }
}
