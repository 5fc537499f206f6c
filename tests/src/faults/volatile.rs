//! The volatile disk with a file system on it: our block device → nbdfuse → loop device → ext4, and the way back after a cut.

use super::chance::Chance;
use super::disk::CutReport;
use super::nbd::{self, SharedDisk};
use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Enough for segments, the index and a journal; memory is used only where written.
const DISK_BYTES: usize = 1 << 30;
/// How long one step of mounting may take.
const STEP_LIMIT: Duration = Duration::from_secs(30);
/// Disks made by this process: names their sockets.
static DISKS: AtomicU64 = AtomicU64::new(0);
const TOOLS: [&str; 6] = ["nbdfuse", "fusermount3", "losetup", "mkfs.ext4", "mount", "umount"];

/// What this machine lacks for power cuts, in one sentence; `None` when all seems there.
pub fn missing() -> Option<String> {
    for device in ["/dev/fuse", "/dev/loop-control"] {
        if let Err(why) = OpenOptions::new().read(true).write(true).open(device) {
            return Some(format!("{device} cannot be opened ({why})"));
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = |tool: &str| std::env::split_paths(&path).any(|dir| dir.join(tool).exists());
    TOOLS.iter().find(|tool| !found(tool)).map(|tool| format!("the program {tool} is not installed"))
}

/// A mounted ext4 whose power can be cut. Taken apart when dropped.
#[derive(Debug)]
pub struct Volatile {
    disk: SharedDisk,
    socket: PathBuf,
    device_dir: PathBuf,
    mount: PathBuf,
    fuse: Option<Child>,
    loop_device: Option<String>,
    mounted: bool,
}

impl Volatile {
    /// An empty file system, mounted, under a directory of its own.
    ///
    /// # Errors
    /// A step of the set-up failed: its own words.
    pub fn create(dir: &Path) -> Result<Self> {
        let (device_dir, mount) = (dir.join("device"), dir.join("mount"));
        // The path of a socket is bounded to about a hundred bytes: not under the checkout, however deep that lies.
        let name = format!("tabellion-faults-{}-{}", std::process::id(), DISKS.fetch_add(1, Ordering::Relaxed));
        let socket = std::env::temp_dir().join(name);
        fs::create_dir_all(&device_dir)?;
        fs::create_dir_all(&mount)?;
        let disk = SharedDisk::new(DISK_BYTES);
        nbd::serve(&disk, &socket)?;
        let mut made = Volatile { disk, socket, device_dir, mount, fuse: None, loop_device: None, mounted: false };
        made.attach()?;
        let device = made.loop_device.clone().context("no loop device")?;
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-E", "nodiscard", &device]))?;
        made.mount()?;
        Ok(made)
    }

    /// Where the file system is seen.
    pub fn path(&self) -> &Path {
        &self.mount
    }

    /// The power goes at a write to come, between it and its flush; see [`super::disk::Disk::cut_at_write`].
    pub fn cut_at_write(&self, writes: u64, seed: u64) {
        self.disk.lock().cut_at_write(writes, seed);
    }

    /// What the cut that was to come did, once it has come.
    pub fn cut_report(&self) -> Option<CutReport> {
        self.disk.lock().cut_report()
    }

    /// The power is gone, from this moment; see [`super::disk::Disk::cut`].
    pub fn cut(&self, seed: u64) -> CutReport {
        self.disk.lock().cut(seed)
    }

    /// Power is back, the journal replayed, the file system mounted again. No program may hold a file of it open.
    ///
    /// # Errors
    /// A step failed: its own words.
    pub fn restore(&mut self) -> Result<()> {
        self.detach()?;
        self.disk.lock().restore();
        self.attach()?;
        self.mount()
    }

    fn attach(&mut self) -> Result<()> {
        let file = self.device_dir.join("disk");
        let child = Command::new("nbdfuse")
            .arg(&file)
            .arg("--unix")
            .arg(&self.socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // It tells every request that failed for want of power.
            .stderr(Stdio::null())
            .spawn()
            .context("starting nbdfuse")?;
        self.fuse = Some(child);
        wait_for("nbdfuse to show the disk", || fs::metadata(&file).is_ok_and(|found| found.len() > 0))?;
        let device = run(Command::new("losetup").args(["--find", "--show"]).arg(&file))?;
        self.loop_device = Some(device.trim().to_owned());
        Ok(())
    }

    fn mount(&mut self) -> Result<()> {
        let device = self.loop_device.clone().context("no loop device")?;
        run(Command::new("mount").args(["-t", "ext4", &device]).arg(&self.mount))?;
        self.mounted = true;
        Ok(())
    }

    fn detach(&mut self) -> Result<()> {
        if self.mounted {
            let mount = self.mount.clone();
            wait_for("the file system to be left by all", || run(Command::new("umount").arg(&mount)).is_ok())?;
            self.mounted = false;
        }
        if let Some(device) = self.loop_device.take() {
            run(Command::new("losetup").arg("-d").arg(&device))?;
        }
        if let Some(mut child) = self.fuse.take() {
            let dir = self.device_dir.clone();
            wait_for("the device to be left by all", || run(Command::new("fusermount3").arg("-u").arg(&dir)).is_ok())?;
            let ended = wait_for("nbdfuse to end", || matches!(child.try_wait(), Ok(Some(_))));
            if ended.is_err() {
                child.kill()?;
                child.wait()?;
            }
        }
        Ok(())
    }
}

impl Drop for Volatile {
    fn drop(&mut self) {
        if let Err(why) = self.detach() {
            eprintln!("the volatile disk under {} is left behind: {why:#}", self.mount.display());
        }
    }
}

fn run(command: &mut Command) -> Result<String> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("running {shown}"))?;
    if !output.status.success() {
        bail!("{shown}: {} {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn wait_for(what: &str, mut reached: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !reached() {
        if start.elapsed() > STEP_LIMIT {
            bail!("waited {} s in vain for {what}", STEP_LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// What the disk itself was seen to do with synced and unsynced bytes.
#[derive(Debug)]
pub struct Proof {
    /// What became of the writes in its cache.
    pub cut: CutReport,
    /// The synced file is there, whole.
    pub synced_kept: bool,
    /// Blocks of 64 that changed although never flushed.
    pub unsynced_blocks: usize,
}

const BLOCK: usize = 4096;
const BLOCKS: usize = 64;
/// Linux's O_DIRECT on x86-64 and most others: past the page cache, into the drive's own.
const O_DIRECT: i32 = 0o40000;

/// The disk was seen to keep what was synced; the answer says what it did with the rest.
///
/// # Errors
/// The set-up failed: nothing can be said of power cuts on this machine.
pub fn prove(disk: &mut Volatile, seed: u64) -> Result<Proof> {
    let (synced, unsynced) = (disk.path().join("synced"), disk.path().join("unsynced"));
    let kept = Chance::new(seed).bytes(BLOCK * BLOCKS);
    for (path, bytes) in [(&synced, &kept), (&unsynced, &vec![0; BLOCK * BLOCKS])] {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    File::open(disk.path())?.sync_all()?;
    let direct = OpenOptions::new().write(true).custom_flags(O_DIRECT).open(&unsynced)?;
    let buffer = vec![0xff; BLOCK * 2];
    let start = buffer.as_ptr().align_offset(BLOCK);
    for block in 0..BLOCKS {
        direct.write_all_at(&buffer[start..start + BLOCK], (block * BLOCK) as u64)?;
    }
    let cut = disk.cut(seed);
    drop(direct);
    disk.restore()?;
    let seen = fs::read(&unsynced)?;
    let unsynced_blocks = seen.chunks(BLOCK).filter(|block| block.contains(&0xff)).count();
    let proof = Proof { cut, synced_kept: fs::read(&synced)? == kept, unsynced_blocks };
    fs::remove_file(&synced)?;
    fs::remove_file(&unsynced)?;
    Ok(proof)
}

/// Why this proof shows a disk unfit for judging anything; `None` when it is fit.
pub fn unfit(proof: &Proof) -> Option<&'static str> {
    if !proof.synced_kept {
        Some("the disk lost what had been synced")
    } else if proof.unsynced_blocks == BLOCKS || proof.cut.lost == 0 {
        Some("the disk lost nothing of what had not been synced")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCKS, Proof, unfit};
    use crate::faults::disk::CutReport;

    #[test]
    fn a_disk_that_loses_nothing_or_too_much_judges_nothing() {
        let lossy = CutReport { lost: 3, ..CutReport::default() };
        let fit = |cut, synced_kept, unsynced_blocks| unfit(&Proof { cut, synced_kept, unsynced_blocks });
        assert_eq!(fit(lossy, true, BLOCKS - 3), None);
        assert!(fit(lossy, false, BLOCKS - 3).is_some());
        assert!(fit(lossy, true, BLOCKS).is_some());
        assert!(fit(CutReport::default(), true, BLOCKS - 1).is_some());
    }
}
