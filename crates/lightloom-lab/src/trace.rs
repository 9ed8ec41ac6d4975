//! The timeline of one run as a value: kept after the run, compared with another, drawn, exported.

use serde_json::{Value, json};

use lightloom_batch::{Activity, Batch, Lane, Settings, Span, Timeline};

/// What the lanes of a run did.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// How the run was done.
    pub settings: Settings,
    /// Lanes in the order in which they are shown, each with its spans by the time at which they ended.
    pub lanes: Vec<(Lane, Vec<Span>)>,
    /// File names by picture.
    pub names: Vec<String>,
    /// Nanoseconds from the start of the run to its end, or to the last time it was followed.
    pub end: u64,
    /// Spans that were too many to be kept.
    pub missed: u64,
}

/// A figure over time: nanoseconds since the start and the figure from then on.
pub type Steps = Vec<(u64, u32)>;

/// Figures over time that stand below the lanes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// Lanes that decode, filter or encode.
    pub busy: Steps,
    /// Pictures that are read and wait for a core.
    pub waiting_for_core: Steps,
    /// Pictures that are encoded and wait to be written.
    pub waiting_for_writer: Steps,
}

impl Trace {
    /// Of a run that is about to begin.
    pub fn new(batch: &Batch) -> Self {
        Self {
            settings: batch.settings.clone(),
            lanes: Vec::new(),
            names: batch.jobs.iter().map(|job| job.source.file_name()).collect(),
            end: 0,
            missed: 0,
        }
    }

    /// Takes in what has ended since the last time. While the run goes on this may be called every frame.
    pub fn follow(&mut self, timeline: &Timeline) {
        if self.lanes.is_empty() {
            self.lanes = timeline.lanes().map(|lane| (lane, Vec::new())).collect();
        }
        for (index, (_, spans)) in self.lanes.iter_mut().enumerate() {
            timeline.read(index, spans.len(), spans);
        }
        self.missed = timeline.missed();
        self.end = timeline.now();
    }

    /// Takes in the rest of a run that has ended, which is when its last span did.
    pub fn finish(&mut self, timeline: &Timeline) {
        self.follow(timeline);
        self.end = self.lanes.iter().flat_map(|(_, spans)| spans).map(|span| span.end).max().unwrap_or(0);
    }

    /// The file that a span belongs to.
    pub fn name(&self, span: &Span) -> Option<&str> {
        self.names.get(span.job? as usize).map(String::as_str)
    }

    /// Busy cores and queue lengths over time. A picture counts in a queue once it has left it.
    pub fn series(&self) -> Series {
        let (mut busy, mut to_develop, mut to_write) = (Vec::new(), Vec::new(), Vec::new());
        // By picture: end of reading, begin of decoding, end of encoding, begin of writing.
        let mut times: Vec<[Option<u64>; 4]> = vec![[None; 4]; self.names.len()];
        for span in self.lanes.iter().flat_map(|(_, spans)| spans) {
            if span.activity.is_work() {
                busy.extend([(span.begin, 1), (span.end, -1)]);
            }
            let Some(time) = span.job.and_then(|job| times.get_mut(job as usize)) else { continue };
            match span.activity {
                Activity::Read => time[0] = time[0].max(Some(span.end)),
                Activity::Decode => time[1] = Some(span.begin),
                Activity::Encode => time[2] = Some(span.end),
                Activity::Write => time[3] = Some(span.begin),
                _ => {}
            }
        }
        for [read, decode, encode, write] in times {
            for (queue, from, to) in [(&mut to_develop, read, decode), (&mut to_write, encode, write)] {
                if let (Some(from), Some(to)) = (from, to) {
                    queue.extend([(from, 1), (to.max(from), -1)]);
                }
            }
        }
        Series { busy: steps(busy), waiting_for_core: steps(to_develop), waiting_for_writer: steps(to_write) }
    }

