// Time that is left, as clocks show it.

/** `ms` milliseconds as "0:07", "9:41", "2:05:10", "3 d 2:05:10"; nothing is less than "0:00". */
export function countdown(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor((whole % 86_400) / 3600)];
  const [minutes, seconds] = [Math.floor((whole % 3600) / 60), two(whole % 60)];
  if (days > 0) return `${days} d ${hours}:${two(minutes)}:${seconds}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}
