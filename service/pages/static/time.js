// Times are stored in UTC with the zone of the place, and shown in both.

const LOCAL = {
  weekday: "short", day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
};
const SHORT = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

function format(utc, zone, style) {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone ?? "UTC" }).format(new Date(utc));
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: "UTC" }).format(new Date(utc)); // unknown zone name
  }
}

export const localTime = (utc, zone) => format(utc, zone, LOCAL);
export const shortTime = (utc, zone) => format(utc, zone, SHORT);

export const secondTime = (utc, zone) => format(utc, zone, { ...SHORT, second: "2-digit" });

// On the clock of whoever looks at the page: for what happens here, not in the street.
export const viewerTime = (utc) => shortTime(utc, Intl.DateTimeFormat().resolvedOptions().timeZone);

// "2026-11-24 08:31:07.2 UTC"
export function utcTime(utc) {
  const [day, time] = new Date(utc).toISOString().split("T");
  return `${day} ${time.slice(0, 10)} UTC`;
}

// Seconds into a file as 1:02.5
export function clockOf(seconds) {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

// As evidence pictures have it (pipelines/evidence/write.py).
export function spanText(seconds) {
  if (seconds < 120) return `${seconds.toFixed(1)}\u00a0s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)}\u00a0min` : `${Math.round(seconds / 3600)}\u00a0h`;
}

export function signedSeconds(seconds) {
  const sign = seconds < 0 ? "−" : "+";
  return `${sign}${Math.abs(seconds).toFixed(1)} s`;
}