    /// The trace in Chrome's Trace Event Format (JSON object form), which Perfetto and `chrome://tracing` open: one
    /// complete event per span, a counter for each figure of [`Self::series`]. The program is one process with a thread per
    /// lane; each worker process is another, and the spans that it worked for stand there.
    pub fn to_chrome_json(&self) -> String {
        let mut events = Events::default();
        events.name_process(PROGRAM, "Lightloom");
        for (index, (lane, spans)) in self.lanes.iter().enumerate() {
            let place = Place { pid: PROGRAM, tid: index + 1 };
            events.name_thread(place, &lane.to_string());
            let worker = matches!(lane, Lane::Process(_)).then_some(Place { pid: PROGRAM + 1 + index, tid: 1 });
            if let Some(worker) = worker {
                events.name_process(worker.pid, &format!("Worker of {}", lane.to_string().to_lowercase()));
                events.name_thread(worker, "worker");
            }
            for span in spans {
                let is_elsewhere = span.activity.is_work() || span.activity == Activity::Read;
                events.complete(worker.filter(|_| is_elsewhere).unwrap_or(place), span, self.name(span));
            }
        }
        let series = self.series();
        events.counter("busy cores", "cores", &series.busy);
        events.counter("pictures waiting for a core", "waiting_for_core", &series.waiting_for_core);
        events.counter("pictures waiting to be written", "waiting_for_writer", &series.waiting_for_writer);
        let other = json!({
            "program": concat!("lightloom ", env!("CARGO_PKG_VERSION")),
            "workers": self.settings.describe(),
            "simulated": self.settings.slow_source.map(|s| s.to_string()),
            "spans not kept": self.missed,
        });
        format!("{{\"traceEvents\":[{}],\"displayTimeUnit\":\"ms\",\"otherData\":{other}}}", events.text)
    }
}

/// The id of the program itself in a trace; workers have the ones after it.
const PROGRAM: usize = 1;

/// The row of a trace that an event stands in.
#[derive(Debug, Clone, Copy)]
struct Place {
    pid: usize,
    tid: usize,
}

/// Events as text, so that a million of them take no more memory than their file.
#[derive(Default)]
struct Events {
    text: String,
}

impl Events {
    fn push(&mut self, event: &Value) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text += &event.to_string();
    }

    fn name_process(&mut self, pid: usize, name: &str) {
        self.push(&json!({"ph": "M", "pid": pid, "name": "process_name", "args": {"name": name}}));
    }

    fn name_thread(&mut self, Place { pid, tid }: Place, name: &str) {
        self.push(&json!({"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": name}}));
        self.push(
            &json!({"ph": "M", "pid": pid, "tid": tid, "name": "thread_sort_index", "args": {"sort_index": tid}}),
        );
    }

    fn complete(&mut self, Place { pid, tid }: Place, span: &Span, file: Option<&str>) {
        let kind = if span.activity.is_wait() { "wait" } else { "stage" };
        let args = file.map_or_else(|| json!({}), |file| json!({"file": file}));
        self.push(&json!({
            "ph": "X", "pid": pid, "tid": tid, "name": span.activity.title(), "cat": kind,
            "ts": micros(span.begin), "dur": micros(span.end - span.begin), "args": args,
        }));
    }

    fn counter(&mut self, name: &str, unit: &str, steps: &Steps) {
        for (at, count) in steps {
            self.push(&json!({"ph": "C", "pid": PROGRAM, "name": name, "ts": micros(*at), "args": {unit: count}}));
        }
    }
}

fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}

