/**
 * A source of contributions over the GraphQL API of a GitHub Enterprise Server, for a host that is not the server.
 *
 * docs/github-graphql.md says which token it needs, and what each kind of token sees.
 *
 * @packageDocumentation
 */

export { createGithubGraphqlSource, type GithubGraphqlSourceOptions } from "./source.ts";
