/** Throws a `TypeError` that names the option, unless it is a whole number of seconds within these bounds. */
export function requireSeconds(
  factory: string,
  option: string,
  value: number,
  least: number,
  most: number,
): void {
  if (!(Number.isSafeInteger(value) && value >= least && value <= most))
    throw new TypeError(`${factory}: \`${option}\` has to be a whole number from ${least} to ${most}.`);
}
