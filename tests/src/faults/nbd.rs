//! The disk offered to the kernel's side as a network block device, over a Unix socket.
//!
//! Fixed newstyle handshake and the simple replies of the NBD protocol, as far as `nbdfuse` needs them; one connection at a
//! time is enough. Deliberately not here: TLS, structured replies, several exports, trimming.

use super::disk::{Disk, DiskError};
use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const GREETING: u64 = 0x4e42_444d_4147_4943; // "NBDMAGIC"
const OPTION: u64 = 0x4948_4156_454f_5054; // "IHAVEOPT"
const OPTION_REPLY: u64 = 0x0003_e889_0455_65a9;
const REQUEST: u32 = 0x2560_9513;
const SIMPLE_REPLY: u32 = 0x6744_6698;

const FIXED_NEWSTYLE: u16 = 1;
const NO_ZEROES: u16 = 2;
const OPT_EXPORT_NAME: u32 = 1;
const OPT_ABORT: u32 = 2;
const OPT_INFO: u32 = 6;
const OPT_GO: u32 = 7;
const REP_ACK: u32 = 1;
const REP_INFO: u32 = 3;
const REP_UNSUPPORTED: u32 = 0x8000_0001;
/// Has flags, flushes, honours "force unit access".
const EXPORT_FLAGS: u16 = 1 | 4 | 8;
const FLAG_FUA: u16 = 1;
const CMD_READ: u16 = 0;
const CMD_WRITE: u16 = 1;
const CMD_DISCONNECT: u16 = 2;
const CMD_FLUSH: u16 = 3;
const EIO: u32 = 5;
const EINVAL: u32 = 22;
/// No client of ours asks for more in one request.
const REQUEST_BYTES_MAX: usize = 64 << 20;
const OPTION_BYTES_MAX: usize = 4096;

/// The disk as the server and the one who cuts its power share it.
#[derive(Clone, Debug)]
pub struct SharedDisk(Arc<Mutex<Disk>>);

impl SharedDisk {
    /// A powered disk of zeroes.
    pub fn new(bytes: usize) -> Self {
        SharedDisk(Arc::new(Mutex::new(Disk::new(bytes))))
    }

    /// The disk, for as long as the answer is held.
    pub fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From now on whoever connects to the socket reads and writes the disk.
///
/// # Errors
/// The socket cannot be made.
pub fn serve(disk: &SharedDisk, socket: &Path) -> Result<()> {
    let listener = UnixListener::bind(socket).with_context(|| format!("binding {}", socket.display()))?;
    let disk = disk.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let disk = disk.clone();
            // A connection that breaks is the client's end: nbdfuse says so itself.
            std::thread::spawn(move || serve_one(stream, &disk));
        }
    });
    Ok(())
}

fn serve_one(mut stream: UnixStream, disk: &SharedDisk) -> Result<()> {
    if handshake(&mut stream, disk.lock().size() as u64)? {
        while answer(&mut stream, disk)? {}
    }
    Ok(())
}

fn u16_from(stream: &mut impl Read) -> Result<u16> {
    let mut bytes = [0; 2];
    stream.read_exact(&mut bytes)?;
    Ok(u16::from_be_bytes(bytes))
}

fn u32_from(stream: &mut impl Read) -> Result<u32> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

