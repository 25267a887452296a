//! Requests to a server on this machine, over one connection that stays open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, bail};
use serde_json::Value;

/// A connection to a server.
pub struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Client {
    /// Connects to `host:port`.
    pub fn new(address: &str) -> anyhow::Result<Client> {
        let stream = TcpStream::connect(address)
            .with_context(|| format!("cannot connect to `{address}`"))?;
        stream.set_nodelay(true)?;
        Ok(Client {
            stream: BufReader::new(stream),
            host: address.to_owned(),
        })
    }

    /// Asks and gives the answer; without a body the request is a GET.
    pub fn ask(&mut self, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let method = if body.is_some() { "POST" } else { "GET" };
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}",
            self.host,
            text.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let mut length = None;
        loop {
            let header = self.line()?;
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        let answer = match length {
            Some(length) => {
                let mut answer = vec![0; length];
                self.stream.read_exact(&mut answer)?;
                answer
            }
            None => self.chunks()?,
        };
        if !status.contains(" 200 ") {
            bail!(
                "`{path}` answers `{status}`: {}",
                String::from_utf8_lossy(&answer)
            );
        }
        serde_json::from_slice(&answer).with_context(|| format!("`{path}` answers no JSON"))
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }

    /// A body whose pieces tell their own length.
    fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let length = usize::from_str_radix(&line, 16)
                .with_context(|| format!("`{line}` is no length of a piece"))?;
            let start = body.len();
            body.resize(start + length, 0);
            let piece = body.get_mut(start..).unwrap_or_default();
            self.stream.read_exact(piece)?;
            self.line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}
