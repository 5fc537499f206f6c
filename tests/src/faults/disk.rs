//! A disk with a volatile write cache, held in memory: what it would hold after a power cut is known exactly.
//!
//! A write is durable only once a flush that came after it has ended. At a power cut each write not yet flushed is, by the
//! seed, lost, kept, or torn at a sector; so writes are also seen out of order. Then everything answers with an error until
//! [`Disk::restore`].

use super::chance::Chance;

/// What a drive writes whole or not at all.
pub const SECTOR: usize = 512;

/// What happened to the writes that no flush had covered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CutReport {
    /// Writes that are gone.
    pub lost: u64,
    /// Writes of which only the first sectors are there.
    pub torn: u64,
    /// Writes that happened to reach the platter.
    pub kept: u64,
    /// Writes since the disk was last powered.
    pub writes: u64,
    /// Flushes since the disk was last powered.
    pub flushes: u64,
}

/// Why a request was not served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskError {
    /// There is no power.
    Off,
    /// The request lies outside the disk.
    Outside,
}

/// The disk. `now` is what a reader sees, `durable` what survives.
#[derive(Debug)]
pub struct Disk {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// Writes not yet flushed, oldest first.
    pending: Vec<(usize, Vec<u8>)>,
    powered: bool,
    /// Writes until the power goes, and the seed of what it does then.
    armed: Option<(u64, u64)>,
    last_cut: Option<CutReport>,
    writes: u64,
    flushes: u64,
}

impl Disk {
    /// A powered disk of zeroes. Memory is used only where something is written.
    pub fn new(bytes: usize) -> Self {
        Disk {
            now: vec![0; bytes],
            durable: vec![0; bytes],
            pending: Vec::new(),
            powered: true,
            armed: None,
            last_cut: None,
            writes: 0,
            flushes: 0,
        }
    }

    /// Size in bytes.
    pub fn size(&self) -> usize {
        self.now.len()
    }

    fn range(&self, offset: u64, length: usize) -> Result<std::ops::Range<usize>, DiskError> {
        if !self.powered {
            return Err(DiskError::Off);
        }
        let start = usize::try_from(offset).map_err(|_| DiskError::Outside)?;
        let end = start.checked_add(length).filter(|end| *end <= self.now.len()).ok_or(DiskError::Outside)?;
        Ok(start..end)
    }

    /// The bytes there, flushed or not.
    ///
    /// # Errors
    /// [`DiskError`].
    pub fn read(&self, offset: u64, length: usize) -> Result<&[u8], DiskError> {
        Ok(&self.now[self.range(offset, length)?])
    }

    /// Taken into the volatile cache; durable at once with `through`, which flushes all that came before too.
    ///
    /// # Errors
    /// [`DiskError`].
    pub fn write(&mut self, offset: u64, bytes: &[u8], through: bool) -> Result<(), DiskError> {
        let range = self.range(offset, bytes.len())?;
        self.pending.push((range.start, bytes.to_vec()));
        self.now[range].copy_from_slice(bytes);
        self.writes += 1;
        if let Some((left, seed)) = self.armed {
            if left <= 1 {
                self.cut(seed);
                return Err(DiskError::Off);
            }
            self.armed = Some((left - 1, seed));
        }
        if through { self.flush() } else { Ok(()) }
    }

    /// All writes made so far are durable.
    ///
    /// # Errors
    /// [`DiskError::Off`].
    pub fn flush(&mut self) -> Result<(), DiskError> {
        self.range(0, 0)?;
        for (start, bytes) in self.pending.drain(..) {
            self.durable[start..start + bytes.len()].copy_from_slice(&bytes);
        }
        self.flushes += 1;
        Ok(())
    }

    /// The power goes at the n-th write from now (1 is the next), after it was taken and before anything flushes it.
    pub fn cut_at_write(&mut self, writes: u64, seed: u64) {
        self.armed = Some((writes, seed));
    }

    /// What the last cut did, while there is no power.
    pub fn cut_report(&self) -> Option<CutReport> {
        self.last_cut.filter(|_| !self.powered)
    }

