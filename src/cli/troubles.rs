//! What goes wrong during a run, on a terminal: one line when it begins and one when it ends.

use crate::batch::Trouble;

/// The troubles that have been said.
#[derive(Debug, Default)]
pub(super) struct SaidTroubles {
    said: Vec<Trouble>,
}

impl SaidTroubles {
    /// The lines to print, given what is wrong now.
    pub fn lines(&mut self, now: Vec<Trouble>) -> Vec<String> {
        let over = self.said.iter().filter(|before| now.iter().all(|trouble| trouble.id != before.id));
        let over = over.map(|trouble| format!("over after {} s: {trouble}", trouble.since.elapsed().as_secs()));
        let begun = now.iter().filter(|trouble| self.said.iter().all(|before| before.id != trouble.id));
        let begun = begun.map(|trouble| format!("trouble: {trouble}"));
        let lines = over.chain(begun).collect();
        self.said = now;
        lines
    }

    /// What is wrong, for the place of the speed; `None` if nothing is.
    pub fn now(&self) -> Option<String> {
        self.said.first().map(Trouble::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::TroubleKind;

    #[test]
    fn each_trouble_is_said_once_and_so_is_its_end() {
        let trouble = |id, waiting| Trouble {
            id,
            since: std::time::Instant::now(),
            kind: TroubleKind::StalledSource { place: "/share".into(), files: Vec::new(), waiting },
        };
        let mut said = SaidTroubles::default();
        assert_eq!(said.lines(vec![trouble(1, 0)]), ["trouble: /share does not answer"]);
        assert!(said.lines(vec![trouble(1, 5)]).is_empty());
        assert_eq!(said.now().unwrap(), "/share does not answer; 5 more pictures of it are held back");
        let lines = said.lines(vec![trouble(2, 0)]);
        assert!(lines[0].starts_with("over after 0 s: /share") && lines[1].starts_with("trouble: "), "{lines:?}");
        assert_eq!(said.lines(Vec::new()).len(), 1);
        assert_eq!(said.now(), None);
    }
}
