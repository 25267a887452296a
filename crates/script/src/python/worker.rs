//! A Python process that runs one script: starting it, talking to it, and how it ended.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use yagura_model::{Arena, Object, Value};

use super::marshal::{push_object, read_object};
use super::source::PythonSource;
use crate::Problem;

/// The module that the worker runs.
const WORKER: &str = include_str!("worker.py");
/// Modules that scripts import.
const MODULES: [(&str, &str); 2] = [
    ("siem", include_str!("siem.py")),
    ("siem.utils", include_str!("siem_utils.py")),
];
/// Reads the worker's module from standard input, so that it fills no command line.
const BOOT: &str = "import sys\n\
    size = int(sys.argv[1]); text = b''\n\
    while len(text) < size:\n    \
        text += sys.stdin.buffer.raw.read(size - len(text)) or sys.exit()\n\
    exec(compile(text, '<yagura>', 'exec'))";

/// How much longer than the limit a worker may be silent: it ends a script that cannot be
/// interrupted three seconds after the limit itself.
const GRACE: Duration = Duration::from_secs(8);
/// How long it may take to start Python and load a script.
const START_GRACE: Duration = Duration::from_secs(30);
/// The largest piece of an answer: one document of the largest size, and what is sent with it.
const MAX_PIECE_BYTES: usize = 80 << 20;
/// Pieces of answers that wait to be taken.
const PIECES_WAITING: usize = 4;
/// Lines that a worker's output is kept of, to tell why it ended.
const LINES_KEPT: usize = 50;
/// Bytes of a line that are kept.
const LINE_BYTES: usize = 500;
/// Lines of a worker's output that go to the log.
const LINES_LOGGED: usize = 1_000;
/// How long to wait for the last lines of a worker that has ended.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Documents on their way to the worker: the bytes of a whole request.
pub struct Request {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Documents in it.
    pub count: usize,
}

/// A running Python process.
pub struct Worker {
    child: Child,
    requests: Option<Sender<Request>>,
    pieces: Receiver<Vec<u8>>,
    output: Arc<Mutex<Tail>>,
    output_ended: Receiver<()>,
    name: String,
    time_limit: Duration,
}

/// The last lines that a worker printed.
#[derive(Default)]
struct Tail {
    lines: VecDeque<String>,
    logged: usize,
}

