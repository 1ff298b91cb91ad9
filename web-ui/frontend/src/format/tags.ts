// The colour of a tag: the same wherever the tag stands, and that of its name where it is a colour's.

const NAMED: Record<string, number> = {
  red: 25,
  orange: 60,
  yellow: 95,
  green: 145,
  teal: 190,
  blue: 255,
  purple: 305,
  pink: 350,
};

/** The hue of a tag, in degrees (OKLCH). */
export function hueOf(tag: string): number {
  const named = NAMED[tag.toLowerCase()];
  if (named !== undefined) return named;
  let hash = 2_166_136_261;
  for (const sign of tag) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 16_777_619);
  // Few, far apart: close ones look the same.
  return ((hash >>> 8) % 12) * 30;
}
