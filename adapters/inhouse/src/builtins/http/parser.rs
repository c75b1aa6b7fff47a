//! HTTP/1 messages out of a stream of bytes, on the crate `httparse`, which knows heads, header fields and sizes of chunks.
//!
//! [`Parser::feed`] takes bytes as they come and appends what they complete; how the input is cut changes nothing but how bodies are
//! cut. Authorities: RFC 9112 for the framing, Node's parser (llhttp) for what is refused and how the error is called.

use httparse::{Header, Status};

/// Which messages a parser reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Requests, one after the other.
    Requests,
    /// The response to a request, after any number of informational ones; `bodiless` if the request was HEAD, `tunnel` if it was CONNECT.
    Response { bodiless: bool, tunnel: bool },
}

/// Names and values, in the order in which they came.
pub(super) type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// The head of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Method or reason phrase.
    pub(super) word: Vec<u8>,
    /// Target of a request; empty for responses.
    pub(super) target: Vec<u8>,
    /// Status of a response; 0 for requests.
    pub(super) status: u16,
    /// The minor version of HTTP/1.
    pub(super) minor: u8,
    pub(super) fields: Fields,
    /// Whether the connection may be used for another message.
    pub(super) keep_alive: bool,
    /// Whether the connection turns into something else. Nothing more is parsed until [`Parser::go_on`].
    pub(super) upgrade: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Head(Head),
    Body(Vec<u8>),
    /// The message is complete, with these trailers.
    End(Fields),
    /// Nothing more can be parsed: a code and its meaning, as Node has them.
    Error(&'static str, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// A body of this many bytes more.
    Length(u64),
    ChunkSize,
    /// A chunk of this many bytes more.
    Chunk(u64),
    ChunkEnd,
    Trailers,
    UntilClose,
    /// The head asked for an upgrade; what is to come then.
    Upgrade(Body),
    /// The connection is closed after this message.
    Closed,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

/// The methods that Node knows.
pub(super) const METHODS: &[&str] = &[
    "ACL",
    "BIND",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LINK",
    "LOCK",
    "M-SEARCH",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
    "NOTIFY",
    "OPTIONS",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PURGE",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "SOURCE",
    "SUBSCRIBE",
    "TRACE",
    "UNBIND",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
];

/// A failure on the way.
type Refused = (&'static str, &'static str);

/// Reads messages.
#[derive(Debug)]
pub(super) struct Parser {
    kind: Kind,
    /// Bytes that a head, its fields, and trailers may have.
    limit: usize,
    state: State,
    keep_alive: bool,
    /// What is not parsed yet, from `at` on.
    input: Vec<u8>,
    at: usize,
}

impl Parser {
    pub(super) fn new(kind: Kind, limit: usize) -> Self {
        Self { kind, limit, state: State::Head, keep_alive: true, input: Vec::new(), at: 0 }
    }

    /// Takes bytes, and appends to `found` what they complete.
    pub(super) fn feed(&mut self, bytes: &[u8], found: &mut Vec<Found>) {
        self.input.drain(..self.at);
        self.at = 0;
        self.input.extend_from_slice(bytes);
        self.parse(found);
    }

    /// After a head with an upgrade that nobody wants: parses on as if it had not asked for one.
    pub(super) fn go_on(&mut self, found: &mut Vec<Found>) {
        if let State::Upgrade(body) = self.state {
            self.begin(body, found);
            self.parse(found);
        }
    }

    /// What has come and is not parsed: the beginning of what follows an upgrade.
    pub(super) fn rest(&self) -> &[u8] {
        &self.input[self.at..]
    }

    /// The stream has ended.
    pub(super) fn finish(&mut self, found: &mut Vec<Found>) {
        match self.state {
            State::UntilClose => self.end(Vec::new(), found),
            State::Head if self.rest().iter().all(u8::is_ascii_whitespace) => {}
            State::Failed | State::Closed | State::Upgrade(_) => {}
            _ => self.fail(("HPE_INVALID_EOF_STATE", "Invalid EOF state"), found),
        }
    }

    fn parse(&mut self, found: &mut Vec<Found>) {
        loop {
            match self.step(found) {
                Ok(true) => {}
                Ok(false) => return,
                Err(refused) => return self.fail(refused, found),
            }
        }
    }

    fn fail(&mut self, (code, reason): Refused, found: &mut Vec<Found>) {
        self.state = State::Failed;
        found.push(Found::Error(code, reason));
    }

    /// Parses one element; whether there may be another.
    fn step(&mut self, found: &mut Vec<Found>) -> Result<bool, Refused> {
        match self.state {
            State::Failed | State::Upgrade(_) => Ok(false),
            State::Closed if self.rest().iter().all(u8::is_ascii_whitespace) => Ok(false),
            State::Closed => Err(("HPE_CLOSED_CONNECTION", "Data after `Connection: close`")),
            State::Head => self.head(found),
            State::Length(left) => {
                let taken = self.body(left, found);
                if taken == left {
                    self.end(Vec::new(), found);
                } else {
                    self.state = State::Length(left - taken);
                }
                Ok(taken == left)
            }
            State::UntilClose => {
                self.body(u64::MAX, found);
                Ok(false)
            }
            State::ChunkSize => match httparse::parse_chunk_size(self.rest()) {
                Ok(Status::Complete((length, size))) => {
                    self.at += length;
                    self.state = if size == 0 { State::Trailers } else { State::Chunk(size) };
                    Ok(true)
                }
                Ok(Status::Partial) if self.rest().len() > self.limit => Err(OVERFLOW),
                Ok(Status::Partial) => Ok(false),
                Err(_) => Err(("HPE_INVALID_CHUNK_SIZE", "Invalid character in chunk size")),
            },
            State::Chunk(left) => {
                let taken = self.body(left, found);
                self.state = if taken == left { State::ChunkEnd } else { State::Chunk(left - taken) };
                Ok(taken == left)
            }
            State::ChunkEnd => match self.rest() {
                [b'\r', b'\n', ..] => {
                    self.at += 2;
                    self.state = State::ChunkSize;
                    Ok(true)
                }
                [] | [b'\r'] => Ok(false),
                _ => Err(("HPE_STRICT", "Expected LF after chunk data")),
            },
            State::Trailers => {
                let limit = self.limit;
                let parsed = with_headers(|headers| {
                    let parsed = complete(httparse::parse_headers(self.rest(), headers)?);
                    Ok(parsed.map(|(length, headers)| (length, fields(headers))))
                });
                match parsed.map_err(refusal)? {
                    Some((length, trailers)) => {
                        self.at += length;
                        self.end(trailers, found);
                        Ok(true)
                    }
                    None if self.rest().len() > limit => Err(OVERFLOW),
                    None => Ok(false),
                }
            }
        }
    }

    /// Passes on up to `left` bytes of a body; how many.
    fn body(&mut self, left: u64, found: &mut Vec<Found>) -> u64 {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(self.rest().len());
        if taken > 0 {
            found.push(Found::Body(self.rest()[..taken].to_vec()));
            self.at += taken;
        }
        taken as u64
    }

    fn head(&mut self, found: &mut Vec<Found>) -> Result<bool, Refused> {
        // Empty lines before a message are nothing.
        while let [b'\r' | b'\n', ..] = self.rest() {
            self.at += 1;
        }
        if self.rest().is_empty() {
            return Ok(false);
        }
        self.check_method()?;
        let parsed = match self.kind {
            Kind::Requests => self.request_head(),
            Kind::Response { .. } => self.response_head(),
        };
        let refused = |error| match (self.kind, error) {
            (Kind::Response { .. }, httparse::Error::Version) => ("HPE_INVALID_CONSTANT", "Expected HTTP/, RTSP/ or ICE/"),
            (_, error) => refusal(error),
        };
        let (length, mut head) = match parsed.map_err(refused)? {
            Some((length, _)) if length > self.limit => return Err(OVERFLOW),
            Some(complete) => complete,
            None if self.rest().len() > self.limit => return Err(OVERFLOW),
            None => return Ok(false),
        };
        let body = self.framing(&mut head)?;
        self.at += length;
        self.keep_alive = head.keep_alive;
        let informational = matches!(head.status, 100 | 102..=199);
        let upgrade = head.upgrade;
        found.push(Found::Head(head));
        if upgrade {
            self.state = State::Upgrade(body);
        } else if !informational {
            self.begin(body, found);
        }
        Ok(!upgrade)
    }

    fn begin(&mut self, body: Body, found: &mut Vec<Found>) {
        match body {
            Body::None => self.end(Vec::new(), found),
            Body::Length(length) => self.state = State::Length(length),
            Body::Chunked => self.state = State::ChunkSize,
            Body::UntilClose => self.state = State::UntilClose,
        }
    }

    fn end(&mut self, trailers: Fields, found: &mut Vec<Found>) {
        found.push(Found::End(trailers));
        self.state = if self.keep_alive { State::Head } else { State::Closed };
    }

    /// Refuses what cannot become a method that is known.
    fn check_method(&self) -> Result<(), Refused> {
        if self.kind != Kind::Requests {
            return Ok(());
        }
        let method = self.rest().split(|&byte| byte == b' ').next().unwrap_or_default();
        let whole = method.len() < self.rest().len();
        let known =
            METHODS.iter().any(|known| if whole { known.as_bytes() == method } else { known.as_bytes().starts_with(method) });
        if known { Ok(()) } else { Err(("HPE_INVALID_METHOD", "Invalid method encountered")) }
    }

    fn request_head(&self) -> Result<Option<(usize, Head)>, httparse::Error> {
        with_headers(|headers| {
            let mut request = httparse::Request::new(headers);
            Ok(complete(request.parse(self.rest())?).map(|length| {
                let head = Head {
                    word: request.method.unwrap_or_default().as_bytes().to_vec(),
                    target: request.path.unwrap_or_default().as_bytes().to_vec(),
                    status: 0,
                    minor: request.version.unwrap_or_default(),
                    fields: fields(request.headers),
                    keep_alive: true,
                    upgrade: false,
                };
                (length, head)
            }))
        })
    }

    fn response_head(&self) -> Result<Option<(usize, Head)>, httparse::Error> {
        with_headers(|headers| {
            let mut response = httparse::Response::new(headers);
            Ok(complete(response.parse(self.rest())?).map(|length| {
                let head = Head {
                    word: response.reason.unwrap_or_default().as_bytes().to_vec(),
                    target: Vec::new(),
                    status: response.code.unwrap_or_default(),
                    minor: response.version.unwrap_or_default(),
                    fields: fields(response.headers),
                    keep_alive: true,
                    upgrade: false,
                };
                (length, head)
            }))
        })
    }

    /// How the body is delimited (RFC 9112, section 6.3), and what the head says of the connection.
    fn framing(&self, head: &mut Head) -> Result<Body, Refused> {
        let tokens = |name: &str| -> Vec<String> {
            let values = head.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()));
            values
                .flat_map(|(_, value)| {
                    String::from_utf8_lossy(value)
                        .to_ascii_lowercase()
                        .split(',')
                        .map(|token| token.trim().to_owned())
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        let connection = tokens("connection");
        let encodings = tokens("transfer-encoding");
        let lengths = tokens("content-length");
        let asks_upgrade = connection.iter().any(|token| token == "upgrade") && !tokens("upgrade").is_empty();
        head.keep_alive = if connection.iter().any(|token| token == "close") {
            false
        } else {
            head.minor == 1 || connection.iter().any(|token| token == "keep-alive")
        };
        if !encodings.is_empty() && !lengths.is_empty() {
            return Err(("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding can't be present with Content-Length"));
        }
        let length = match lengths.as_slice() {
            [] => None,
            [length] => Some(digits(length).ok_or(("HPE_INVALID_CONTENT_LENGTH", "Invalid character in Content-Length"))?),
            _ => return Err(("HPE_UNEXPECTED_CONTENT_LENGTH", "Content-Length already present")),
        };
        let chunked = encodings.last().is_some_and(|last| last == "chunked");
        match self.kind {
            Kind::Requests => {
                head.upgrade = asks_upgrade || head.word == b"CONNECT";
                if !encodings.is_empty() && !chunked {
                    return Err(("HPE_INVALID_TRANSFER_ENCODING", "Request has invalid `Transfer-Encoding`"));
                }
                Ok(if chunked { Body::Chunked } else { length.filter(|&length| length > 0).map_or(Body::None, Body::Length) })
            }
            Kind::Response { bodiless, tunnel } => {
                head.upgrade = head.status == 101 || (tunnel && matches!(head.status, 200..=299));
                if bodiless || matches!(head.status, 100..=199 | 204 | 304) {
                    return Ok(Body::None);
                }
                if chunked {
                    return Ok(Body::Chunked);
                }
                if let (Some(length), true) = (length, encodings.is_empty()) {
                    return Ok(if length == 0 { Body::None } else { Body::Length(length) });
                }
                head.keep_alive = false;
                Ok(Body::UntilClose)
            }
        }
    }
}

const OVERFLOW: Refused = ("HPE_HEADER_OVERFLOW", "Header overflow");

fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn fields(headers: &[Header<'_>]) -> Fields {
    headers.iter().map(|header| (header.name.as_bytes().to_vec(), header.value.to_vec())).collect()
}

fn complete<T>(status: Status<T>) -> Option<T> {
    match status {
        Status::Complete(value) => Some(value),
        Status::Partial => None,
    }
}

/// Calls `parse` with room for more and more header fields, as long as it asks for more. The limit of bytes bounds them.
fn with_headers<'bytes, T>(
    mut parse: impl FnMut(&mut [Header<'bytes>]) -> Result<T, httparse::Error>,
) -> Result<T, httparse::Error> {
    let mut room = 64;
    loop {
        match parse(&mut vec![httparse::EMPTY_HEADER; room]) {
            Err(httparse::Error::TooManyHeaders) => room *= 4,
            other => return other,
        }
    }
}

fn refusal(error: httparse::Error) -> Refused {
    match error {
        httparse::Error::HeaderName => ("HPE_INVALID_HEADER_TOKEN", "Invalid header token"),
        httparse::Error::HeaderValue => ("HPE_INVALID_HEADER_TOKEN", "Invalid header value char"),
        httparse::Error::Version => ("HPE_INVALID_VERSION", "Invalid HTTP version"),
        httparse::Error::Status => ("HPE_INVALID_STATUS", "Invalid status code"),
        httparse::Error::Token => ("HPE_INVALID_METHOD", "Invalid method encountered"),
        httparse::Error::NewLine => ("HPE_LF_EXPECTED", "Missing expected LF after header value"),
        httparse::Error::TooManyHeaders => OVERFLOW,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 16_384;

    fn parse_in_pieces(kind: Kind, pieces: &[&[u8]]) -> Vec<Found> {
        let mut parser = Parser::new(kind, LIMIT);
        let mut found = Vec::new();
        pieces.iter().for_each(|piece| parser.feed(piece, &mut found));
        parser.finish(&mut found);
        joined(found)
    }

    /// Bodies as one piece each.
    fn joined(found: Vec<Found>) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        for next in found {
            match (all.last_mut(), next) {
                (Some(Found::Body(before)), Found::Body(more)) => before.extend(more),
                (_, next) => all.push(next),
            }
        }
        all
    }

    fn words(found: &[Found]) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let word = |found: &Found| match found {
            Found::Head(head) if head.status == 0 => {
                format!("{} {} {} {}", text(&head.word), text(&head.target), head.fields.len(), head.keep_alive)
            }
            Found::Head(head) => format!("{} {} {}", head.status, text(&head.word), head.keep_alive),
            Found::Body(bytes) => text(bytes),
            Found::End(trailers) => format!("end {}", trailers.len()),
            Found::Error(code, _) => (*code).to_owned(),
        };
        found.iter().map(word).collect()
    }

    const RESPONSE: Kind = Kind::Response { bodiless: false, tunnel: false };

    #[test]
    fn requests_follow_each_other() {
        let input = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
            POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello\
            POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n";
        let found = parse_in_pieces(Kind::Requests, &[input]);
        let expected = ["GET /a 1 true", "end 0", "POST /b 2 true", "hello", "end 0", "POST /c 2 false", "abcde", "end 1"];
        assert_eq!(words(&found), expected);
    }

    #[test]
    fn a_response_is_framed_by_what_there_is() {
        let parse = |kind, input: &[u8]| words(&parse_in_pieces(kind, &[input]));
        let until_close = b"HTTP/1.1 200 OK\r\n\r\nall there is";
        assert_eq!(parse(RESPONSE, until_close), ["200 OK false", "all there is", "end 0"]);
        let no_content = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(parse(RESPONSE, no_content), ["204 No Content true", "end 0"]);
        let continued = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(parse(RESPONSE, continued), ["100 Continue true", "200 OK true", "ok", "end 0"]);
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(parse(Kind::Response { bodiless: true, tunnel: false }, head), ["200 OK true", "end 0"]);
    }

    #[test]
    fn an_upgrade_waits_to_be_decided() {
        let input = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nbytes of echo";
        let mut parser = Parser::new(Kind::Requests, LIMIT);
        let mut found = Vec::new();
        parser.feed(input, &mut found);
        assert_eq!(parser.rest(), b"bytes of echo");
        assert!(matches!(&found[..], [Found::Head(head)] if head.upgrade), "{found:?}");
        parser.go_on(&mut found);
        assert_eq!(words(&found[1..]), ["end 0", "HPE_INVALID_METHOD"]);
    }

    #[test]
    fn what_is_no_http_is_refused_by_name() {
        let code = |kind, input: &[u8]| words(&parse_in_pieces(kind, &[input])).pop().unwrap_or_default();
        assert_eq!(code(Kind::Requests, b"NONSENSE / HTTP/1.1\r\n\r\n"), "HPE_INVALID_METHOD");
        assert_eq!(code(Kind::Requests, b"GET / HTTP/1.1\r\nbad header: x\r\n\r\n"), "HPE_INVALID_HEADER_TOKEN");
        assert_eq!(code(Kind::Requests, b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), "HPE_INVALID_CONTENT_LENGTH");
        let both = b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(code(Kind::Requests, both), "HPE_INVALID_TRANSFER_ENCODING");
        let long = [b"GET / HTTP/1.1\r\nx: ".to_vec(), vec![b'y'; 20_000]].concat();
        assert_eq!(code(Kind::Requests, &long), "HPE_HEADER_OVERFLOW");
        assert_eq!(code(RESPONSE, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "HPE_INVALID_CHUNK_SIZE");
        assert_eq!(code(RESPONSE, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), "HPE_INVALID_EOF_STATE");
    }

    fn message() -> impl Strategy<Value = Vec<u8>> {
        let text = "[a-z0-9]{0,40}";
        let chunked = prop::collection::vec("[a-z]{1,9}", 0..4).prop_map(|chunks| {
            let chunks: String = chunks.iter().map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len())).collect();
            format!("PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
        });
        let sized = text.prop_map(|body| format!("POST /s HTTP/1.1\r\nContent-Length: {}\r\nX: 1\r\n\r\n{body}", body.len()));
        prop_oneof![chunked, sized, Just("GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_owned())].prop_map(String::into_bytes)
    }

    fn kinds() -> impl Strategy<Value = Kind> {
        let response = (any::<bool>(), any::<bool>()).prop_map(|(bodiless, tunnel)| Kind::Response { bodiless, tunnel });
        prop_oneof![Just(Kind::Requests), response]
    }

    proptest! {
        #[test]
        fn how_the_input_is_cut_does_not_matter(
            messages in prop::collection::vec(message(), 1..4),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let input = messages.concat();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len())).collect();
            places.extend([0, input.len()]);
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &input[pair[0]..pair[1]]).collect();
            let whole = parse_in_pieces(Kind::Requests, &[&input]);
            prop_assert_eq!(whole.iter().filter(|found| matches!(found, Found::End(_))).count(), messages.len());
            prop_assert_eq!(parse_in_pieces(Kind::Requests, &pieces), whole);
        }

        #[test]
        fn any_bytes_are_survived(
            kind in kinds(),
            start in prop::sample::select(vec!["", "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]),
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            cut in any::<prop::sample::Index>(),
        ) {
            let input = [start.as_bytes(), &bytes].concat();
            let cut = cut.index(input.len() + 1);
            let found = parse_in_pieces(kind, &[&input[..cut], &input[cut..]]);
            // An error is the last that is said.
            let errors = found.iter().position(|found| matches!(found, Found::Error(..)));
            prop_assert!(errors.is_none_or(|place| place == found.len() - 1));
            let body: usize = found.iter().map(|found| if let Found::Body(bytes) = found { bytes.len() } else { 0 }).sum();
            prop_assert!(body <= input.len());
        }
    }
}
