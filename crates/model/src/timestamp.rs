//! Instants with the offset they were written in, and their calendar.

/// A calendar date of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year, 1 to 9999.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day, 1 to 31.
    pub day: u32,
}

impl Date {
    /// A date that exists.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        let fits = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        fits.then_some(Date { year, month, day })
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i64 {
        // Years begin in March, so that the leap day is the last day of its year.
        let year = self.year as i64 - (self.month <= 2) as i64;
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (self.month as i64 + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + self.day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The date so many days after 1970-01-01.
    pub fn from_days(days: i64) -> Date {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date {
            year: year as i32,
            month: month as u32,
            day: day as u32,
        }
    }

    /// Day of the week, Monday is 0.
    pub fn weekday(self) -> u32 {
        (self.days() + 3).rem_euclid(7) as u32
    }

    /// Day of the year, 1 to 366.
    pub fn day_of_year(self) -> u32 {
        let first = Date {
            month: 1,
            day: 1,
            ..self
        };
        (self.days() - first.days()) as u32 + 1
    }

    /// Week of the year as C's `%W` counts: weeks begin on Monday, days before the first Monday
    /// are week 0.
    pub fn monday_week(self) -> u32 {
        (self.day_of_year() + 6 - self.weekday()) / 7
    }
}

/// Days of a month.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

const FIRST_DAY: i64 = Date::days(Date {
    year: 1,
    month: 1,
    day: 1,
});
const LAST_DAY: i64 = Date::days(Date {
    year: 9999,
    month: 12,
    day: 31,
});

/// An instant to the microsecond, with the offset in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    micros: i64,
    offset_seconds: i32,
}

impl Timestamp {
    /// An instant from microseconds since 1970-01-01 UTC; `None` outside the years 1 to 9999.
    pub fn from_micros(micros: i64, offset_seconds: i32) -> Option<Timestamp> {
        let instant = Timestamp {
            micros,
            offset_seconds,
        };
        (FIRST_DAY..=LAST_DAY)
            .contains(&instant.day())
            .then_some(instant)
    }

    /// An instant from what clock and calendar show at the offset.
    pub fn from_local(date: Date, micros_of_day: i64, offset_seconds: i32) -> Option<Timestamp> {
        let local = date.days() * MICROS_PER_DAY + micros_of_day;
        Self::from_micros(
            local - i64::from(offset_seconds) * 1_000_000,
            offset_seconds,
        )
    }

    /// Microseconds since 1970-01-01 UTC.
    pub fn micros(self) -> i64 {
        self.micros
    }

    /// Milliseconds since 1970-01-01 UTC, rounded down.
    pub fn millis(self) -> i64 {
        self.micros.div_euclid(1000)
    }

    /// The same instant shown at another offset.
    pub fn at_offset(self, offset_seconds: i32) -> Timestamp {
        Timestamp {
            offset_seconds,
            ..self
        }
    }

    /// The calendar date at the offset.
    pub fn date(self) -> Date {
        Date::from_days(self.day())
    }

    /// Days from 1970-01-01 to the calendar date at the offset.
    pub fn day(self) -> i64 {
        self.local_micros().div_euclid(MICROS_PER_DAY)
    }

    fn local_micros(self) -> i64 {
        self.micros + i64::from(self.offset_seconds) * 1_000_000
    }

    /// The instant as `YYYY-MM-DDTHH:MM:SS[.ffffff]±HH:MM[:SS]`; the fraction only when there is
    /// one.
    pub fn iso8601(self) -> Iso8601 {
        self.iso8601_after(&mut LastDay::default())
    }

    /// The same for one of many instants, most of which lie in the same day as the one before.
    pub fn iso8601_after(self, last: &mut LastDay) -> Iso8601 {
        let of_day = self.local_micros().rem_euclid(MICROS_PER_DAY);
        let seconds = (of_day / 1_000_000) as u32;
        let micros = (of_day % 1_000_000) as u32;
        let [h1, h2] = pair(seconds / 3600);
        let [[i1, i2], [s1, s2]] = [pair(seconds / 60 % 60), pair(seconds % 60)];
        let mut text = Iso8601 {
            text: [b'0'; MAX_ISO8601],
            length: 0,
        };
        // Nearly all are `YYYY-MM-DDTHH:MM:SS+00:00`, of which each half is put together at once.
        text.push(last.date(self.day()));
        text.push([b'T', h1, h2, b':', i1, i2, b':', s1, s2]);
        if micros != 0 {
            text.push(marked(b'.', micros / 10_000));
            text.push(pair(micros / 100 % 100));
            text.push(pair(micros % 100));
        }
        if self.offset_seconds == 0 {
            text.push(*b"+00:00");
            return text;
        }
        let offset = self.offset_seconds.unsigned_abs();
        let sign = if self.offset_seconds < 0 { b'-' } else { b'+' };
        text.push(marked(sign, offset / 3600));
        text.push(marked(b':', offset / 60 % 60));
        if !offset.is_multiple_of(60) {
            text.push(marked(b':', offset % 60));
        }
        text
    }

