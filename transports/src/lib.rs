//! Portcullis transports.
