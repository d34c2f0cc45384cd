//! What a process has used: processor time with all its threads, and memory.

use std::fs;

use anyhow::Context;

/// Seconds of processor time so far. They are counted in hundredths.
pub fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))
        .with_context(|| format!("no process {process}"))?;
    ticks(&stat)
        .map(|ticks| ticks / TICKS_PER_SECOND)
        .context("/proc/PID/stat is not as expected")
}

/// MiB that are in memory now.
pub fn memory_mib(process: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))
        .with_context(|| format!("no process {process}"))?;
    resident_kib(&status)
        .map(|kib| kib / 1024.0)
        .context("/proc/PID/status is not as expected")
}

/// `USER_HZ`, which is 100 on every Linux that this runs on (proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;

/// utime and stime, the fields 14 and 15. The second field is a name in parentheses that may hold
/// blanks and parentheses.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident_kib(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stat: &str, expected: Option<f64>) {
        assert_eq!(ticks(stat), expected);
    }

    #[test]
    fn time_of_user_and_system() {
        check(
            "42 (floor) S 1 42 42 0 -1 4194304 901 0 0 0 120 34 5 6 20 0 4 0 77",
            Some(154.0),
        );
    }

    #[test]
    fn a_name_with_blanks_and_parentheses() {
        check(
            "42 (a) R 9 (b) S 1 42 42 0 -1 4194304 901 0 0 0 1 2 5 6",
            Some(3.0),
        );
    }

    #[test]
    fn too_few_fields() {
        check("42 (floor) S 1 42 42", None);
        check("", None);
    }

    #[test]
    fn memory_in_kib() {
        let status = "Name:\tfloor\nVmPeak:\t  900 kB\nVmRSS:\t   12345 kB\nThreads:\t4\n";
        assert_eq!(resident_kib(status), Some(12_345.0));
        assert_eq!(resident_kib("Name:\tfloor\n"), None);
    }

    #[test]
    fn this_process_has_used_something() {
        let own = std::process::id();
        assert!(memory_mib(own).unwrap() > 0.5);
        assert!(cpu_seconds(own).unwrap() >= 0.0);
    }
}