    /// The text of [`Timestamp::iso8601`].
    pub fn to_iso8601(self) -> String {
        self.iso8601().as_str().to_owned()
    }
}

/// The day of the instant that was written last, and its date as text.
#[derive(Debug, Clone, Default)]
pub struct LastDay(Option<(i64, [u8; 10])>);

impl LastDay {
    fn date(&mut self, day: i64) -> [u8; 10] {
        match self.0 {
            Some((last, date)) if last == day => date,
            _ => {
                let date = date_text(Date::from_days(day));
                self.0 = Some((day, date));
                date
            }
        }
    }
}

/// A date as `YYYY-MM-DD`.
fn date_text(date: Date) -> [u8; 10] {
    let year = date.year as u32;
    let [[y1, y2], [y3, y4]] = [pair(year / 100), pair(year % 100)];
    let [[m1, m2], [d1, d2]] = [pair(date.month), pair(date.day)];
    [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]
}

/// Bytes of the longest text of an instant.
const MAX_ISO8601: usize = "YYYY-MM-DDTHH:MM:SS.ffffff+HH:MM:SS".len();

/// The text of an instant. Every record has one, so it needs no memory of its own.
#[derive(Debug, Clone, Copy)]
pub struct Iso8601 {
    text: [u8; MAX_ISO8601],
    length: usize,
}

impl Iso8601 {
    /// The text.
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..self.length).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }

    fn push<const N: usize>(&mut self, part: [u8; N]) {
        if let Some(place) = self.text.get_mut(self.length..self.length + N) {
            place.copy_from_slice(&part);
            self.length += N;
        }
    }
}

/// Two digits of a number below 100.
fn pair(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

/// A character and two digits of a number below 100.
fn marked(mark: u8, number: u32) -> [u8; 3] {
    let [tens, ones] = pair(number);
    [mark, tens, ones]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_over_the_whole_calendar() {
        let mut date = Date::new(1, 1, 1).unwrap();
        for days in date.days()..=Date::new(9999, 12, 31).unwrap().days() {
            assert_eq!(Date::from_days(days), date);
            assert_eq!(date.days(), days);
            date = Date::new(date.year, date.month, date.day + 1)
                .or_else(|| Date::new(date.year, date.month + 1, 1))
                .or_else(|| Date::new(date.year + 1, 1, 1))
                .unwrap_or(date);
        }
    }

    #[test]
    fn shows_the_offset_it_came_with() {
        let mut last = LastDay::default();
        for (micros, offset, expected) in [
            (0, 0, "1970-01-01T00:00:00+00:00"),
            (-1, 0, "1969-12-31T23:59:59.999999+00:00"),
            (
                1_718_454_896_789_012,
                9 * 3600,
                "2024-06-15T21:34:56.789012+09:00",
            ),
            (0, -12_600, "1969-12-31T20:30:00-03:30"),
            (0, 3_661, "1970-01-01T01:01:01+01:01:01"),
        ] {
            let instant = Timestamp::from_micros(micros, offset).unwrap();
            assert_eq!(instant.to_iso8601(), expected);
            // The first time the day before is another one, the second time it is the same.
            for _ in 0..2 {
                assert_eq!(instant.iso8601_after(&mut last).as_str(), expected);
            }
        }
        assert_eq!(Timestamp::from_micros(i64::MAX / 2, 0), None);
    }

    #[test]
    fn weeks_before_the_first_monday_are_week_zero() {
        for (year, month, day, week) in [
            (2023, 1, 1, 0),
            (2023, 1, 2, 1),
            (2024, 1, 1, 1),
            (2024, 12, 31, 53),
        ] {
            assert_eq!(Date::new(year, month, day).unwrap().monday_week(), week);
        }
    }
}
