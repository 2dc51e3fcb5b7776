import { fal } from "./fal/fal.ts";
import { mcp } from "./mcp/mcp.ts";
import { openai } from "./openai/openai.ts";
import { replicate } from "./replicate/replicate.ts";
import { sdapi } from "./sdapi/sdapi.ts";

/** Every API of others that is spoken here; a new one is a folder and a line. */
export const everyDialect = [openai, fal, replicate, mcp, sdapi];
