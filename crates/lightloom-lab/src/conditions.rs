//! What else happened on the machine during a run: processor time that others took, the processor's clock, the file cache.
//!
//! Linux says all of it without privileges: `/proc/stat` the time of every processor (`man 5 proc_stat`), `cpufreq` or
//! `/proc/cpuinfo` the clock. Elsewhere nothing is known, and nothing is said.

use std::fs;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::RunRecord;

/// What else happened on the machine during a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Processor seconds that other programs took, and other systems on the same machine; a short run's may be slightly
    /// below 0, since the system counts in ticks. `None` where the system does not say.
    pub foreign_cpu_secs: Option<f64>,
    /// Processors that this time is of.
    pub processors: usize,
    /// Clock of the quickest processor when the run ended, in MHz.
    pub clock_mhz: Option<f64>,
    /// Share of the pictures' files that lay in the file cache when the run began, 0 to 1.
    pub cached: Option<f64>,
}

/// Ticks of all processors since the system started.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ticks {
    busy: u64,
    all: u64,
    processors: usize,
}

impl Ticks {
    fn now() -> Option<Self> {
        Self::read(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// From the content of `/proc/stat`. Time of guests is part of user time; time that another system took counts as busy.
    fn read(stat: &str) -> Option<Self> {
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let fields: Vec<u64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
        let [user, nice, system, idle, waiting, interrupt, soft_interrupt, steal, ..] = fields[..] else { return None };
        let busy = user + nice + system + interrupt + soft_interrupt + steal;
        let numbered =
            |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        Some(Self { busy, all: busy + idle + waiting, processors: stat.lines().filter(numbered).count().max(1) })
    }
}

/// Looks at the machine from the beginning of a run to its end.
#[derive(Debug)]
pub(crate) struct Observer {
    ticks: Option<Ticks>,
    begun: Instant,
}

impl Observer {
    pub fn begin() -> Self {
        Self { ticks: Ticks::now(), begun: Instant::now() }
    }

    /// The conditions of a run that has taken `own_cpu_secs` itself.
    pub fn end(self, own_cpu_secs: f64, cached: Option<f64>) -> Conditions {
        let clock_mhz = clock_mhz();
        let wall_secs = self.begun.elapsed().as_secs_f64();
        let used = self.ticks.zip(Ticks::now()).and_then(|(before, after)| {
            let all = after.all.checked_sub(before.all).filter(|all| *all > 0)?;
            let busy = after.busy.saturating_sub(before.busy) as f64 / all as f64;
            Some((busy * wall_secs * after.processors as f64 - own_cpu_secs, after.processors))
        });
        Conditions {
            foreign_cpu_secs: used.map(|(secs, _)| secs),
            processors: used.map_or(0, |(_, processors)| processors),
            clock_mhz,
            cached,
        }
    }
}

/// The clock of the quickest processor at this moment, in MHz.
fn clock_mhz() -> Option<f64> {
    let of_processor = |entry: fs::DirEntry| -> Option<f64> {
        let khz = fs::read_to_string(entry.path().join("cpufreq/scaling_cur_freq")).ok()?;
        Some(khz.trim().parse::<f64>().ok()? / 1e3)
    };
    let processors = fs::read_dir("/sys/devices/system/cpu").into_iter().flatten().flatten();
    processors.filter_map(of_processor).reduce(f64::max).or_else(|| {
        let info = fs::read_to_string("/proc/cpuinfo").ok()?;
        let clocks =
            info.lines().filter_map(|line| line.strip_prefix("cpu MHz")?.split_once(':')?.1.trim().parse().ok());
        clocks.reduce(f64::max)
    })
}

/// What was observed during all runs of a study together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Circumstances {
    /// Processor time of the program's other threads (a window, meters), as a share of the program's whole processor time,
    /// or of the elapsed time if that is more: by so much at most it can have lengthened the runs, whether they filled every
    /// core or waited.
    pub disturbance: Option<f64>,
    /// Processor time of other programs, as a share of all that the machine has.
    pub foreign: Option<f64>,
    /// The lowest clock at the end of a run as a share of the highest.
    pub slowest_clock: Option<f64>,
    /// Share of the pictures' files that lay in the file cache when a run began, on average.
    pub cached: Option<f64>,
    /// How much slower the last round was than the first, as a share; `None` where it is no more than chance.
    pub drift: Option<f64>,
}

/// More than this share of a study's processor time must not go into anything but its runs.
const MOST_DISTURBANCE: f64 = 0.05;
/// Others that take more than this share of the machine are named.
const NOTED_FOREIGN: f64 = 0.05;
/// Others that take more than this share of the machine decide what is measured.
const MOST_FOREIGN: f64 = 0.25;
/// Clocks and rounds that change by more than this share are named.
const NOTED_CHANGE: f64 = 0.1;

impl Circumstances {
    /// Of runs that were observed.
    pub(crate) fn of(records: &[&RunRecord], drift: Option<f64>) -> Self {
        let observed: Vec<(&RunRecord, Conditions)> =
            records.iter().filter_map(|record| Some((*record, record.conditions?))).collect();
        let sum = |figure: &dyn Fn(&RunRecord, Conditions) -> f64| -> f64 {
            observed.iter().map(|(record, conditions)| figure(record, *conditions)).sum()
        };
        let own = sum(&|record, _| record.totals.cpu_secs.max(record.totals.wall_secs));
        let other = sum(&|record, _| (record.totals.cpu_secs - record.totals.lane_cpu_secs).max(0.0));
        let capacity = sum(&|record, conditions| match conditions.foreign_cpu_secs {
            Some(_) => record.totals.wall_secs * conditions.processors as f64,
            None => 0.0,
        });
        let foreign = sum(&|_, conditions| conditions.foreign_cpu_secs.unwrap_or(0.0));
        let clocks = || observed.iter().filter_map(|(_, conditions)| conditions.clock_mhz);
        let cached: Vec<f64> = observed.iter().filter_map(|(_, conditions)| conditions.cached).collect();
        Self {
            disturbance: (own > 0.0).then(|| other / own),
            foreign: (capacity > 0.0).then(|| (foreign / capacity).clamp(0.0, 1.0)),
            slowest_clock: clocks().reduce(f64::min).zip(clocks().reduce(f64::max)).map(|(low, high)| low / high),
            cached: (!cached.is_empty()).then(|| cached.iter().sum::<f64>() / cached.len() as f64),
            drift,
        }
    }

