/**
 * Throws a `TypeError` that names the first option which is no object with these methods. A host that plugs in the wrong
 * thing has a mistake in its program, and learns of it when it starts.
 *
 * @param factory the function that was called
 * @param methods what each option has to be able to do
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