fn u64_from(stream: &mut impl Read) -> Result<u64> {
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

/// True when the client went on to requests.
fn handshake(stream: &mut (impl Read + Write), size: u64) -> Result<bool> {
    let mut greeting = Vec::new();
    greeting.extend(GREETING.to_be_bytes());
    greeting.extend(OPTION.to_be_bytes());
    greeting.extend((FIXED_NEWSTYLE | NO_ZEROES).to_be_bytes());
    stream.write_all(&greeting)?;
    let client = u32_from(stream)?;
    loop {
        if u64_from(stream)? != OPTION {
            bail!("not an NBD option");
        }
        let option = u32_from(stream)?;
        let length = usize::try_from(u32_from(stream)?)?;
        if length > OPTION_BYTES_MAX {
            bail!("an option of {length} bytes");
        }
        stream.read_exact(&mut vec![0; length])?;
        match option {
            OPT_EXPORT_NAME => {
                let mut answer = size.to_be_bytes().to_vec();
                answer.extend(EXPORT_FLAGS.to_be_bytes());
                if client & u32::from(NO_ZEROES) == 0 {
                    answer.extend([0; 124]);
                }
                stream.write_all(&answer)?;
                return Ok(true);
            }
            OPT_INFO | OPT_GO => {
                let mut export = 0u16.to_be_bytes().to_vec();
                export.extend(size.to_be_bytes());
                export.extend(EXPORT_FLAGS.to_be_bytes());
                option_reply(stream, option, REP_INFO, &export)?;
                option_reply(stream, option, REP_ACK, &[])?;
                if option == OPT_GO {
                    return Ok(true);
                }
            }
            OPT_ABORT => {
                option_reply(stream, option, REP_ACK, &[])?;
                return Ok(false);
            }
            _ => option_reply(stream, option, REP_UNSUPPORTED, &[])?,
        }
    }
}

fn option_reply(stream: &mut impl Write, option: u32, kind: u32, data: &[u8]) -> Result<()> {
    let mut reply = OPTION_REPLY.to_be_bytes().to_vec();
    reply.extend(option.to_be_bytes());
    reply.extend(kind.to_be_bytes());
    reply.extend(u32::try_from(data.len())?.to_be_bytes());
    reply.extend(data);
    Ok(stream.write_all(&reply)?)
}

/// One request answered; false when the client took its leave.
fn answer(stream: &mut (impl Read + Write), disk: &SharedDisk) -> Result<bool> {
    if u32_from(stream)? != REQUEST {
        bail!("not an NBD request");
    }
    let (flags, command) = (u16_from(stream)?, u16_from(stream)?);
    let (cookie, offset) = (u64_from(stream)?, u64_from(stream)?);
    let length = usize::try_from(u32_from(stream)?)?;
    if length > REQUEST_BYTES_MAX {
        bail!("a request of {length} bytes");
    }
    let mut data = Vec::new();
    let done = match command {
        CMD_READ => disk.lock().read(offset, length).map(|bytes| data.extend_from_slice(bytes)),
        CMD_WRITE => {
            let mut bytes = vec![0; length];
            stream.read_exact(&mut bytes)?;
            disk.lock().write(offset, &bytes, flags & FLAG_FUA != 0)
        }
        CMD_FLUSH => disk.lock().flush(),
        CMD_DISCONNECT => return Ok(false),
        _ => Err(DiskError::Outside),
    };
    let error = match done {
        Ok(()) => 0,
        Err(DiskError::Off) => EIO,
        Err(DiskError::Outside) => EINVAL,
    };
    let mut reply = SIMPLE_REPLY.to_be_bytes().to_vec();
    reply.extend(error.to_be_bytes());
    reply.extend(cookie.to_be_bytes());
    reply.extend(data);
    stream.write_all(&reply)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{CMD_FLUSH, CMD_READ, CMD_WRITE, OPT_GO, OPTION, REQUEST, SharedDisk, serve_one};
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    fn request(stream: &mut UnixStream, command: u16, offset: u64, length: u32, data: &[u8]) -> u32 {
        let mut bytes = REQUEST.to_be_bytes().to_vec();
        bytes.extend([0, 0]);
        bytes.extend(command.to_be_bytes());
        bytes.extend(9u64.to_be_bytes());
        bytes.extend(offset.to_be_bytes());
        bytes.extend(length.to_be_bytes());
        bytes.extend(data);
        stream.write_all(&bytes).unwrap();
        let mut reply = [0; 16];
        stream.read_exact(&mut reply).unwrap();
        assert_eq!(reply[8..], 9u64.to_be_bytes());
        u32::from_be_bytes(reply[4..8].try_into().unwrap())
    }

    #[test]
    fn a_client_reads_what_it_wrote_and_gets_errors_without_power() {
        let (mut client, server) = UnixStream::pair().unwrap();
        let disk = SharedDisk::new(1 << 20);
        let theirs = disk.clone();
        std::thread::spawn(move || serve_one(server, &theirs));
        let mut greeting = [0; 18];
        client.read_exact(&mut greeting).unwrap();
        client.write_all(&3u32.to_be_bytes()).unwrap();
        let mut go = OPTION.to_be_bytes().to_vec();
        go.extend(OPT_GO.to_be_bytes());
        go.extend(6u32.to_be_bytes());
        go.extend([0; 6]);
        client.write_all(&go).unwrap();
        let mut answer = [0; 20 + 12 + 20];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(answer[22..30], (1u64 << 20).to_be_bytes());
        assert_eq!(request(&mut client, CMD_WRITE, 512, 4, b"acte"), 0);
        assert_eq!(request(&mut client, CMD_READ, 512, 4, b""), 0);
        let mut read = [0; 4];
        client.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"acte");
        assert_eq!(request(&mut client, CMD_WRITE, 1 << 20, 4, b"acte"), 22);
        assert_eq!(request(&mut client, CMD_FLUSH, 0, 0, b""), 0);
        disk.lock().cut(1);
        assert_eq!(request(&mut client, CMD_WRITE, 512, 4, b"acte"), 5);
        disk.lock().restore();
        assert_eq!(disk.lock().read(512, 4).unwrap(), b"acte");
    }
}
