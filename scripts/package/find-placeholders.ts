/** The fields of a manifest that say where the project lives. npm's page leads the README's relative links there. */
export interface Whereabouts {
  readonly homepage?: string;
  readonly bugs?: string;
  readonly repository?: { readonly url: string };
}

/** The domain in `package.json` until the package is published. RFC 2606 reserves it, so it has no owner. */
const PLACEHOLDER = /^(?:git\+)?https:\/\/example\.invalid\//;

/** Returns one line for each address that a publisher has to fill in. */
export function findPlaceholders({ homepage, bugs, repository }: Whereabouts): readonly string[] {
  return Object.entries({ homepage, bugs, "repository.url": repository?.url })
    .filter(([, address]) => address === undefined || PLACEHOLDER.test(address))
    .map(([field]) => `package.json: put the address of your own repository into "${field}"`);
}
