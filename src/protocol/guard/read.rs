//! Reading lib0's primitives from bytes that anybody may have sent: every length is held against the bytes left.

use yrs::Any;

use super::Malformed;
use crate::limits::VALUE_DEPTH;

/// Clocks stay below this, so that yrs may subtract them as `i32`.
pub(super) const CLOCK_END: u64 = 1 << 31;

/// Client ids, as all integers, are such that a JavaScript number holds exactly.
const INTEGER_END: u64 = 1 << 53;

/// The result of reading something.
pub(super) type Read<T> = Result<T, Malformed>;

/// The id of one element: a client and its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id {
    pub client: u64,
    pub clock: u32,
}

/// A place in the bytes of an update. It moves forward only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// The same bytes from another offset, one that a reader of them has been at.
    pub fn at(bytes: &'a [u8], offset: usize) -> Reader<'a> {
        Reader { bytes, at: offset }
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The bytes read since an earlier offset.
    pub fn since(&self, offset: usize) -> &'a [u8] {
        &self.bytes[offset..self.at]
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// A refusal of what was just read.
    pub fn refuse<T>(&self, reason: &'static str) -> Read<T> {
        Err(self.malformed(reason))
    }

    pub fn malformed(&self, reason: &'static str) -> Malformed {
        Malformed { offset: self.at, reason }
    }

    pub fn end(&self) -> Read<()> {
        if self.left() == 0 { Ok(()) } else { self.refuse("bytes after the end of the update") }
    }

    #[inline]
    pub fn byte(&mut self) -> Read<u8> {
        match self.bytes.get(self.at) {
            Some(&byte) => {
                self.at += 1;
                Ok(byte)
            }
            None => self.refuse("the update ends early"),
        }
    }

    fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        if len > self.left() {
            return self.refuse("a length reaches past the end");
        }
        let taken = &self.bytes[self.at..self.at + len];
        self.at += len;
        Ok(taken)
    }

    /// A varUint below `end`, in its shortest form. lib0 writes no other, and readers disagree about what longer
    /// ones mean: yrs lets the high bits wrap around onto the low ones.
    #[inline(always)]
    fn var_below(&mut self, end: u64) -> Read<u64> {
        // Most of a guard's time goes by here: one look at eight bytes, for clocks and client ids have no more than five.
        if let Some(&word) = self.bytes[self.at..].first_chunk() {
            let word = u64::from_le_bytes(word);
            let seven = |n: u32| word >> n & 0x7f << (7 * n);
            let goes_on = |n: u32| word & 0x80 << (8 * n) != 0;
            let (value, len, least) = if !goes_on(0) {
                (seven(0), 1, 0)
            } else if !goes_on(1) {
                (seven(0) | seven(1), 2, 1 << 7)
            } else if !goes_on(2) {
                (seven(0) | seven(1) | seven(2), 3, 1 << 14)
            } else if !goes_on(3) {
                (seven(0) | seven(1) | seven(2) | seven(3), 4, 1 << 21)
            } else if !goes_on(4) {
                (seven(0) | seven(1) | seven(2) | seven(3) | seven(4), 5, 1 << 28)
            } else {
                return self.long_var_below(end);
            };
            if value >= least && value < end {
                self.at += len;
                return Ok(value);
            }
        }
        self.long_var_below(end)
    }

    /// The same byte by byte: for longer numbers, for the last bytes of an update, and to say why one is refused.
    #[inline(never)]
    fn long_var_below(&mut self, end: u64) -> Read<u64> {
        let first = self.byte()?;
        if first < 0x80 {
            return if u64::from(first) < end {
                Ok(first.into())
            } else {
                self.refuse("a number is too large")
            };
        }
        let mut value = u64::from(first & 0x7f);
        for shift in (7..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return match (byte, value < end) {
                    (0, _) => self.refuse("a number is longer than it needs to be"),
                    (_, false) => self.refuse("a number is too large"),
                    _ => Ok(value),
                };
            }
        }
        self.refuse("a number is too large")
    }

    #[inline]
    pub fn client(&mut self) -> Read<u64> {
        self.var_below(INTEGER_END)
    }

    #[inline]
    pub fn clock(&mut self) -> Read<u32> {
        Ok(self.var_below(CLOCK_END)? as u32)
    }

    /// The length of a struct or a range: at least one.
    #[inline]
    pub fn len(&mut self) -> Read<u32> {
        match self.clock()? {
            0 => self.refuse("nothing has no place in an update"),
            len => Ok(len),
        }
    }

    #[inline(always)]
    pub fn id(&mut self) -> Read<Id> {
        Ok(Id { client: self.client()?, clock: self.clock()? })
    }

    /// How many things follow, each of them at least `min_bytes` long.
    pub fn count(&mut self, min_bytes: usize) -> Read<usize> {
        let count = self.clock()? as usize;
        if count > self.left() / min_bytes {
            return self.refuse("a count is larger than the bytes left allow");
        }
        Ok(count)
    }

    pub fn flag(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => self.refuse("a flag is neither 0 nor 1"),
        }
    }

    #[inline]
    pub fn buffer(&mut self) -> Read<&'a [u8]> {
        let len = self.clock()? as usize;
        self.take(len)
    }

    pub fn string(&mut self) -> Read<&'a str> {
        let bytes = self.buffer()?;
        std::str::from_utf8(bytes).or_else(|_| self.refuse("a string is not UTF-8"))
    }

    /// Length of a string in UTF-16 code units, which is what clocks count.
    #[inline]
    pub fn text_len(&mut self) -> Read<u32> {
        let bytes = self.buffer()?;
        if bytes.is_ascii() {
            return Ok(bytes.len() as u32);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.bytes().map(|b| u32::from(b & 0xc0 != 0x80) + u32::from(b >= 0xf0)).sum()),
            Err(_) => self.refuse("a string is not UTF-8"),
        }
    }

    /// A string that holds JSON. The judge is the parser that reads it next, yrs'.
    pub fn json(&mut self) -> Read<()> {
        let text = self.string()?;
        if matches!(text, "true" | "false" | "null") {
            return Ok(());
        }
        if json_depth(text) > VALUE_DEPTH {
            return self.refuse("JSON is nested too deeply");
        }
        match Any::from_json(text) {
            Ok(_) => Ok(()),
            Err(_) => self.refuse("a string is not JSON"),
        }
    }

    /// A lib0 "any" value.
    pub fn any(&mut self, depth: usize) -> Read<()> {
        if depth > VALUE_DEPTH {
            return self.refuse("a value is nested too deeply");
        }
        match self.byte()? {
            127 | 126 | 121 | 120 => {}
            125 => self.integer()?,
            124 => drop(self.take(4)?),
            123 | 122 => drop(self.take(8)?),
            119 => drop(self.string()?),
            118 => {
                for _ in 0..self.count(2)? {
                    self.string()?;
                    self.any(depth + 1)?;
                }
            }
            117 => {
                for _ in 0..self.count(1)? {
                    self.any(depth + 1)?;
                }
            }
            116 => drop(self.buffer()?),
            _ => return self.refuse("a value of an unknown type"),
        }
        Ok(())
    }

    /// A signed varInt: the first byte holds a sign and six bits. Beyond what a JavaScript number holds exactly, Yjs
    /// reads another number than yrs.
    fn integer(&mut self) -> Read<()> {
        let first = self.byte()?;
        let (mut magnitude, mut more) = (u64::from(first & 0x3f), first >= 0x80);
        for shift in (6..55).step_by(7) {
            if !more {
                break;
            }
            let byte = self.byte()?;
            magnitude |= u64::from(byte & 0x7f) << shift;
            more = byte >= 0x80;
        }
        if !more && magnitude < INTEGER_END { Ok(()) } else { self.refuse("a number is too large") }
    }
}

