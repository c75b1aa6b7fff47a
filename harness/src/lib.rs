//! Lockstep: does a JavaScript runtime order, block and push back exactly as the rules say?
//!
//! Data flows one way through five floors; a module imports only what stands below it:
//!
//! | floor | modules | what they know |
//! | --- | --- | --- |
//! | 1 | [`trace`], [`process`] | the trace-expression language; one operating-system process and its hygiene |
//! | 2 | [`suite`] | what is on disk: cases, expectations, deviations, selection, lint |
//! | 3 | [`adapter`], [`result`] | how a runtime is found and started; what a run found |
//! | 4 | [`run`], [`report`], [`gate`], [`narrow`], [`doctor`] | executing and judging; showing; the exit code; searching for where a difference begins; calibrating an unknown runtime |
//! | 5 | [`command`], `main` | the command line |

pub mod adapter;
pub mod command;
pub mod doctor;
pub mod gate;
pub mod narrow;
pub mod process;
pub mod report;
pub mod result;
pub mod run;
pub mod suite;
pub mod trace;
