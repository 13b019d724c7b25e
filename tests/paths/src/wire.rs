//! HTTP on a connection of its own: the request line exactly as it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

const PATIENCE: Duration = Duration::from_secs(20);
const TRIES: usize = 3;

/// A connection that is kept, and opened again when the server closes it.
pub(crate) struct Connection {
    address: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, open: None }
    }

    /// The body of a reply with status 200; `None` when the server answers
    /// anything else, or closes the connection without an answer.
    pub(crate) fn get(&mut self, path: &str, host: &str) -> Result<Option<String>> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        for _ in 0..TRIES {
            let is_new = self.open.is_none();
            match self.exchange(request.as_bytes()) {
                Ok(reply) => return Ok(reply),
                Err(error) => {
                    self.open = None;
                    let waited = error.kind() == std::io::ErrorKind::WouldBlock;
                    if waited || error.kind() == std::io::ErrorKind::ConnectionRefused {
                        return Err(error).context(format!("no answer to {request:?}"));
                    }
                    // An old connection may have been closed meanwhile.
                    if is_new {
                        return Ok(None);
                    }
                }
            }
        }
        bail!("the server closes every connection")
    }

    fn exchange(&mut self, request: &[u8]) -> std::io::Result<Option<String>> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                BufReader::new(stream)
            }
        };
        stream.get_mut().write_all(request)?;
        let (status, length) = head(&mut stream)?;
        // A body whose end is not known is not read: the connection goes.
        let Some(length) = length else { return Ok(None) };
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        self.open = Some(stream);
        Ok((status == 200).then(|| String::from_utf8_lossy(&body).into_owned()))
    }
}

/// The status, and the length of the body if the connection stays.
fn head(stream: &mut impl BufRead) -> std::io::Result<(u16, Option<usize>)> {
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        match stream.read_line(line)? {
            0 => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    };
    next(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let (mut length, mut stays) = (None, true);
    loop {
        next(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok(),
            "connection" => stays = !value.trim().eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    Ok((status, length.filter(|_| stays || status == 200)))
}
