//! The report as a page: what it holds, how large it gets, and that nothing in it comes alive. The part that needs a browser is in
//! [`browser`].

mod browser;
mod page;
mod synthetic;
