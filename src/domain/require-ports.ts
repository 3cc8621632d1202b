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

/**
 * Throws a `TypeError` that names the first option which a factory does not take. A mistyped option would be ignored in
 * silence, and its default would hold.
 *
 * @param factory the called function
 * @param known an entry for each option that the factory takes, in the order in which the error lists them
 */
export function refuseUnknownOptions<Options extends object>(
  factory: string,
  options: Options,
  known: Readonly<Record<keyof Options, unknown>>,
): void {
  const unknown = Object.keys(options).find((option) => !Object.hasOwn(known, option));
  if (unknown !== undefined) {
    throw new TypeError(
      `${factory}: there is no option \`${unknown}\`. The options are ${Object.keys(known).join(", ")}.`,
    );
  }
}

function methodsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