impl Worker {
    /// Starts Python and loads the script; an error tells what is wrong with either.
    pub fn start(source: &PythonSource) -> Result<Worker, Box<Problem>> {
        let mut child = command(source)
            .spawn()
            .map_err(|error| source.no_python(&error.to_string()))?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(source.no_python("it has no standard input and output"));
        };
        let output = Arc::new(Mutex::new(Tail::default()));
        let (ended, output_ended) = channel();
        let tail = Arc::clone(&output);
        let name = source.file_name();
        let script = name.clone();
        std::thread::spawn(move || {
            keep_output(stderr, &tail, &script);
            // Nobody waits for it unless the worker ended.
            let _ = ended.send(());
        });
        let (requests, taken) = channel::<Request>();
        let (give, pieces) = sync_channel(PIECES_WAITING);
        let hello = hello(source);
        std::thread::spawn(move || talk(stdin, stdout, &hello, &taken, &give));
        let worker = Worker {
            child,
            requests: Some(requests),
            pieces,
            output,
            output_ended,
            name,
            time_limit: source.time_limit,
        };
        worker.once_ready(source)
    }

    /// Waits until the script is loaded.
    fn once_ready(mut self, source: &PythonSource) -> Result<Worker, Box<Problem>> {
        let answer = match self.pieces.recv_timeout(self.time_limit + START_GRACE) {
            Ok(answer) => answer,
            Err(_) => {
                let why = self.end();
                return Err(source.problem(1, 1, format!("the script cannot be loaded: {why}")));
            }
        };
        let arena = Arena::new();
        let answer = read_object(&answer, &arena);
        let answer = answer.map_err(|detail| source.no_python(detail))?;
        if answer.get("ok") == Some(&Value::Bool(true)) {
            // Both sides mean the same by the same bytes.
            let (probe, here) = (answer.get("probe"), Value::Object(probe(&arena)));
            return match probe == Some(&here) {
                true => Ok(self),
                false => Err(source.no_python("it does not understand what is sent to it")),
            };
        }
        let number = |name: &str| {
            let number = answer.get(name).and_then(Value::as_f64);
            number.map_or(1, |number| number as usize)
        };
        let message = answer.text("message").unwrap_or_default().to_owned();
        let mut problem = source.problem(number("line"), number("column"), message);
        if let Some(file) = answer.text("file") {
            problem.file = file.to_owned();
        }
        Err(problem)
    }

    /// Sends documents; false when the worker has ended.
    pub fn send(&self, request: Request) -> bool {
        let requests = self.requests.as_ref();
        requests.is_some_and(|requests| requests.send(request).is_ok())
    }

    /// The next piece of the answers; an error tells how the worker ended.
    pub fn receive(&mut self) -> Result<Vec<u8>, String> {
        match self.pieces.recv_timeout(self.time_limit + GRACE) {
            Ok(piece) => Ok(piece),
            Err(RecvTimeoutError::Disconnected) => Err(self.end()),
            Err(RecvTimeoutError::Timeout) => {
                let limit = self.time_limit.as_secs();
                let _ = self.end();
                let name = &self.name;
                Err(format!(
                    "{name}: it took longer than {limit} s and could not be interrupted"
                ))
            }
        }
    }

    /// Ends the process and tells how it ended, with the line of the script if that is known.
    fn end(&mut self) -> String {
        self.requests = None;
        let status = match self.child.try_wait() {
            Ok(Some(status)) => Some(status),
            // Its pipe is closed, so it is about to end by itself; if not, it is made to.
            _ => {
                std::thread::sleep(Duration::from_millis(50));
                let ended = self.child.try_wait().ok().flatten();
                if ended.is_none() {
                    // It may end between the two.
                    let _ = self.child.kill();
                }
                ended.or_else(|| self.child.wait().ok())
            }
        };
        let _ = self.output_ended.recv_timeout(LAST_LINES);
        let tail = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let how = status.map_or_else(|| "Python ended".to_owned(), how_it_ended);
        let place = tail.lines.iter().find_map(|line| line_in(line, &self.name));
        let name = &self.name;
        match (place, tail.lines.back()) {
            (Some(line), _) => format!("{name}:{line}: {how}"),
            (None, Some(last)) => format!("{name}: {how}; it said `{last}`"),
            (None, None) => format!("{name}: {how}"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.requests = None;
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Python, shut off from whatever this program was started with.
fn command(source: &PythonSource) -> Command {
    let mut command = Command::new(&source.python);
    command
        // No folders of the user's own, and nothing written beside the script.
        .args(["-s", "-B", "-c", BOOT])
        .arg(WORKER.len().to_string())
        .arg(source.file_name())
        .env_clear()
        // Sets of texts have the same order in every worker, so documents are the same.
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONUTF8", "1")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .current_dir("/")
        // Ctrl-C is for this program, which ends its workers.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The first message: the worker's module, and what it shall run.
fn hello(source: &PythonSource) -> Vec<u8> {
    let arena = Arena::new();
    let text = |text: &str| Value::Text(arena.alloc_str(text));
    let number = |number: u64| Value::Number(arena.alloc_str(&number.to_string()));
    let modules = Object::new_in(&arena);
    for (name, source) in MODULES {
        modules.push(name, Value::Text(source));
    }
    let what = Object::new_in(&arena);
    what.push("name", text(&source.module));
    what.push("path", text(&source.path));
    what.push("folder", text(&source.folder));
    what.push("source", text(&source.text));
    what.push("modules", Value::Object(modules));
    what.push("time_limit_s", number(source.time_limit.as_secs()));
    what.push("memory_bytes", number(source.memory_limit_bytes));
    what.push("probe", Value::Object(probe(&arena)));
    let mut bytes = Vec::new();
    push_object(what, &mut bytes);
    let mut message = WORKER.as_bytes().to_vec();
    message.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    message.extend_from_slice(&bytes);
    message
}

/// A value of every kind, which the worker sends back.
fn probe(arena: &Arena) -> &mut Object<'_> {
    let object = Object::new_in(arena);
    let elements = [
        Value::Null,
        Value::Bool(true),
        Value::Number("-1"),
        Value::Number("123456789012345678901"),
        Value::Number("0.1"),
        Value::Text("あ"),
    ];
    object.push("list", Value::new_list(arena, elements));
    object
}

/// Writes requests and reads their answers until either end is closed.
fn talk(
    mut stdin: ChildStdin,
    stdout: ChildStdout,
    hello: &[u8],
    requests: &Receiver<Request>,
    pieces: &SyncSender<Vec<u8>>,
) {
    let mut stdout = BufReader::with_capacity(64 << 10, stdout);
    let mut greet = || {
        stdin.write_all(hello)?;
        let size = read_u32(&mut stdout)?;
        read_bytes(&mut stdout, size)
    };
    let Ok(answer) = greet() else { return };
    if pieces.send(answer).is_err() {
        return;
    }
    while let Ok(request) = requests.recv() {
        if stdin.write_all(&request.bytes).is_err() {
            return;
        }
        let mut left = request.count;
        while left > 0 {
            let mut read = || {
                let count = read_u32(&mut stdout)?;
                let size = read_u32(&mut stdout)?;
                Ok::<_, std::io::Error>((count, read_bytes(&mut stdout, size)?))
            };
            let Ok((count, piece)) = read() else { return };
            if count == 0 || count > left || pieces.send(piece).is_err() {
                return;
            }
            left -= count;
        }
    }
}

fn read_u32(from: &mut impl Read) -> std::io::Result<usize> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes) as usize)
}

