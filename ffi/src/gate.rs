//! Guards of a server over HTTP: who connects, from which page, and what the answer says.

use std::ffi::c_char;
use std::fmt::Write as _;

use portcullis_engine::net::CorsRequest;

use crate::border::{self, Record};
use crate::guard::{address, judged, portcullis_guard};
use crate::status::Done;
use crate::verdict::portcullis_verdict;

/// What of a request decides about cross-origin use: its method, and values of headers, NULL for one
/// that it does not have.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_cors_request {
    /// `sizeof(portcullis_cors_request)`, set by the caller.
    pub struct_size: u32,
    /// 1 if `Access-Control-Request-Private-Network` is `true`, else 0.
    pub private_network: u32,
    /// The method of the request.
    pub method: *const c_char,
    /// Its length in bytes.
    pub method_len: usize,
    /// `Origin`.
    pub origin: *const c_char,
    /// Its length in bytes.
    pub origin_len: usize,
    /// `Access-Control-Request-Method`.
    pub request_method: *const c_char,
    /// Its length in bytes.
    pub request_method_len: usize,
    /// `Access-Control-Request-Headers`; several joined with commas.
    pub request_headers: *const c_char,
    /// Its length in bytes.
    pub request_headers_len: usize,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers and pointers only.
unsafe impl Record for portcullis_cors_request {}

/// Whether a client of this address may connect, at this time: milliseconds since 1970 (UTC).
/// `PORTCULLIS_STATUS_BAD_NUMBER` if it is no address.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_ip(
    guard: Option<&portcullis_guard>,
    text: *const c_char,
    text_len: usize,
    wall_ms: u64,
    verdict: *mut portcullis_verdict,
) -> u32 {
    judged(guard, (text, text_len), verdict, |network, text| {
        Ok(network.addresses().check(address(text)?, wall_ms))
    })
}

/// The address of the client behind trusted proxies, written into a buffer, of which 46 bytes are
/// enough; no NUL stands behind it.
///
/// - `peer`: the address at the other end of the connection; `PORTCULLIS_STATUS_BAD_NUMBER` if it is none.
/// - `forwarded_for`: the values of all `X-Forwarded-For` headers in their order, joined with commas; of
///   length 0 if there are none. It may hold anything.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_client_address(
    guard: Option<&portcullis_guard>,
    peer: *const c_char,
    peer_len: usize,
    forwarded_for: *const c_char,
    forwarded_for_len: usize,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> u32 {
    border::guard(|| {
        let addresses = border::given(guard)?.network().addresses();
        let len = border::out(len)?;
        let peer = address(border::text(peer, peer_len)?)?;
        // Bytes that are no text are no address: the hop before them counts.
        let values =
            String::from_utf8_lossy(border::bytes(forwarded_for.cast(), forwarded_for_len)?);
        let values = if values.is_empty() { &[][..] } else { &[&*values][..] };
        let client = addresses.client_address(peer, values).to_string();
        border::copy(client.as_bytes(), buffer, capacity)?;
        len.write(client.len());
        Ok(())
    })
}

/// Whether the page that sent a request may: the value of its `Origin`, NULL if it has none. Several are
/// joined with commas, and refused.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_origin(
    guard: Option<&portcullis_guard>,
    origin: *const c_char,
    origin_len: usize,
    verdict: *mut portcullis_verdict,
) -> u32 {
    border::guard(|| {
        let origins = border::given(guard)?.network().origins();
        let verdict = border::record(verdict)?;
        let checked = origins.check_origin(header(origin, origin_len)?);
        verdict.write(portcullis_verdict::new(&checked));
        Ok(())
    })
}

/// Whether the server may be reached under this name: the value of `Host`, or of `:authority`; NULL if
/// the request has none.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_host(
    guard: Option<&portcullis_guard>,
    host: *const c_char,
    host_len: usize,
    verdict: *mut portcullis_verdict,
) -> u32 {
    border::guard(|| {
        let origins = border::given(guard)?.network().origins();
        let verdict = border::record(verdict)?;
        let checked = origins.check_host(header(host, host_len)?);
        verdict.write(portcullis_verdict::new(&checked));
        Ok(())
    })
}

/// What is to be done about cross-origin use of the server by a page.
///
/// - `headers`: those to add to the answer, each as `Name: value` with CR LF behind it; 2,048 bytes are
///   enough unless long lists are configured. `Vary` is added to what the answer says itself.
/// - `*status`: of the whole answer, which has no body and does not go on to the server: 204 or 403, for
///   a preflight. 0: the request goes on, and the headers are added to its answer.
/// - `verdict`: whether the page will get at the answer. For the log; the page is told nothing.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_cors(
    guard: Option<&portcullis_guard>,
    request: *const portcullis_cors_request,
    headers: *mut c_char,
    headers_capacity: usize,
    headers_len: *mut usize,
    status: *mut u32,
    verdict: *mut portcullis_verdict,
) -> u32 {
    border::guard(|| {
        let cors = border::given(guard)?.network().cors();
        let (len, status) = (border::out(headers_len)?, border::out(status)?);
        let verdict = border::record(verdict)?;
        let asked = border::read(request)?;
        let answer = cors.decide(&CorsRequest {
            method: border::text(asked.method, asked.method_len)?,
            origin: header(asked.origin, asked.origin_len)?,
            request_method: header(asked.request_method, asked.request_method_len)?,
            request_headers: header(asked.request_headers, asked.request_headers_len)?,
            private_network: asked.private_network != 0,
        });
        let vary = Some(("Vary", answer.vary)).filter(|(_, names)| !names.is_empty());
        let lines = answer.headers.iter().map(|(name, value)| (*name, &**value)).chain(vary);
        write(lines, headers, headers_capacity, len)?;
        status.write(answer.status.unwrap_or_default().into());
        verdict.write(portcullis_verdict::new(&answer.denied.map_or(Ok(()), Err)));
        Ok(())
    })
}

/// The security headers of an answer, as `portcullis_guard_cors` writes headers; 1,024 bytes are enough
/// unless longer values are configured. `tls`: 1 if the answer goes over TLS, else 0.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_headers(
    guard: Option<&portcullis_guard>,
    tls: u32,
    headers: *mut c_char,
    headers_capacity: usize,
    headers_len: *mut usize,
) -> u32 {
    border::guard(|| {
        let set = border::given(guard)?.network().headers();
        write(set.headers(tls != 0), headers, headers_capacity, border::out(headers_len)?)
    })
}

/// The value of a header; NULL is none.
pub(crate) fn header<'a>(value: *const c_char, len: usize) -> Result<Option<&'a str>, u32> {
    let text = border::text(value, len)?;
    Ok((!value.is_null()).then_some(text))
}

/// Writes headers as lines of HTTP/1.1 (RFC 9112, section 5).
fn write<'a>(
    headers: impl Iterator<Item = (&'static str, &'a str)>,
    buffer: *mut c_char,
    capacity: usize,
    len: border::Out<usize>,
) -> Done {
    let mut text = String::new();
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if !text.is_empty() {
        border::copy(text.as_bytes(), buffer, capacity)?;
    }
    len.write(text.len());
    Ok(())
}