/// Differences by time, summed up.
fn steps(mut changes: Vec<(u64, i64)>) -> Steps {
    changes.sort_unstable();
    let mut level = 0;
    let mut out = Steps::new();
    for at_once in changes.chunk_by(|a, b| a.0 == b.0) {
        let at = at_once[0].0;
        level += at_once.iter().map(|(_, change)| change).sum::<i64>();
        let now = u32::try_from(level).unwrap_or(0);
        if out.last().map_or(0, |(_, before)| *before) != now {
            out.push((at, now));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn span(activity: Activity, job: u32, begin: u64, end: u64) -> Span {
        Span { activity, job: Some(job), begin: begin * 1000, end: end * 1000 }
    }

    fn trace() -> Trace {
        use Activity::{Decode, Encode, Read, WaitQueue, Write};
        let reader = vec![
            span(Read, 0, 0, 10),
            span(Read, 1, 10, 20),
            Span { activity: WaitQueue, job: None, begin: 20_000, end: 50_000 },
            span(Write, 0, 50, 60),
        ];
        let core = vec![span(Decode, 0, 10, 20), span(Encode, 0, 20, 40), span(Decode, 1, 40, 45)];
        Trace {
            settings: Settings::default(),
            lanes: vec![(Lane::Thread(0), reader), (Lane::Core(0), core)],
            names: vec!["a \"b\".jpg".to_owned(), "c.jpg".to_owned()],
            end: 60_000,
            missed: 0,
        }
    }

    #[test]
    fn queues_and_busy_cores_follow_from_the_spans() {
        let series = trace().series();
        assert_eq!(series.busy, [(10_000, 1), (45_000, 0)]);
        assert_eq!(series.waiting_for_core, [(20_000, 1), (40_000, 0)]);
        assert_eq!(series.waiting_for_writer, [(40_000, 1), (50_000, 0)]);
    }

    /// The rules of the Trace Event Format that viewers depend on.
    #[test]
    fn the_export_keeps_the_rules_of_the_format() {
        let json: Value = serde_json::from_str(&trace().to_chrome_json()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let mut named = Vec::new();
        let mut counters = BTreeMap::new();
        let mut ends: BTreeMap<[u64; 2], f64> = BTreeMap::new();
        for event in events {
            assert!(event["name"].is_string() && event["pid"].is_u64(), "{event}");
            match event["ph"].as_str().unwrap() {
                "M" => named.extend(event["args"]["name"].as_str().map(str::to_owned)),
                "X" => {
                    let (ts, dur) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
                    assert!(ts >= 0.0 && dur >= 0.0 && event["cat"].is_string());
                    // Complete events of one thread must not overlap unless they nest.
                    let end = ends.entry(["pid", "tid"].map(|id| event[id].as_u64().unwrap())).or_default();
                    assert!(*end <= ts, "{event}");
                    *end = ts + dur;
                }
                "C" => {
                    let (argument, count) = event["args"].as_object().unwrap().iter().next().unwrap();
                    assert!(count.is_u64() && event["ts"].is_f64());
                    counters.insert(argument.clone(), event["name"].clone());
                }
                other => panic!("unknown phase {other}"),
            }
        }
        assert_eq!(named, ["Lightloom", "Thread 1", "Core 1"]);
        assert_eq!(counters.len(), 3, "each counter has a name of its own for what it counts: {counters:?}");
        let first = events.iter().find(|e| e["ph"] == "X").unwrap();
        assert_eq!((&first["name"], &first["args"]["file"]), (&json!("read"), &json!("a \"b\".jpg")));
        assert_eq!((&first["ts"], &first["dur"]), (&json!(0.0), &json!(10.0)));
    }

    #[test]
    fn worker_processes_are_processes_of_their_own() {
        use Activity::{Decode, Read, Start, Write};
        let lane = |job| {
            let begin = 100 * u64::from(job);
            vec![
                Span { activity: Start, job: Some(job), begin: 1000 * begin, end: 1000 * begin },
                span(Read, job, begin, begin + 10),
                span(Decode, job, begin + 10, begin + 20),
                span(Write, job, begin + 20, begin + 30),
            ]
        };
        let trace = Trace { lanes: vec![(Lane::Process(0), lane(0)), (Lane::Process(1), lane(1))], ..trace() };
        let json: Value = serde_json::from_str(&trace.to_chrome_json()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let places = |name: &str| -> Vec<(u64, u64)> {
            let of_name = events.iter().filter(|e| e["ph"] == "X" && e["name"] == name);
            of_name.map(|e| (e["pid"].as_u64().unwrap(), e["tid"].as_u64().unwrap())).collect()
        };
        assert_eq!(places("decode"), [(2, 1), (3, 1)]);
        assert_eq!(places("read"), [(2, 1), (3, 1)]);
        assert_eq!(places("write"), [(1, 1), (1, 2)]);
        let names: Vec<&str> =
            events.iter().filter(|e| e["name"] == "process_name").filter_map(|e| e["args"]["name"].as_str()).collect();
        assert_eq!(names, ["Lightloom", "Worker of process 1", "Worker of process 2"]);
    }
}
