//! `host.zlib`: compression step by step, on the pool or at once. Formats and their options are JavaScript's business.

use std::sync::{Arc, Mutex, PoisonError};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use rquickjs::{Ctx, Function, Object, Result, TypedArray, Value};

use super::brotli::{Decoder, Encoder};
use super::natives;
use crate::engine::core::Core;
use crate::engine::raw;
use crate::host::{Completion, Work};

/// What a step takes beside its bytes.
const STEP: u64 = 20_000;
/// What a byte takes to compress, and to decompress; about what zlib needs on a machine of 2025.
const COMPRESS_BYTE: u64 = 30;
const DECOMPRESS_BYTE: u64 = 5;

/// zlib's flush values (`zlib.h`).
const PARTIAL_FLUSH: u32 = 1;
const SYNC_FLUSH: u32 = 2;
const FULL_FLUSH: u32 = 3;
const FINISH: u32 = 4;
const BLOCK: u32 = 5;

/// zlib's return values.
const OK: i32 = 0;
const STREAM_END: i32 = 1;
const NEED_DICT: i32 = 2;
const DATA_ERROR: i32 = -3;
pub(super) const BUF_ERROR: i32 = -5;

/// `host.zlib`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "open" => open,
        "openBrotli" => open_brotli,
    });
    Ok(())
}

/// How a step went: the bytes of input not taken yet, the library's return value, and its message if it failed.
pub(super) struct Progress {
    pub(super) left: usize,
    pub(super) code: i32,
    pub(super) message: Option<String>,
}

/// One direction of one stream.
pub(super) trait Codec: Send {
    /// Replaces the input.
    fn feed(&mut self, bytes: Vec<u8>);
    /// Takes in what fits and makes at most `room` bytes; `flush` is a number of the library.
    fn step(&mut self, flush: u32, room: usize) -> Vec<u8>;
    /// Begins the stream anew; its input stays.
    fn reset(&mut self);
    /// The level of what is compressed from here on, where there is one that can change.
    fn set_level(&mut self, _level: u32) {}
    /// How long the next step takes in the simulated world, in nanoseconds.
    fn modelled(&self, room: usize) -> u64;
    /// How the last step went.
    fn progress(&self) -> Progress;
}

/// The wrapping of a deflate stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Zlib,
    Gzip,
    Raw,
    /// Either of the first two, as the first bytes tell.
    Detect,
}

/// zlib's own state of a stream.
enum Coder {
    Encoder(Compress),
    Decoder(Decompress),
}

/// A stream in progress.
struct Deflate {
    coder: Coder,
    format: Format,
    level: u32,
    window: u8,
    dictionary: Vec<u8>,
    /// What is to be taken in, and how much of it was.
    input: Vec<u8>,
    at: usize,
    /// The first byte of a stream whose format its second byte decides.
    held: Option<u8>,
    /// The last step: bytes made, zlib's return value, and its message.
    made: usize,
    code: i32,
    message: Option<String>,
}

impl Deflate {
    fn new(compresses: bool, format: Format, level: u32, window: u8, dictionary: Vec<u8>) -> Self {
        let coder = coder(compresses, format, level, window);
        Self { coder, format, level, window, dictionary, input: Vec::new(), at: 0, held: None, made: 0, code: OK, message: None }
    }

    fn fail(&mut self, code: i32, message: &str) {
        self.code = code;
        self.message = Some(message.to_owned());
    }

    fn encode(&mut self, flush: u32, output: &mut [u8]) {
        let Coder::Encoder(encoder) = &mut self.coder else { return };
        let flush = match flush {
            PARTIAL_FLUSH => FlushCompress::Partial,
            SYNC_FLUSH | BLOCK => FlushCompress::Sync,
            FULL_FLUSH => FlushCompress::Full,
            FINISH => FlushCompress::Finish,
            _ => FlushCompress::None,
        };
        let (taken, made) = (encoder.total_in(), encoder.total_out());
        let status = encoder.compress(&self.input[self.at..], output, flush);
        self.at += (encoder.total_in() - taken) as usize;
        self.made = (encoder.total_out() - made) as usize;
        match status {
            Ok(status) => self.code = code_of(status),
            Err(error) => self.fail(DATA_ERROR, &error.to_string()),
        }
    }

    fn decode(&mut self, output: &mut [u8]) {
        if self.format == Format::Detect && !self.detect() {
            return;
        }
        loop {
            if let Some(byte) = self.held.take() {
                self.inflate(&[byte], output);
            }
            let input = std::mem::take(&mut self.input);
            self.at += self.inflate(&input[self.at..], output);
            self.input = input;
            // A gzip file may be several members one after the other, and zeros after the last one.
            let more = self.code == STREAM_END && self.format == Format::Gzip && self.at < self.input.len();
            if !more || self.made == output.len() || self.input[self.at] == 0 {
                return;
            }
            let made = self.made;
            self.reset();
            self.made = made;
        }
    }

