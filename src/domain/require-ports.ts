/**
 * Throws a `TypeError` that names the first option which lacks one of its methods.
 *
 * A host that plugs in the wrong object has a mistake in its program, and learns of it at startup.
 *
 * @param factory the function that was called
 * @param methods the methods that each option must have
 */
export function requirePorts(
  factory: string,
  options: unknown,
  methods: Readonly<Record<string, readonly string[]>>,
): void {
  const given = methodsOf(options);
  for (const [option, names] of Object.entries(methods)) {
    const plug = methodsOf(given[option]);
    const missing = names.find((name) => typeof plug[name] !== "function");
    if (missing !== undefined)
      throw new TypeError(`${factory}: \`${option}\` has to have the method \`${missing}\`.`);
  }
}

function methodsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
