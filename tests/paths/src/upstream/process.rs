//! Processes that end with this one, and the folder that they read from.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const PATIENCE: Duration = Duration::from_secs(60);

/// A process, killed when it is dropped. The end of its standard input says
/// that this process is gone.
pub(super) struct Process(Child);

impl Process {
    fn spawn(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::piped()).spawn();
        Ok(Self(child.with_context(|| format!("{program} does not start"))?))
    }

    /// Starts a program that prints the ports on which it listens.
    pub(super) fn listening(
        program: impl AsRef<OsStr>,
        arguments: &[&Path],
    ) -> Result<(Self, Vec<u16>)> {
        let mut process =
            Self::spawn(Command::new(program).args(arguments).stdout(Stdio::piped()))?;
        let output = process.0.stdout.take().context("its output is not read")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let ports = line.split_whitespace().map(str::parse).collect::<Result<Vec<u16>, _>>()?;
        Ok((process, ports))
    }

    /// Starts a program that listens on a port that it was told.
    pub(super) fn on_port(command: &mut Command, port: u16) -> Result<Self> {
        let mut process = Self::spawn(command.stdout(Stdio::null()))?;
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = process.0.try_wait()? {
                bail!("{} ended with {status}", command.get_program().to_string_lossy());
            }
            if begin.elapsed() > PATIENCE {
                bail!("{} does not listen", command.get_program().to_string_lossy());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder that is removed when it is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Result<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("exchequer-paths-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Free ports outside the range from which the system assigns ports; see
/// `tests/node/support/ports.mjs`.
pub(super) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    const FIRST: u32 = 10_240;
    const LAST: u32 = 32_000;
    const EACH: u32 = 64;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id() % ((LAST - FIRST) / EACH) * EACH;
    let candidates = std::iter::repeat_with(|| begin + GIVEN.fetch_add(1, Ordering::Relaxed));
    let free = candidates
        .take(usize::try_from(LAST - FIRST)?)
        .filter_map(|number| u16::try_from(FIRST + number % (LAST - FIRST)).ok())
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let ports: Vec<u16> = free.take(N).collect();
    ports.try_into().map_err(|_| anyhow::anyhow!("there are too few free ports"))
}
