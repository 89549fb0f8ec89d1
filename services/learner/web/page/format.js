// Numbers as people read them, and elements.

/** About three significant digits; a dash while unknown. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6 || size < 1e-3) return Number(value.toPrecision(3)).toExponential().replace('e+', 'e');
  if (size >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

/** 950, 12.3k, 1.2M; rounded down, so that the end is never shown before it is reached. */
export function count(value) {
  if (value === null || value === undefined) return '–';
  if (value >= 1e9) return `${Math.floor(value / 1e7) / 100}G`;
  if (value >= 1e6) return `${Math.floor(value / 1e4) / 100}M`;
  if (value >= 1e4) return `${Math.floor(value / 100) / 10}k`;
  return String(Math.floor(value));
}

/** Bytes in powers of 1024. */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${number(value)} ${units[unit]}`;
}

/** 2d 3h, 1h 05m, 4m 10s, 9s. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const [d, h, m, s] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (part) => String(part).padStart(2, '0');
  return d > 0 ? `${d}d ${h}h` : h > 0 ? `${h}h ${two(m)}m` : m > 0 ? `${m}m ${two(s)}s` : `${s}s`;
}

/** Short times: 12 µs, 3.4 ms, 1.2 s. */
export function time(seconds) {
  return seconds < 1e-3 ? `${number(seconds * 1e6)} µs` : seconds < 1 ? `${number(seconds * 1e3)} ms` : `${number(seconds)} s`;
}

/** An element with properties (attributes where there is no such property) and children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
