// A TypeDoc plugin. A type that is listed as `inlinedTypes` has no name on a subpath of the package: the documentation
// spells it out at every place that mentions it, as its tag `@inline` would.
import { Converter, ParameterType } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.options.addDeclaration({
    name: "inlinedTypes",
    help: "The names of types that are spelled out at each reference.",
    type: ParameterType.Array,
  });
  app.converter.on(Converter.EVENT_BEGIN, (context) => {
    for (const name of /** @type {string[]} */ (app.options.getValue("inlinedTypes")))
      context.inlineType.add(name);
  });
}