    /// The power is gone; the seed decided what became of the writes not yet flushed.
    pub fn cut(&mut self, seed: u64) -> CutReport {
        let mut chance = Chance::new(seed);
        let mut report = CutReport { writes: self.writes, flushes: self.flushes, ..CutReport::default() };
        (self.powered, self.armed) = (false, None);
        for (start, bytes) in &self.pending {
            let sectors = bytes.len() / SECTOR;
            let arrived = match chance.between(0, 99) {
                0..45 => 0,
                45..60 if sectors > 1 => SECTOR * chance.between(1, sectors as u64 - 1) as usize,
                _ => bytes.len(),
            };
            match arrived {
                0 => report.lost += 1,
                n if n < bytes.len() => report.torn += 1,
                _ => report.kept += 1,
            }
            self.durable[*start..start + arrived].copy_from_slice(&bytes[..arrived]);
        }
        for (start, bytes) in self.pending.drain(..) {
            let range = start..start + bytes.len();
            self.now[range.clone()].copy_from_slice(&self.durable[range]);
        }
        self.last_cut = Some(report);
        report
    }

    /// Power is back: what is read is what had survived.
    pub fn restore(&mut self) {
        self.powered = true;
        (self.writes, self.flushes) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Disk, DiskError, SECTOR};

    #[test]
    fn flushed_writes_survive_every_cut() {
        for seed in 0..50 {
            let mut disk = Disk::new(64 * SECTOR);
            disk.write(0, &[1; 4 * SECTOR], false).unwrap();
            disk.flush().unwrap();
            disk.write(8 * SECTOR as u64, &[2; SECTOR], true).unwrap();
            let report = disk.cut(seed);
            disk.restore();
            assert_eq!((report.lost, report.torn, report.kept), (0, 0, 0));
            assert_eq!(disk.read(0, 4 * SECTOR).unwrap(), [1; 4 * SECTOR]);
            assert_eq!(disk.read(8 * SECTOR as u64, SECTOR).unwrap(), [2; SECTOR]);
        }
    }

    #[test]
    fn unflushed_writes_are_seen_before_the_cut_and_lost_torn_or_kept_after() {
        let (mut lost, mut torn, mut kept) = (0, 0, 0);
        for seed in 0..200 {
            let mut disk = Disk::new(64 * SECTOR);
            disk.write(0, &[7; 4 * SECTOR], false).unwrap();
            assert_eq!(disk.read(0, 4 * SECTOR).unwrap(), [7; 4 * SECTOR]);
            let report = disk.cut(seed);
            disk.restore();
            let there = disk.read(0, 4 * SECTOR).unwrap().iter().filter(|byte| **byte == 7).count();
            match (report.lost, report.torn, report.kept) {
                (1, 0, 0) => assert_eq!(there, 0),
                (0, 1, 0) => assert!(there > 0 && there < 4 * SECTOR && there % SECTOR == 0),
                (0, 0, 1) => assert_eq!(there, 4 * SECTOR),
                other => panic!("one write cannot become {other:?}"),
            }
            (lost, torn, kept) = (lost + report.lost, torn + report.torn, kept + report.kept);
        }
        assert!(lost > 40 && torn > 10 && kept > 40, "lost {lost}, torn {torn}, kept {kept}");
    }

    #[test]
    fn a_later_write_can_survive_an_earlier_one() {
        let reordered = (0..100).any(|seed| {
            let mut disk = Disk::new(8 * SECTOR);
            disk.write(0, &[1; SECTOR], false).unwrap();
            disk.write(SECTOR as u64, &[2; SECTOR], false).unwrap();
            disk.cut(seed);
            disk.restore();
            disk.read(0, 1).unwrap() == [0] && disk.read(SECTOR as u64, 1).unwrap() == [2]
        });
        assert!(reordered);
    }

    #[test]
    fn an_armed_cut_comes_between_a_write_and_its_flush() {
        let mut disk = Disk::new(8 * SECTOR);
        disk.cut_at_write(2, 1);
        disk.write(0, &[1; SECTOR], true).unwrap();
        assert_eq!(disk.cut_report(), None);
        assert_eq!(disk.write(0, &[2; SECTOR], true), Err(DiskError::Off));
        let report = disk.cut_report().unwrap();
        assert_eq!((report.lost + report.torn + report.kept, report.flushes), (1, 1));
        disk.restore();
        assert_eq!(disk.cut_report(), None);
        disk.write(0, &[3; SECTOR], true).unwrap();
    }

    #[test]
    fn without_power_nothing_answers_and_outside_nothing_is() {
        let mut disk = Disk::new(SECTOR);
        assert_eq!(disk.write(1, &[0; SECTOR], false), Err(DiskError::Outside));
        assert_eq!(disk.read(u64::MAX, 2), Err(DiskError::Outside));
        disk.cut(1);
        assert_eq!(disk.write(0, &[0; 1], false), Err(DiskError::Off));
        assert_eq!(disk.flush(), Err(DiskError::Off));
        assert_eq!(disk.read(0, 1), Err(DiskError::Off));
    }
}
