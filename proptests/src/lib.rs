//! Portcullis proptests.