fn read_bytes(from: &mut impl Read, size: usize) -> std::io::Result<Vec<u8>> {
    if size > MAX_PIECE_BYTES {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; size];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Keeps the last lines of the output and logs the first; reads on when nobody wants more.
fn keep_output(stderr: ChildStderr, tail: &Mutex<Tail>, script: &str) {
    let mut stderr = BufReader::new(stderr);
    let mut line = Vec::new();
    while read_line(&mut stderr, &mut line) {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end().escape_debug().to_string();
        line.clear();
        if text.is_empty() {
            continue;
        }
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.logged += 1;
        match tail.logged {
            ..=LINES_LOGGED => tracing::info!("{script}: {text}"),
            number if number == LINES_LOGGED + 1 => {
                tracing::info!("{script}: it printed more, which is not shown");
            }
            _ => {}
        }
        if tail.lines.len() == LINES_KEPT {
            tail.lines.pop_front();
        }
        tail.lines.push_back(text);
    }
}

/// Reads a line, of which only the beginning is kept; false at the end.
fn read_line(from: &mut impl std::io::BufRead, line: &mut Vec<u8>) -> bool {
    loop {
        let Ok(buffer) = from.fill_buf() else {
            return false;
        };
        if buffer.is_empty() {
            return !line.is_empty();
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let room = LINE_BYTES.saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            return true;
        }
    }
}

fn how_it_ended(status: ExitStatus) -> String {
    /// The status of a worker that could not interrupt its script.
    const STUCK: i32 = 70;
    match (status.code(), status.signal()) {
        (Some(STUCK), _) => "it took too long and could not be interrupted".to_owned(),
        (Some(code), _) => format!("Python ended with status {code}"),
        (None, Some(signal)) => format!("Python was ended by signal {signal}"),
        (None, None) => "Python ended".to_owned(),
    }
}

/// The line that a traceback such as `File "…/sf_x.py", line 3 in transform` names.
fn line_in<'t>(traceback: &'t str, script: &str) -> Option<&'t str> {
    let (_, place) = traceback.split_once(script)?;
    // Quotes come out escaped.
    let digits = place.split_once("line ")?.1;
    let end = digits.find(|character: char| !character.is_ascii_digit());
    Some(&digits[..end.unwrap_or(digits.len())]).filter(|digits| !digits.is_empty())
}
