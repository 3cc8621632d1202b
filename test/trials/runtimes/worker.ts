// The handler on workerd: the module that it serves.
import { createVectorCloud } from "../../../scripts/wire/vector-cloud.ts";

const cloud = createVectorCloud();

// workerd takes the default export of its module.
export default { fetch: (request: Request): Promise<Response> => cloud.fetch(request) };
