//! `host.crypto`: digests, key derivation and randomness, on the loop's thread or on the pool.

use std::cell::RefCell;
use std::rc::Rc;

use hmac::{KeyInit, SimpleHmac};
use md5::Md5;
use rquickjs::{Ctx, Exception, Function, Object, Result, TypedArray, Value};
use sha1::Sha1;
use sha2::digest::{DynDigest, FixedOutput, Update};
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_256};

use super::natives;
use crate::engine::core::Core;
use crate::engine::raw;
use crate::host::{Completion, Work};

/// The digests by Node's names.
const NAMES: &[&str] = &["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256"];

/// What a round of PBKDF2 takes in the simulated world, in nanoseconds.
const ROUND: u64 = 1_000;
/// What mixing a block of scrypt takes.
const BLOCK: u64 = 2_000;
/// What drawing random bytes takes.
const DRAW: u64 = 20_000;

/// `host.crypto`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    group.set("names", NAMES.to_vec())?;
    natives!(ctx, group, {
        "hasher" => hasher,
        "pbkdf2" => pbkdf2,
        "scrypt" => scrypt,
        "random" => random,
    });
    Ok(())
}

/// Runs `$body` with the digest of a name as type `$digest`; none if there is no such digest.
macro_rules! with_digest {
    ($name:expr, $digest:ident => $body:expr) => {
        match $name {
            "md5" => {
                type $digest = Md5;
                Some($body)
            }
            "sha1" => {
                type $digest = Sha1;
                Some($body)
            }
            "sha224" => {
                type $digest = Sha224;
                Some($body)
            }
            "sha256" => {
                type $digest = Sha256;
                Some($body)
            }
            "sha384" => {
                type $digest = Sha384;
                Some($body)
            }
            "sha512" => {
                type $digest = Sha512;
                Some($body)
            }
            "sha512-256" => {
                type $digest = Sha512_256;
                Some($body)
            }
            _ => None,
        }
    };
}

/// A digest or a keyed digest in progress.
trait Digesting {
    fn update(&mut self, bytes: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn copy(&self) -> Box<dyn Digesting>;
}

struct Plain(Box<dyn DynDigest>);

impl Digesting for Plain {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_vec()
    }

    fn copy(&self) -> Box<dyn Digesting> {
        Box::new(Self(self.0.box_clone()))
    }
}

struct Keyed<M>(M);

impl<M: Update + FixedOutput + Clone + 'static> Digesting for Keyed<M> {
    fn update(&mut self, bytes: &[u8]) {
        Update::update(&mut self.0, bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize_fixed().to_vec()
    }

    fn copy(&self) -> Box<dyn Digesting> {
        Box::new(Self(self.0.clone()))
    }
}

/// `{ update(bytes), digest(), copy() }` for a digest, with a key for its HMAC; undefined for an unknown digest.
fn hasher<'js>(ctx: Ctx<'js>, name: String, key: Value<'js>) -> Result<Option<Object<'js>>> {
    let key = raw::bytes(&ctx, &key)?;
    let digesting: Option<Box<dyn Digesting>> = with_digest!(name.as_str(), D => match &key {
        None => Box::new(Plain(Box::new(D::default()))) as Box<dyn Digesting>,
        Some(key) => {
            let mac = SimpleHmac::<D>::new_from_slice(key).expect("HMAC takes keys of any length");
            Box::new(Keyed(mac)) as Box<dyn Digesting>
        }
    });
    digesting.map(|digesting| handle(&ctx, digesting)).transpose()
}

fn handle<'js>(ctx: &Ctx<'js>, digesting: Box<dyn Digesting>) -> Result<Object<'js>> {
    let state = Rc::new(RefCell::new(Some(digesting)));
    let object = Object::new(ctx.clone())?;
    let updated = Rc::clone(&state);
    object.set("update", Function::new(ctx.clone(), move |ctx: Ctx<'js>, bytes: Value<'js>| update(&ctx, &updated, &bytes))?)?;
    let copied = Rc::clone(&state);
    object.set(
        "copy",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
            copied.borrow().as_ref().map(|digesting| handle(&ctx, digesting.copy())).transpose()
        })?,
    )?;
    object.set(
        "digest",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
            let digesting = state.borrow_mut().take();
            digesting.map(|digesting| TypedArray::new(ctx, digesting.finish())).transpose()
        })?,
    )?;
    Ok(object)
}