    /// Looks at the first two bytes; whether there are enough of them.
    fn detect(&mut self) -> bool {
        let Some(&byte) = self.input.get(self.at) else { return false };
        let gzip = match self.held {
            None if byte == 0x1f && self.input.len() - self.at == 1 => {
                self.held = Some(byte);
                self.at += 1;
                return false;
            }
            None => byte == 0x1f && self.input.get(self.at + 1) == Some(&0x8b),
            Some(_) => byte == 0x8b,
        };
        self.format = if gzip { Format::Gzip } else { Format::Zlib };
        self.coder = coder(false, self.format, self.level, self.window);
        true
    }

    /// Decompresses into what is left of `output`; how much of the input was taken.
    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> usize {
        let Coder::Decoder(decoder) = &mut self.coder else { return 0 };
        let mut taken = 0;
        loop {
            let (before_in, before_out) = (decoder.total_in(), decoder.total_out());
            let status = decoder.decompress(&input[taken..], &mut output[self.made..], FlushDecompress::Sync);
            taken += (decoder.total_in() - before_in) as usize;
            self.made += (decoder.total_out() - before_out) as usize;
            let error = match status {
                Ok(status) => {
                    self.code = code_of(status);
                    return taken;
                }
                Err(error) => error,
            };
            if error.needs_dictionary().is_none() {
                let message = error.message().unwrap_or("invalid data").to_owned();
                self.fail(DATA_ERROR, &message);
                return taken;
            }
            if self.dictionary.is_empty() {
                self.fail(NEED_DICT, "Missing dictionary");
                return taken;
            }
            if decoder.set_dictionary(&self.dictionary).is_err() {
                self.fail(NEED_DICT, "Bad dictionary");
                return taken;
            }
        }
    }
}

impl Codec for Deflate {
    fn feed(&mut self, bytes: Vec<u8>) {
        self.input = bytes;
        self.at = 0;
    }

    fn step(&mut self, flush: u32, room: usize) -> Vec<u8> {
        let mut output = vec![0; room];
        self.message = None;
        self.made = 0;
        match self.coder {
            Coder::Encoder(_) => self.encode(flush, &mut output),
            Coder::Decoder(_) => self.decode(&mut output),
        }
        let short = self.code == OK || self.code == BUF_ERROR;
        if short && flush == FINISH && self.made < room {
            self.fail(BUF_ERROR, "unexpected end of file");
        } else if self.code == BUF_ERROR {
            // No progress was possible, which is no error before the end.
            self.code = OK;
        }
        output.truncate(self.made);
        output
    }

    fn reset(&mut self) {
        self.coder = coder(matches!(self.coder, Coder::Encoder(_)), self.format, self.level, self.window);
        self.held = None;
        (self.code, self.message) = (OK, None);
        if let (Coder::Encoder(encoder), false) = (&mut self.coder, self.dictionary.is_empty()) {
            if let Err(error) = encoder.set_dictionary(&self.dictionary) {
                self.fail(DATA_ERROR, &error.to_string());
            }
        } else if let (Coder::Decoder(decoder), Format::Raw, false) = (&mut self.coder, self.format, self.dictionary.is_empty())
            && let Err(error) = decoder.set_dictionary(&self.dictionary)
        {
            self.fail(DATA_ERROR, &error.to_string());
        }
    }

    /// Where zlib has no room to end the block before, the old level stays, as in Node.
    fn set_level(&mut self, level: u32) {
        self.level = level;
        if let Coder::Encoder(encoder) = &mut self.coder {
            let _ = encoder.set_level(Compression::new(level));
        }
    }

    fn modelled(&self, room: usize) -> u64 {
        match self.coder {
            // A compressor takes in more than it makes; with its window full, hardly more than a few times that.
            Coder::Encoder(_) => STEP + COMPRESS_BYTE * (self.input.len() - self.at).min(room * 4) as u64,
            Coder::Decoder(_) => STEP + DECOMPRESS_BYTE * room as u64,
        }
    }

    fn progress(&self) -> Progress {
        Progress { left: self.input.len() - self.at, code: self.code, message: self.message.clone() }
    }
}

fn coder(compresses: bool, format: Format, level: u32, window: u8) -> Coder {
    // The crate takes windows of 2^9 bytes and more; zlib itself makes 9 of 8.
    let window = if window == 0 { 15 } else { window.clamp(9, 15) };
    let level = Compression::new(level);
    match (compresses, format) {
        (true, Format::Gzip) => Coder::Encoder(Compress::new_gzip(level, window)),
        (true, _) => Coder::Encoder(Compress::new_with_window_bits(level, format == Format::Zlib, window)),
        (false, Format::Gzip) => Coder::Decoder(Decompress::new_gzip(window)),
        (false, _) => Coder::Decoder(Decompress::new_with_window_bits(format != Format::Raw, window)),
    }
}

