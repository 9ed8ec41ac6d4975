//! What is done to the overrides of one picture or of several at once.

use crate::filter::Value;
use crate::recipe::Overrides;

/// A change of what is different for single pictures.
#[derive(Debug, Clone, PartialEq)]
pub enum Adjustment {
    /// Rotates by this many quarters to the right.
    Rotate(usize),
    /// Sets the parameter at this place of [`Overrides::SPECS`].
    Set { param: usize, value: Value },
    /// Sets several of them, in this order.
    SetEach(Vec<(usize, Value)>),
    /// Nothing is different any more.
    Reset,
}

impl Adjustment {
    /// What is different for a picture afterwards.
    pub fn apply(&self, now: Overrides) -> Overrides {
        match self {
            Self::Rotate(quarters) => Overrides { rotate: now.rotate.turned(*quarters), ..now },
            Self::Set { param, value } => now.with(*param, value.clone()),
            Self::SetEach(values) => values.iter().fold(now, |now, (param, value)| now.with(*param, value.clone())),
            Self::Reset => Overrides::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Turn;

    #[test]
    fn each_picture_keeps_what_an_adjustment_is_not_about() {
        let left = Overrides { rotate: Turn::Left, left: 5.0, ..Overrides::default() };
        let exposed = Adjustment::Set { param: 6, value: Value::Number(0.5) };
        assert_eq!(exposed.apply(left), Overrides { exposure: 0.5, ..left });
        assert_eq!(Adjustment::Rotate(2).apply(left), Overrides { rotate: Turn::Right, ..left });
        assert!(Adjustment::Reset.apply(left).is_none());
    }
}