    /// Why nothing may be concluded, and what to do.
    pub fn refusal(&self) -> Option<String> {
        let percent = |share: f64| (100.0 * share).round();
        if let Some(share) = self.disturbance.filter(|share| *share > MOST_DISTURBANCE) {
            return Some(format!(
                "No verdict: {} % of the program's own processor time went into something other than the runs, which disturbs them by more than {} %. Measure more pictures per run, or from the command line.",
                percent(share),
                percent(MOST_DISTURBANCE)
            ));
        }
        self.foreign.filter(|share| *share > MOST_FOREIGN).map(|share| {
            format!(
                "No verdict: other programs took {} % of the machine's processor time, so the figures say more about them. Close them and measure again.",
                percent(share)
            )
        })
    }

    /// What a reader of the verdict has to know, each in a sentence.
    pub fn notes(&self) -> Vec<String> {
        let percent = |share: f64| (100.0 * share.abs()).round();
        let foreign = self.foreign.filter(|share| *share > NOTED_FOREIGN).map(|share| {
            format!("Other programs took {} % of the machine's processor time meanwhile.", percent(share))
        });
        let clock = self.slowest_clock.filter(|share| *share < 1.0 - NOTED_CHANGE).map(|share| {
            format!(
                "The processor's clock fell to {} % of its highest meanwhile, as on battery or when it is hot.",
                percent(share)
            )
        });
        let drift = self.drift.filter(|share| share.abs() > NOTED_CHANGE).map(|share| {
            let way = if share > 0.0 { "slower" } else { "faster" };
            format!(
                "The machine became {} % {way} from the first round to the last; choices are compared within rounds.",
                percent(share)
            )
        });
        [foreign, clock, drift].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::record;

    /// The example of the manual page, shortened.
    #[test]
    fn ticks_are_read_as_the_manual_describes_them() {
        let stat = "cpu  10132153 290696 3084719 46828483 16683 0 25195 7 175628 0\ncpu0 1 2 3 4 5 6 7 8\ncpu1 1\nintr 1\nctxt 2\n";
        let busy = 10_132_153 + 290_696 + 3_084_719 + 25_195 + 7;
        assert_eq!(Ticks::read(stat), Some(Ticks { busy, all: busy + 46_828_483 + 16_683, processors: 2 }));
        assert_eq!(Ticks::read("cpu 1 2 3\n"), None);
        assert_eq!(Ticks::read(""), None);
    }

    fn circumstances(changed: impl Fn(usize, &mut RunRecord, &mut Conditions)) -> Circumstances {
        let records: Vec<RunRecord> = (0..4)
            .map(|turn| {
                let mut record = record("cores", 1.0, 0);
                (record.totals.cpu_secs, record.totals.lane_cpu_secs) = (2.0, 2.0);
                let mut conditions = Conditions {
                    foreign_cpu_secs: Some(0.0),
                    processors: 2,
                    clock_mhz: Some(3000.0),
                    cached: Some(1.0),
                };
                changed(turn, &mut record, &mut conditions);
                RunRecord { conditions: Some(conditions), ..record }
            })
            .collect();
        Circumstances::of(&records.iter().collect::<Vec<_>>(), None)
    }

    #[test]
    fn what_disturbs_is_said_and_too_much_refuses_the_verdict() {
        let calm = circumstances(|_, _, _| {});
        assert_eq!((calm.refusal(), calm.notes()), (None, Vec::new()));
        let meter = circumstances(|_, record, _| record.totals.lane_cpu_secs = 1.8);
        assert!(meter.refusal().unwrap().contains("10 % of the program's own"), "{meter:?}");
        let little = circumstances(|_, record, _| record.totals.lane_cpu_secs = 1.92);
        assert_eq!(little.refusal(), None);
        let loaded = circumstances(|_, _, conditions| conditions.foreign_cpu_secs = Some(1.0));
        assert!(loaded.refusal().unwrap().contains("other programs took 50 %"), "{loaded:?}");
        let some = circumstances(|turn, _, conditions| {
            conditions.foreign_cpu_secs = Some(if turn == 0 { 0.9 } else { -0.01 });
        });
        assert!(some.refusal().is_none() && some.notes()[0].contains("took 11 %"), "{some:?}");
        let battery =
            circumstances(|turn, _, conditions| conditions.clock_mhz = Some(if turn < 2 { 3000.0 } else { 1500.0 }));
        assert!(battery.refusal().is_none() && battery.notes()[0].contains("fell to 50 %"), "{battery:?}");
        let drifting = Circumstances { drift: Some(0.4), ..calm };
        assert!(drifting.notes()[0].contains("40 % slower"), "{drifting:?}");
        assert_eq!(Circumstances::of(&[&record("cores", 1.0, 0)], None), Circumstances::default());
    }
}
