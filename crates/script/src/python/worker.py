"""Runs one script: takes documents, gives back what the script's `transform` made of them.

The program starts this module in a Python of its own and talks to it over a pipe:

    to the worker     u32 size, marshal: what to run
    from the worker   u32 size, marshal: ready, or what is wrong with the script
    to the worker     u32 count, u32 size, u8 single; per document u32 size, marshal
    from the worker   u32 count, u32 size; per document u8 failed, u32 size, marshal or text

Answers come in any number of pieces, in order; a `single` batch is answered document by document.
"""

import faulthandler
import gc
import importlib.machinery
import json
import marshal
import os
import resource
import signal
import struct
import sys
import time
import types

# Version of the format; newer ones have nothing that documents need.
MARSHAL = 4
# The largest document that is given back.
RESULT_BYTES = 64 << 20
# Answers are sent when so many bytes are there.
FLUSH_BYTES = 256 << 10
# The longest text of an exception that is told.
MESSAGE_CHARACTERS = 500
# Ticks that a script may ignore being interrupted.
PATIENCE = 3
# Exit status of a script that could not be interrupted.
STUCK = 70
# CPU seconds above the limit after which the system ends a worker that cannot end itself.
CPU_GRACE_S = 30


class TimeLimit(BaseException):
    """The script took too long over a record."""


class Watch:
    """Interrupts a script that takes too long."""

    def __init__(self, limit_s):
        self.limit_s = limit_s
        self.parent = os.getppid()
        self.record = 0
        self.seen = -1
        self.ticks = 0
        self.running = False
        self.flush = False
        self.cpu_limit_s = resource.getrlimit(resource.RLIMIT_CPU)[1]
        signal.signal(signal.SIGALRM, self.tick)

    def start(self):
        self.seen = -1
        signal.setitimer(signal.ITIMER_REAL, 1, 1)

    def stop(self):
        signal.setitimer(signal.ITIMER_REAL, 0)

    def tick(self, _signal, frame):
        if os.getppid() != self.parent:
            os._exit(STUCK)
        self.flush = True
        self.limit_cpu()
        if self.seen != self.record:
            self.seen, self.ticks = self.record, 0
        self.ticks += 1
        if not self.running or self.ticks < self.limit_s:
            return
        if self.ticks >= self.limit_s + PATIENCE:
            faulthandler.dump_traceback(all_threads=False)
            os._exit(STUCK)
        raise TimeLimit(f"took longer than {self.limit_s} s")

    def limit_cpu(self):
        """Ends the worker by the system if it never comes here again."""
        at = int(time.process_time()) + self.limit_s + CPU_GRACE_S
        if self.cpu_limit_s == resource.RLIM_INFINITY or at < self.cpu_limit_s:
            resource.setrlimit(resource.RLIMIT_CPU, (at, self.cpu_limit_s))


class Siem:
    """Finds the modules that the program brings itself."""

    def __init__(self, sources, folder):
        self.sources = sources
        self.folder = folder

    def find_spec(self, name, path=None, target=None):
        if name not in self.sources:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin="yagura", is_package=name == "siem")
        if name == "siem":
            # What the script's folder holds can be imported from the package as well.
            spec.submodule_search_locations = [self.folder]
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        source = self.sources[module.__name__]
        exec(compile(source, f"<{module.__name__}>", "exec"), module.__dict__)


class Pipe:
    """What the program is talked to through; `print` and `input` of scripts cannot reach it."""

    def __init__(self):
        self.input = open(os.dup(0), "rb", buffering=1 << 16)
        self.output = open(os.dup(1), "wb", buffering=1 << 16)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def read(self, size):
        data = self.input.read(size)
        if len(data) < size:
            # The program has gone.
            os._exit(0)
        return data

    def write(self, *parts):
        try:
            for part in parts:
                self.output.write(part)
            self.output.flush()
        except BrokenPipeError:
            os._exit(0)


class Script:
    """A user's script."""

    def __init__(self, what):
        self.path = what["path"]
        self.folder = what["folder"]
        self.transform = None
        sys.path.append(self.folder)
        sys.meta_path.insert(0, Siem(what["modules"], self.folder))
        module = types.ModuleType(what["name"])
        module.__file__ = self.path
        sys.modules[what["name"]] = module
        self.module = module
        self.source = what["source"]

    def load(self):
        exec(compile(self.source, self.path, "exec", dont_inherit=True), self.module.__dict__)
        self.transform = getattr(self.module, "transform", None)
        if not callable(self.transform):
            raise NotImplementedError("the script defines no function `transform(logdata)`")

    def first_line(self):
        return getattr(getattr(self.transform, "__code__", None), "co_firstlineno", 1)

    def place(self, error):
        """File and line of the innermost call that belongs to the user."""
        place = None
        step = error.__traceback__
        while step is not None:
            name = step.tb_frame.f_code.co_filename
            if name == self.path:
                place = (name, step.tb_lineno)
            elif place is None and name.startswith(self.folder):
                place = (name, step.tb_lineno)
            step = step.tb_next
        return place or (self.path, self.first_line())

    def describe(self, error):
        """One line about an exception: file, line, type and text."""
        name, line = self.place(error)
        try:
            text = str(error)
        except Exception:
            text = "(its text cannot be told)"
        if len(text) > MESSAGE_CHARACTERS:
            text = text[:MESSAGE_CHARACTERS] + "…"
        kind = "TimeLimit" if isinstance(error, TimeLimit) else type(error).__name__
        return f"{os.path.basename(name)}:{line}: {kind}: {text}" if text else (
            f"{os.path.basename(name)}:{line}: {kind}")


