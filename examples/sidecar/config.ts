import { parseInstallationId } from "unified-contributions";
import * as z from "zod";

/** Where a secret is: in a file, or in an environment variable. It never stands in the configuration itself. */
export type SecretPlace = { readonly file: string } | { readonly env: string };

// The words of each schema are the end of the sentence "… has to be".
const SECRET =
  'either { "file": "its path" } or { "env": "the name of a variable" }: no secret stands in the configuration itself';

const filled = (expected: string) => z.string({ error: expected }).min(1, { error: expected });

const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const secret = z.union(
  [
    z.strictObject({ file: filled(SECRET) }, { error: SECRET }),
    z.strictObject({ env: filled(SECRET) }, { error: SECRET }),
  ],
  { error: SECRET },
);

const HTTPS = "https:, or http: to this machine itself";

/** An address of a site: its pages begin at its root. */
const site = (example: string) => {
  const error = `the address of a site without a path (${HTTPS}), such as "${example}"`;
  return z
    .string({ error })
    .refine((given) => isSafe(given) && new URL(given).href === `${new URL(given).origin}/`, { error })
    .transform((given) => new URL(given).origin);
};

const address = (example: string) => {
  const error = `a whole address (${HTTPS}), such as "${example}"`;
  return z.string({ error }).refine(isSafe, { error });
};

const KEY_ALGORITHM = '"ed25519", "ecdsa-p256-sha256" or "rsa-pss-sha512"';
const key = {
  algorithm: z.enum(["ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512"], { error: KEY_ALGORITHM }),
  /** The key's thumbprint if left out. */
  keyId: filled("the id under which the other side knows the key").exactOptional(),
};

const PLATFORM =
  'either { "type": "github.com" } or { "type": "ghe.com", "subdomain": "the part before .ghe.com" }';
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const platform = z.union(
  [
    z.strictObject({ type: z.literal("github.com", { error: PLATFORM }) }, { error: PLATFORM }),
    z.strictObject(
      {
        type: z.literal("ghe.com", { error: PLATFORM }),
        subdomain: z.string({ error: PLATFORM }).regex(SUBDOMAIN, { error: PLATFORM }),
      },
      { error: PLATFORM },
    ),
  ],
  { error: PLATFORM },
);

const OWNERS = "a list of logins on the server, at least one";
const INSTALLATION = "the name by which the cloud knows this server, 1 to 255 characters";
const STORAGE = 'either { "folder": "its path" } or { "postgres": … }, where the address is a secret';
const ZONE = "the IANA name of a time zone, such as Europe/Berlin";

/** An object with these keys and no others. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: "an object in braces, with the keys that the README lists" });
}

/** The configuration of a sidecar. */
export const CONFIG = section({
  server: section({
    url: site("https://ghes.example"),
    token: secret,
    oauth: section({ clientId: filled("the client id of the OAuth app"), clientSecret: secret }),
    enterpriseOwners: z.array(filled(OWNERS), { error: OWNERS }).min(1, { error: OWNERS }),
    usersPerRequest: whole(1, 100).default(10),
  }),
  cloud: section({
    name: filled("the cloud's name for people, such as GitHub.com"),
    platform,
    pagesUrl: site("https://cloud.example"),
    wireUrl: address("https://cloud.example/unified-contributions"),
    installation: z
      .string({ error: INSTALLATION })
      .refine((given) => parseInstallationId(given).isOk(), { error: INSTALLATION }),
    signingKey: section({ ...key, privateKey: secret }),
    answerKeys: z.array(section({ ...key, publicKey: secret }), { error: "a list of keys" }).default([]),
    terms: section({
      areAccepted: z.boolean({ error: "true or false" }),
      url: address("https://cloud.example/terms"),
    }),
  }),
  pages: section({
    publicUrl: site("https://counts.ghes.example"),
    host: filled("the address of this machine to listen on, such as 127.0.0.1").default("127.0.0.1"),
    port: whole(0, 65_535).default(8_920),
  }),
  storage: z.union(
    [
      z.strictObject({ folder: filled(STORAGE) }, { error: STORAGE }),
      z.strictObject({ postgres: secret }, { error: STORAGE }),
    ],
    { error: STORAGE },
  ),
  sync: section({
    timeZone: z.string({ error: ZONE }).refine(isTimeZone, { error: ZONE }).default("UTC"),
    batchSize: whole(1, 1_000).default(100),
    pauseMs: whole(0, 3_600_000).default(1_000),
    leaseMs: whole(1_000, 86_400_000).default(60_000),
    sourceDeadlineMs: whole(1_000, 86_400_000).default(300_000),
  }).prefault({}),
});

/** The configuration of a sidecar, with everything that was left out filled in. */
export type Config = z.output<typeof CONFIG>;

function isSafe(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const url = new URL(given);
  const isKept = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
  return isKept && url.username === "" && url.password === "" && url.hash === "";
}

/** Whether an address leads to this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function isTimeZone(given: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: given }) !== null;
  } catch {
    return false;
  }
}
