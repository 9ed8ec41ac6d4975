//! Animations against what they were made of, and against another reader.
