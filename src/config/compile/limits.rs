//! What a run may use, and what of the machine it uses unless told.

use std::path::Path;

use crate::config::duration::duration;
use crate::config::pipeline::Limits;
use crate::config::raw::{RawBranchFailure, RawLimits};
use crate::yaml::{At, Mistakes};

const MAX_REJECTED_SHARE: f64 = 0.05;
const MAX_CONFLICTING_SHARE: f64 = 0.01;

/// Less than this, and no query gets anywhere.
const MIN_MEMORY_BYTES: u64 = 64 << 20;

/// Memory of a partition; with less, sorts fail rather than spill.
const PARTITION_BYTES: u64 = 32 << 20;

/// More than this only adds to what is shuffled between them: 128 took ten times as long as 2 on two cores.
const PARTITIONS_PER_CORE: usize = 8;

/// Models that are built side by side, unless told.
const MODELS_AT_ONCE: usize = 2;

/// Partitions that any machine takes.
const FEW_PARTITIONS: usize = 16;

/// Of a machine that doesn't tell how much it has.
const ASSUMED_MEMORY_BYTES: u64 = 8 << 30;

/// The limits, or `None` after at least one mistake.
pub fn limits(raw: RawLimits, folder: &Path, at: &At, mistakes: &mut Mistakes) -> Option<Limits> {
    let memory_bytes = match raw.memory {
        None => Some((machine_memory_bytes() / 2).max(MIN_MEMORY_BYTES)),
        Some(size) => match bytes(&size.0) {
            Ok(bytes) => Some(bytes),
            Err(message) => {
                mistakes.value(&at.key("memory"), message);
                None
            }
        },
    };
    let deadline = match raw.deadline.map(|text| duration(&text.0)).transpose() {
        Ok(deadline) => deadline,
        Err(message) => {
            mistakes.value(&at.key("deadline"), message);
            return None;
        }
    };
    let holds_branches = matches!(raw.on_branch_failure, Some(RawBranchFailure::Hold));
    if holds_branches && raw.state_dir.is_none() {
        let message = "`hold` needs rows that were kept; write `state_dir` beside it";
        mistakes.value(&at.key("on_branch_failure"), message);
        return None;
    }
    let memory_bytes = memory_bytes?;
    let target_partitions = partitions(raw.target_partitions, memory_bytes, cores());
    Some(Limits {
        memory_bytes,
        target_partitions,
        models_at_once: models_at_once(raw.models_at_once, target_partitions),
        work_dir: raw.work_dir.map(|path| folder.join(path)),
        state_dir: raw.state_dir.map(|path| folder.join(path)),
        holds_branches,
        deadline,
        max_rejected_share: raw.max_rejected_share.unwrap_or(MAX_REJECTED_SHARE),
        max_conflicting_share: raw.max_conflicting_share.unwrap_or(MAX_CONFLICTING_SHARE),
    })
}

/// Partitions of a query: as many as asked for, but few enough that each has what it needs to sort and spill, and that
/// some core gets around to it.
fn partitions(asked: Option<u32>, memory_bytes: u64, cores: usize) -> usize {
    let asked = asked.map_or(cores, |asked| usize::try_from(asked).unwrap_or(usize::MAX));
    let fit = usize::try_from(memory_bytes / PARTITION_BYTES).unwrap_or(usize::MAX);
    asked.min(fit).min((cores * PARTITIONS_PER_CORE).max(FEW_PARTITIONS)).max(1)
}

/// While a table is encoded, or few rows are left to be read, another model has something to do for the threads.
fn models_at_once(asked: Option<u32>, partitions: usize) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(partitions.min(MODELS_AT_ONCE)).max(1)
}

/// `6GiB`, `512 MB`, `1.5GiB` or a plain number of bytes.
fn bytes(text: &str) -> Result<u64, String> {
    let refuse = || format!("`{text}` is no size; write a number and a unit, such as `6GiB` or `512MB`");
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let scale: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(refuse()),
    };
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), "0"));
    let is_digits = |text: &str| !text.is_empty() && text.len() <= 6 + 13 && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 3 {
        return Err(refuse());
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().map_err(|_| refuse())?;
    let whole = whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(scale)).ok_or_else(refuse)?;
    let bytes = whole.checked_add(scale / 1000 * thousandths + scale % 1000 * thousandths / 1000).ok_or_else(refuse)?;
    if bytes < MIN_MEMORY_BYTES {
        return Err(format!("`{text}` is too little for any query; write `64MiB` or more, better `2GiB`"));
    }
    Ok(bytes)
}

/// Cores that this process may use, within what `target_partitions` may be.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(1024)
}

/// The machine's memory, or what its container was given.
fn machine_memory_bytes() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_bytes(&text));
    let container = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(container).min().unwrap_or(ASSUMED_MEMORY_BYTES)
}

fn total_bytes(meminfo: &str) -> Option<u64> {
    let kib: u64 =
        meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        assert_eq!(bytes("6GiB"), Ok(6 << 30));
        assert_eq!(bytes("512 MB"), Ok(512_000_000));
        assert_eq!(bytes("1.5gib"), Ok(3 << 29));
        assert_eq!(bytes("1073741824"), Ok(1 << 30));
    }

    #[test]
    fn what_is_no_size_or_too_small_is_refused() {
        for text in ["", "GiB", "6 gigs", "-6GiB", "1.2345GiB", "63MiB", "99999999999TiB", "1e9", "6G", "é"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn partitions_are_fewer_where_memory_or_cores_are_few() {
        assert_eq!(partitions(None, 8 << 30, 4), 4);
        assert_eq!(partitions(Some(5), 8 << 30, 4), 5);
        assert_eq!(partitions(Some(16), 64 << 20, 4), 2);
        assert_eq!(partitions(Some(1024), 8 << 30, 1), 16);
        assert_eq!(partitions(Some(1024), 64 << 30, 64), 512);
        assert_eq!(partitions(None, 16 << 20, 4), 1);
    }

    #[test]
    fn the_machines_memory_is_read_from_meminfo() {
        assert_eq!(total_bytes("MemTotal:       16384 kB\nMemFree:        1 kB\n"), Some(16 << 20));
        assert_eq!(total_bytes("MemFree: 1 kB"), None);
    }
}