def plain(value):
    """What JSON makes of a value of an unusual type, such as a subclass of `dict`."""
    return json.loads(json.dumps(value, default=listed))


def listed(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def packed(result):
    """The returned document as bytes."""
    if not isinstance(result, dict):
        hint = "; end it with `return logdata`" if result is None else ""
        kind = "None" if result is None else type(result).__name__
        raise TypeError(f"transform returned {kind}, not a dict{hint}")
    day = result.get("__index_dt")
    if hasattr(day, "isoformat"):
        result["__index_dt"] = day.isoformat()
    try:
        data = marshal.dumps(result, MARSHAL)
    except ValueError:
        data = marshal.dumps(plain(result), MARSHAL)
    if len(data) > RESULT_BYTES:
        raise ValueError(f"transform returned more than {RESULT_BYTES} bytes")
    return data


def failure(script, error):
    try:
        text = script.describe(error)
    except BaseException as second:
        text = f"{os.path.basename(script.path)}: {type(error).__name__}, {type(second).__name__}"
    return text.encode("utf-8", "replace")


def run_batch(pipe, script, watch):
    """Runs the documents of one batch."""
    count, size, single = struct.unpack("<IIB", pipe.read(9))
    batch = memoryview(pipe.read(size))
    transform, loads, unpack = script.transform, marshal.loads, struct.Struct("<I").unpack_from
    pack = struct.Struct("<BI").pack
    answers, answer_bytes, at = [], 0, 0
    watch.start()
    for _ in range(count):
        (length,) = unpack(batch, at)
        at += 4
        failed = 0
        watch.record += 1
        try:
            watch.running = True
            data = packed(transform(loads(batch[at:at + length])))
            watch.running = False
        except BaseException as error:
            watch.running = False
            failed, data = 1, failure(script, error)
        at += length
        answers.append(pack(failed, len(data)))
        answers.append(data)
        answer_bytes += len(data) + 5
        if single or watch.flush or answer_bytes >= FLUSH_BYTES:
            pipe.write(struct.pack("<II", len(answers) // 2, answer_bytes), *answers)
            answers, answer_bytes, watch.flush = [], 0, False
    watch.stop()
    if answers:
        pipe.write(struct.pack("<II", len(answers) // 2, answer_bytes), *answers)
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        # The script has closed it.
        pass
    gc.collect()


def answer_start(pipe, answer):
    data = marshal.dumps(answer, MARSHAL)
    pipe.write(struct.pack("<I", len(data)), data)


def start(pipe):
    """Loads the script and tells whether that worked."""
    (size,) = struct.unpack("<I", pipe.read(4))
    what = marshal.loads(pipe.read(size))
    if sys.version_info < (3, 8):
        answer_start(pipe, {"ok": False, "message": "Python 3.8 or newer is needed"})
        return None, None
    watch = Watch(what["time_limit_s"])
    for kind, limit in ((resource.RLIMIT_AS, what["memory_bytes"]), (resource.RLIMIT_CORE, 0)):
        try:
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))
        except (OSError, ValueError):
            # Not every system has every limit.
            pass
    script = Script(what)
    watch.start()
    try:
        watch.running = True
        script.load()
        watch.running = False
    except SyntaxError as error:
        watch.running = False
        answer_start(pipe, {
            "ok": False,
            "file": error.filename or script.path,
            "line": error.lineno or 1,
            "column": error.offset or 1,
            "message": f"{type(error).__name__}: {error.msg}",
        })
        return None, None
    except BaseException as error:
        watch.running = False
        name, line = script.place(error)
        answer_start(pipe, {
            "ok": False, "file": name, "line": line, "column": 1,
            "message": f"{type(error).__name__}: {str(error)[:MESSAGE_CHARACTERS]}",
        })
        return None, None
    watch.stop()
    answer_start(pipe, {"ok": True, "probe": what["probe"]})
    return script, watch


def main():
    # The folder that the program was started in is no place to import from.
    sys.path[:] = [path for path in sys.path if path]
    pipe = Pipe()
    faulthandler.enable()
    script, watch = start(pipe)
    if script is None:
        return
    gc.freeze()
    gc.disable()
    while True:
        run_batch(pipe, script, watch)


main()
