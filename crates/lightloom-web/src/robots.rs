//! What a server asks programs not to fetch: `robots.txt`, RFC 9309, with the common extension `Crawl-delay`.

use std::time::Duration;

/// A longer delay is not waited for: the server then has this one.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// Bytes that are read; the RFC asks for this many at least.
pub const LARGEST: usize = 512 << 10;

/// The rules of a server for one program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    rules: Vec<Rule>,
    /// The time that the server wants between two requests.
    pub delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: String,
}

/// Lines for some programs.
#[derive(Debug, Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

impl Robots {
    /// Nothing may be fetched: what a server means that cannot say what it means.
    pub fn nothing() -> Self {
        Self { rules: vec![Rule { allows: false, pattern: "/".to_owned() }], delay: None }
    }

    /// Reads the rules for the program called `agent`: those of the groups that name it, or else those for all.
    pub fn parse(text: &str, agent: &str) -> Self {
        let groups = groups(&text[..text.floor_char_boundary(LARGEST)]);
        let agent = agent.to_ascii_lowercase();
        let of = |named: &dyn Fn(&str) -> bool| {
            let mut all = groups.iter().filter(|group| group.agents.iter().any(|one| named(one))).peekable();
            all.peek()?;
            let (mut rules, mut delay) = (Vec::new(), None);
            for group in all {
                rules.extend(group.rules.iter().cloned());
                delay = delay.max(group.delay);
            }
            Some(Self { rules, delay })
        };
        of(&|one| one == agent).or_else(|| of(&|one| one == "*")).unwrap_or_default()
    }

    /// Whether a path with its query may be fetched: the longest pattern that fits decides, and of two the one that allows.
    pub fn allows(&self, path: &str) -> bool {
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, path));
        fitting.max_by_key(|rule| (rule.pattern.len(), rule.allows)).is_none_or(|rule| rule.allows)
    }
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut names_follow = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        if key == "user-agent" {
            if !names_follow {
                groups.push(Group::default());
            }
            names_follow = true;
            if let Some(group) = groups.last_mut() {
                // `Name/1.0` and `Name` are the same program.
                group.agents.push(value.split('/').next().unwrap_or_default().trim().to_ascii_lowercase());
            }
            continue;
        }
        let Some(group) = groups.last_mut() else { continue };
        match key.as_str() {
            "allow" | "disallow" => {
                names_follow = false;
                if !value.is_empty() {
                    group.rules.push(Rule { allows: key == "allow", pattern: value.to_owned() });
                }
            }
            "crawl-delay" => {
                names_follow = false;
                let secs = value.parse::<f64>().ok().filter(|secs| secs.is_finite() && *secs >= 0.0);
                group.delay = secs.map(|secs| Duration::from_secs_f64(secs.min(LONGEST_DELAY.as_secs_f64())));
            }
            _ => {}
        }
    }
    groups
}

/// Whether a path begins with a pattern, in which `*` stands for anything and `$` at its end for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if to_end && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    !to_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pattern_decides() {
        // The example of RFC 9309, section 5.2.
        let robots = Robots::parse(
            "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
            "foobot",
        );
        assert!(robots.allows("/example/page/index.html"));
        assert!(!robots.allows("/example/page/disallowed.gif"));
        let robots = Robots::parse("User-agent: *\nDisallow: /\nAllow: /public\nAllow: /*.jpg$", "x");
        assert!(!robots.allows("/private/a.png"));
        assert!(robots.allows("/public/a.png") && robots.allows("/private/a.jpg"));
        assert!(!robots.allows("/private/a.jpg?w=1"));
    }

    #[test]
    fn the_groups_of_a_program_hold_for_it() {
        let text = "\u{feff}User-agent: *\nDisallow: /all # everyone\n\nUser-agent: Other\nUser-agent: LightLoom/2.0\n\
            Crawl-delay: 2.5\nDisallow: /own\nUser-agent: lightloom\nDisallow: /more\n";
        let own = Robots::parse(text, "Lightloom");
        assert!(own.allows("/all") && !own.allows("/own") && !own.allows("/more"));
        assert_eq!(own.delay, Some(Duration::from_millis(2500)));
        let other = Robots::parse(text, "third");
        assert!(!other.allows("/all") && other.allows("/own"));
    }

    #[test]
    fn what_is_no_rule_forbids_nothing() {
        for text in
            ["", "<html>404</html>", "Disallow: /", "User-agent: *\nDisallow:\n", "User-agent: *\nCrawl-delay: NaN"]
        {
            let robots = Robots::parse(text, "lightloom");
            assert!(robots.allows("/a") && robots.delay.is_none(), "{text}");
        }
        assert!(!Robots::nothing().allows("/a"));
        assert_eq!(Robots::parse("User-agent: *\nCrawl-delay: 1e9", "x").delay, Some(LONGEST_DELAY));
    }

    #[test]
    fn patterns_fit_as_they_should() {
        for (pattern, path, expected) in [
            ("/fish", "/fish/salmon", true),
            ("/fish", "/Fish", false),
            ("/*.gif$", "/a.gif.gif", true),
            ("/*.gif$", "/a.gif.png", false),
            ("/a*b*c", "/axxbyyc!", true),
            ("/a*b*c", "/axxc", false),
            ("/$", "/", true),
            ("/$", "/a", false),
            ("*", "/a", true),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
