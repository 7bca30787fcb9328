//! HTML face: French pages over the same actions as the API.
