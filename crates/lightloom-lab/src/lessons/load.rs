//! What other programs take of the processors while a lesson runs, where the system tells.

/// Processor time since the system began, in ticks of the system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ticks {
    /// Of all cores, idle or not.
    all: f64,
    /// Of these, computing for anyone.
    busy: f64,
    /// Of these, for this program and its processes that have ended.
    own: f64,
}

impl Ticks {
    /// Until now; `None` where the system does not say.
    pub fn now() -> Option<Self> {
        let all = std::fs::read_to_string("/proc/stat").ok()?;
        let own = std::fs::read_to_string("/proc/self/stat").ok()?;
        Self::parse(&all, &own)
    }

    fn parse(all: &str, own: &str) -> Option<Self> {
        let line = all.lines().next()?.strip_prefix("cpu ")?;
        let fields: Vec<f64> = line.split_whitespace().take(8).filter_map(|n| n.parse().ok()).collect();
        let all: f64 = fields.iter().sum();
        let idle = fields.get(3)? + fields.get(4)?;
        // The name, in brackets, may hold anything; utime, stime, cutime and cstime are the 12th to 15th after it.
        let (_, after) = own.rsplit_once(')')?;
        let own = after.split_whitespace().skip(11).take(4).filter_map(|n| n.parse::<f64>().ok()).sum();
        Some(Self { all, busy: all - idle, own })
    }

    /// The share of all cores that others took since `before`, 0 to 1.
    pub fn others_since(self, before: Self) -> f64 {
        let others = (self.busy - before.busy) - (self.own - before.own);
        (others / (self.all - before.all).max(1.0)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_took_is_what_is_neither_idle_nor_ours() {
        let at = |busy: u32, idle: u32, own: u32| {
            let all = format!("cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 2 3\n");
            let own = format!("42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 {own} 0 0 0 20 0\n");
            Ticks::parse(&all, &own).unwrap()
        };
        let (before, after) = (at(100, 100, 10), at(180, 120, 30));
        assert!((after.others_since(before) - 0.6).abs() < 1e-9);
        assert_eq!(before.others_since(before), 0.0);
        assert_eq!(Ticks::parse("", ""), None);
    }
}
