export { type ClientOptions, createClient, type GlassworksClient } from "./client.ts";
export { type FieldProblem, GlassworksApiError } from "./errors/GlassworksApiError.ts";
export { GlassworksConnectionError } from "./errors/GlassworksConnectionError.ts";
export type { FollowOptions } from "./events/followJob.ts";
export { isEnded } from "./events/isEnded.ts";
export type { WaitOptions } from "./events/waitForJob.ts";
export type { DownloadedImage, DownloadOptions } from "./resources/images.ts";
export type { ListJobsOptions } from "./resources/jobs.ts";
export type * from "./types.ts";
