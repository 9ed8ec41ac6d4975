//! Parameters that take one of some words, as enums.

/// An enum whose variants are the words of a choice; declared with [`choice!`](crate::choice!).
pub trait Choice: Copy + PartialEq + Sized + 'static {
    /// The words in menu order.
    const WORDS: &'static [&'static str];
    /// What a person reads for each word; empty where words are shown as they are, with blanks for underscores.
    const TITLES: &'static [&'static str];
    /// The variants, in the order of [`Self::WORDS`].
    const ALL: &'static [Self];

    /// The variant with this word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().position(|known| *known == word).map(|index| Self::ALL[index])
    }

    /// The word of this variant.
    fn word(self) -> &'static str {
        let index = Self::ALL.iter().position(|known| *known == self);
        index.map_or("", |index| Self::WORDS[index])
    }
}

/// Declares an enum and the words that stand for its variants in recipes and on the command line.
///
/// The first variant is the default. Titles for people may follow the words; either every variant has one or none.
///
/// ```
/// use lightloom_param::{Choice, choice};
///
/// choice! {
///     /// How strips are compressed.
///     pub enum Compression { None = "none" "None", Lzw = "lzw" "LZW" }
/// }
/// assert_eq!(Compression::from_word("lzw"), Some(Compression::Lzw));
/// assert_eq!(Compression::default().word(), "none");
/// assert_eq!(Compression::TITLES[1], "LZW");
/// ```
#[macro_export]
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $(#[$first_meta:meta])* $first:ident = $first_word:literal $($first_title:literal)?
            $(, $(#[$variant_meta:meta])* $variant:ident = $word:literal $($title:literal)?)* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        $vis enum $name {
            #[default]
            $(#[$first_meta])*
            $first,
            $($(#[$variant_meta])* $variant,)*
        }

        impl $crate::Choice for $name {
            const WORDS: &'static [&'static str] = &[$first_word $(, $word)*];
            const TITLES: &'static [&'static str] = &[$($first_title,)? $($($title,)?)*];
            const ALL: &'static [Self] = &[Self::$first $(, Self::$variant)*];
        }

        impl $crate::Parameter for $name {
            fn read(value: &$crate::Value) -> Self {
                let known = match value {
                    $crate::Value::Choice(word) => <Self as $crate::Choice>::from_word(word),
                    _ => None,
                };
                known.unwrap_or_else(|| unreachable!("{value} is not among the words of {}", stringify!($name)))
            }
        }
    };
}
