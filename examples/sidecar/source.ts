import { okAsync, type ResultAsync, type UserId } from "unified-contributions";
import { createGithubGraphqlSource } from "unified-contributions/adapters/github-graphql";
import type { ContributionSource, SourceFault, UserContributions } from "unified-contributions/ghes";
import { askForLogins, type GraphqlApi } from "./logins.ts";
import type { Users } from "./users.ts";

/** The settings of a sidecar's source. */
export interface ServerSourceOptions extends GraphqlApi {
  readonly users: Users;
  readonly usersPerRequest: number;
}

const NOT_SHOWN: SourceFault = {
  type: "source-fault",
  message:
    "The server shows no such user: they are suspended, or their account was deleted. End their link with --end-suspended or --end-deleted.",
};
const UNREAD: SourceFault = {
  type: "source-fault",
  message: "The table of users cannot be read now: check that the database can be reached.",
};

/** The counts of the server's users, each under the login that they have at this moment. */
export function createServerSource(options: ServerSourceOptions): ContributionSource {
  const { users, usersPerRequest, ...api } = options;
  const logins = new Map<UserId, string>();
  const counts = createGithubGraphqlSource({
    ...api,
    usersPerRequest,
    loginOf: (user) => logins.get(user) ?? null,
  });

  function readShown(
    asked: readonly UserId[],
    shown: ReadonlyMap<UserId, string>,
    request: Parameters<ContributionSource["read"]>[0],
  ): ResultAsync<ReadonlyMap<UserId, UserContributions>, SourceFault> {
    for (const [user, login] of shown) logins.set(user, login);
    const found = asked.filter((user) => shown.has(user));
    const read = found.length > 0 ? counts.read({ ...request, users: found }) : okAsync(new Map());
    return read.map((entries) => new Map(asked.map((user) => [user, entries.get(user) ?? NOT_SHOWN])));
  }

  return {
    read: (request) =>
      users
        .nodeIds(request.users)
        .mapErr(() => UNREAD)
        .andThen((nodeIds) => askForLogins([...nodeIds.values()], request.signal, api))
        .andThen((shown) => readShown(request.users, shown, request)),
  };
}
