// A quick hand-written replacement for `transitionSettings`. It is a switch over the same states and commands that
// refuses the same ones and returns neverthrow's `ok` of the same small object. States and result are the library's
// own. Settings need all of them, and every machine with objects of several shapes pays for that. It leaves out the
// audit entry and the messages of the refusals.
import { err, ok, type Result } from "unified-contributions";
import type {
  Platform,
  Settings,
  SettingsCommand,
  SettingsRefusal,
  SettingsTransition,
} from "unified-contributions/ghes";

type CommandOf<Type extends SettingsCommand["type"]> = Extract<SettingsCommand, { type: Type }>;
type Bare = Result<SettingsTransition, Pick<SettingsRefusal, "type">>;

/** The next state, or why there is none. */
export function bareTransition(settings: Settings, command: SettingsCommand): Bare {
  if (!command.by.isEnterpriseOwner) return refuse("not-enterprise-owner");
  switch (command.type) {
    case "connect":
      return connect(settings, command);
    case "disconnect":
      return next({ status: "disconnected", connectionOrdinal: settings.connectionOrdinal });
    case "enable":
      return enable(settings, command);
    case "disable": {
      if (settings.status !== "enabled") return next(settings);
      const { connectionOrdinal, platform } = settings;
      const disabled = { at: command.at, by: command.by.userId };
      return next({ status: "disabled", connectionOrdinal, platform, disabled });
    }
  }
}

function connect(settings: Settings, command: CommandOf<"connect">): Bare {
  if (!command.isCloudOwner) return refuse("not-cloud-owner");
  if (settings.status === "disconnected") {
    const connectionOrdinal = settings.connectionOrdinal + 1;
    return next({ status: "disabled", connectionOrdinal, platform: command.platform, disabled: null });
  }
  return isSame(settings.platform, command.platform) ? next(settings) : refuse("connected-elsewhere");
}

function enable(settings: Settings, command: CommandOf<"enable">): Bare {
  switch (settings.status) {
    case "disconnected":
      return refuse("github-connect-disabled");
    case "enabled":
      return next(settings);
    case "disabled": {
      if (!command.terms.isAccepted) return refuse("terms-not-accepted");
      const { connectionOrdinal, platform } = settings;
      const { at, by } = command;
      return next({
        status: "enabled",
        connectionOrdinal,
        platform,
        enabledAt: at,
        enabledBy: by.userId,
        askedAfter: null,
        epoch: null,
      });
    }
  }
}

function next(settings: Settings): Bare {
  return ok({ settings, audit: null });
}

function refuse(type: SettingsRefusal["type"]): Bare {
  return err({ type });
}

/** Whether two platforms are the same. */
function isSame(a: Platform, b: Platform): boolean {
  return a.type === "github.com"
    ? b.type === "github.com"
    : b.type === "ghe.com" && a.subdomain === b.subdomain;
}
