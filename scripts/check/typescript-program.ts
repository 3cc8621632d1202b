import { resolve } from "node:path";
import ts from "typescript";

/** Returns the TypeScript program of a configuration file; throws if the file cannot be read. */
export function loadProgram(configFile: string): ts.Program {
  const { options, fileNames } = loadConfig(configFile);
  return ts.createProgram(fileNames, options);
}

/** Returns the compiler options and the files of a configuration file; throws if it cannot be read. */
export function loadConfig(configFile: string): ts.ParsedCommandLine {
  const parsed = ts.getParsedCommandLineOfConfigFile(resolve(configFile), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
    },
  });
  if (parsed === undefined) throw new Error(`cannot read ${configFile}`);
  return parsed;
}
