// Sizes and counts as people read them.
import { count } from '../texts/counts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1536` as "1.5 KiB": three digits at the most, bytes exact. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** The bytes that a text such as "500MB", "1.5 GiB" or "4096" names; null for any other. */
export function parseSize(text: string): number | null {
  const [, number, prefix = '', binary] = /^(\d+(?:\.\d+)?)\s*(?:([kmgt]?)(i?)b)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) return null;
  const power = ['', 'k', 'm', 'g', 't'].indexOf(prefix.toLowerCase());
  return Math.round(Number(number) * (binary ? 1024 : 1000) ** power);
}

/** `12345` as "12 345", with thin spaces. */
export { count };