fn update<'js>(ctx: &Ctx<'js>, state: &RefCell<Option<Box<dyn Digesting>>>, bytes: &Value<'js>) -> Result<()> {
    raw::with_bytes(ctx, bytes, |bytes| {
        if let Some(digesting) = state.borrow_mut().as_mut() {
            digesting.update(bytes);
        }
    })?;
    Ok(())
}

/// Submits `work` to the pool and returns the job, or does it at once and returns the bytes.
fn run<'js>(ctx: &Ctx<'js>, on_pool: bool, modelled: u64, work: impl FnOnce() -> Vec<u8> + Send + 'static) -> Result<Value<'js>> {
    let core = Core::of(ctx);
    if on_pool {
        let job = core.event_loop.begin_request();
        core.host.submit(job, Work::Compute { modelled, run: Box::new(move || Completion::Bytes(work())) });
        return Ok(Value::new_number(ctx.clone(), job.0 as f64));
    }
    core.host.spend(modelled);
    Ok(TypedArray::new(ctx.clone(), work())?.into_value())
}

/// PBKDF2 with HMAC (RFC 8018); undefined for an unknown digest.
fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    on_pool: bool,
    digest: String,
    password: Value<'js>,
    salt: Value<'js>,
    rounds: u32,
    length: u32,
) -> Result<Option<Value<'js>>> {
    if !NAMES.contains(&digest.as_str()) {
        return Ok(None);
    }
    let password = raw::bytes(&ctx, &password)?.unwrap_or_default();
    let salt = raw::bytes(&ctx, &salt)?.unwrap_or_default();
    let blocks = u64::from(length).div_ceil(20).max(1);
    run(&ctx, on_pool, ROUND * u64::from(rounds) * blocks, move || {
        let mut key = vec![0; length as usize];
        let derived = with_digest!(digest.as_str(), D => ::pbkdf2::pbkdf2::<SimpleHmac<D>>(&password, &salt, rounds, &mut key));
        debug_assert!(matches!(derived, Some(Ok(()))), "HMAC takes passwords of any length");
        key
    })
    .map(Some)
}

/// scrypt (RFC 7914); throws a `RangeError` for parameters that it cannot have.
fn scrypt<'js>(
    ctx: Ctx<'js>,
    on_pool: bool,
    password: Value<'js>,
    salt: Value<'js>,
    length: u32,
    costs: Vec<f64>,
) -> Result<Value<'js>> {
    let password = raw::bytes(&ctx, &password)?.unwrap_or_default();
    let salt = raw::bytes(&ctx, &salt)?.unwrap_or_default();
    let [cost, block_size, parallelization] = costs[..] else { return Err(rquickjs::Error::Unknown) };
    let invalid = || Exception::throw_range(&ctx, "Invalid scrypt params");
    if cost < 2.0 || cost.log2().fract() != 0.0 {
        return Err(invalid());
    }
    let params = ::scrypt::Params::new(cost.log2() as u8, block_size as u32, parallelization as u32).map_err(|_| invalid())?;
    run(&ctx, on_pool, BLOCK * cost as u64, move || {
        let mut key = vec![0; length as usize];
        // Only an empty or gigantic key is refused; the first needs no bytes, the second has no memory.
        let _ = ::scrypt::scrypt(&password, &salt, &params, &mut key);
        key
    })
}

/// Random bytes. The host draws them when they are asked for, so that the simulated world stays reproducible.
fn random<'js>(ctx: Ctx<'js>, on_pool: bool, length: u32) -> Result<Value<'js>> {
    let mut bytes = vec![0; length as usize];
    Core::of(&ctx).host.random(&mut bytes);
    run(&ctx, on_pool, DRAW, move || bytes)
}