fn code_of(status: Status) -> i32 {
    match status {
        Status::Ok => OK,
        Status::BufError => BUF_ERROR,
        Status::StreamEnd => STREAM_END,
    }
}

type Shared = Arc<Mutex<Box<dyn Codec>>>;

/// A stream: `{ feed(bytes), submit(flush, room), run(flush, room), state(), reset(), level(n) }`. Format 0 is zlib's, 1 gzip's, 2 raw, 3 detected.
fn open<'js>(
    ctx: Ctx<'js>,
    compresses: bool,
    format: u32,
    level: u32,
    window: u8,
    dictionary: Value<'js>,
) -> Result<Object<'js>> {
    let format = [Format::Zlib, Format::Gzip, Format::Raw, Format::Detect].get(format as usize).copied().unwrap_or(Format::Zlib);
    let dictionary = raw::bytes(&ctx, &dictionary)?.unwrap_or_default();
    let mut codec = Deflate::new(compresses, format, level, window, dictionary);
    codec.reset();
    stream(ctx, Box::new(codec))
}

/// The same of a brotli stream, with parameters of the encoder as pairs of numbers, and whether a decoder takes large windows; undefined if a
/// parameter has no meaning.
fn open_brotli<'js>(
    ctx: Ctx<'js>,
    compresses: bool,
    parameters: Vec<Vec<u32>>,
    large_window: bool,
    dictionary: Value<'js>,
) -> Result<Option<Object<'js>>> {
    let parameters = parameters.iter().filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    let dictionary = raw::bytes(&ctx, &dictionary)?.unwrap_or_default();
    if !compresses {
        return stream(ctx, Box::new(Decoder::new(large_window, dictionary))).map(Some);
    }
    match Encoder::new(parameters, dictionary) {
        Some(encoder) => stream(ctx, Box::new(encoder)).map(Some),
        None => Ok(None),
    }
}

fn stream<'js>(ctx: Ctx<'js>, codec: Box<dyn Codec>) -> Result<Object<'js>> {
    let shared: Shared = Arc::new(Mutex::new(codec));
    let object = Object::new(ctx.clone())?;
    let with = |shared: &Shared| Arc::clone(shared);
    let codec = with(&shared);
    object.set("feed", Function::new(ctx.clone(), move |ctx: Ctx<'js>, bytes: Value<'js>| feed(&ctx, &codec, &bytes))?)?;
    let codec = with(&shared);
    object.set(
        "submit",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, flush: u32, room: u32| submit(&ctx, &codec, flush, room))?,
    )?;
    let codec = with(&shared);
    object.set("run", Function::new(ctx.clone(), move |ctx: Ctx<'js>, flush: u32, room: u32| run(&ctx, &codec, flush, room))?)?;
    let codec = with(&shared);
    object.set("reset", Function::new(ctx.clone(), move || lock(&codec).reset())?)?;
    let codec = with(&shared);
    object.set("level", Function::new(ctx.clone(), move |level: u32| lock(&codec).set_level(level))?)?;
    object.set("state", Function::new(ctx.clone(), move |ctx: Ctx<'js>| state(&ctx, &shared))?)?;
    Ok(object)
}

/// A panic of a step is that step's; the next one finds the stream as it was.
fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Box<dyn Codec>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn feed<'js>(ctx: &Ctx<'js>, shared: &Shared, bytes: &Value<'js>) -> Result<()> {
    let bytes = raw::bytes(ctx, bytes)?.unwrap_or_default();
    lock(shared).feed(bytes);
    Ok(())
}

fn submit(ctx: &Ctx<'_>, shared: &Shared, flush: u32, room: u32) -> f64 {
    let core = Core::of(ctx);
    let job = core.event_loop.begin_request();
    let modelled = lock(shared).modelled(room as usize);
    let codec = Arc::clone(shared);
    let run = Box::new(move || Completion::Bytes(lock(&codec).step(flush, room as usize)));
    core.host.submit(job, Work::Compute { modelled, run });
    job.0 as f64
}

fn run<'js>(ctx: &Ctx<'js>, shared: &Shared, flush: u32, room: u32) -> Result<TypedArray<'js, u8>> {
    let mut codec = lock(shared);
    Core::of(ctx).host.spend(codec.modelled(room as usize));
    TypedArray::new(ctx.clone(), codec.step(flush, room as usize))
}

/// After a step: `{ left, code, message }` with the bytes of input not taken yet.
fn state<'js>(ctx: &Ctx<'js>, shared: &Shared) -> Result<Object<'js>> {
    let Progress { left, code, message } = lock(shared).progress();
    let state = Object::new(ctx.clone())?;
    state.set("left", left as f64)?;
    state.set("code", code)?;
    state.set("message", message)?;
    Ok(state)
}