/// Deepest bracket of a JSON text, strings left out.
pub(in crate::protocol) fn json_depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(Reader::new(&[0x80, 0x01]).clock(), Ok(128));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x07]).clock(), Ok((CLOCK_END - 1) as u32));
        for bad in [&[0x80, 0x00][..], &[0x80, 0x80, 0x80, 0x80, 0x08], &[0xff; 12], &[0x80], &[]] {
            assert!(Reader::new(bad).clock().is_err(), "{bad:?}");
        }
        let largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(Reader::new(&largest).client(), Ok(INTEGER_END - 1));
    }

    /// Whether other bytes follow makes no difference.
    #[test]
    fn numbers_are_the_same_at_the_end_and_before_it() {
        for bits in 0..64 {
            for value in [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1] {
                for spare in 0..3 {
                    let mut bytes: Vec<u8> =
                        (0..10).map(|at| (value >> (7 * at).min(63)) as u8 & 0x7f | 0x80).collect();
                    let shortest = (0..10).rposition(|at| bytes[at] != 0x80).unwrap_or(0) + 1;
                    bytes.truncate((shortest + spare).min(10));
                    *bytes.last_mut().expect("there is one") &= 0x7f;
                    let last = Reader::new(&bytes).client();
                    assert_eq!(last.is_ok(), spare == 0 && value < INTEGER_END, "{value} in {bytes:?}");
                    assert_eq!(last.unwrap_or(value), value);
                    for after in [0, 0xff] {
                        let more = [&bytes[..], &[after; 8]].concat();
                        let mut r = Reader::new(&more);
                        assert_eq!(r.client(), last, "{bytes:?} before {after}");
                        assert!(last.is_err() || r.offset() == bytes.len());
                    }
                }
            }
        }
    }

    #[test]
    fn integers_are_what_javascript_holds_exactly() {
        let any = |bytes: &[u8]| Reader::new(&[&[125], bytes].concat()).any(0);
        let largest = [0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f];
        for good in [&[0x3f][..], &[0x7f], &[0x80, 0x01], &largest] {
            assert_eq!(any(good), Ok(()), "{good:?}");
        }
        let beyond = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
        for bad in [&[0x80][..], &beyond, &[0xff; 7], &[0xff; 9]] {
            assert!(any(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn counts_are_bounded_by_the_bytes_left() {
        assert_eq!(Reader::new(&[2, 0, 0, 0, 0]).count(2), Ok(2));
        assert!(Reader::new(&[3, 0, 0, 0, 0]).count(2).is_err());
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth| [[117, 1].repeat(depth), vec![126]].concat();
        assert!(Reader::new(&nested(VALUE_DEPTH)).any(0).is_ok());
        assert!(Reader::new(&nested(VALUE_DEPTH + 1)).any(0).is_err());
        assert_eq!(json_depth(r#"{"[[[\"[": [1, {}]}"#), 3);
    }
}
